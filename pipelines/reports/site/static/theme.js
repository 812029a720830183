// Light or dark, as the reader chose last; before the page is drawn, so that it does not flash. Not here: the button.
(function () {
  "use strict";
  try {
    var chosen = localStorage.getItem("podium-theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch (fault) { /* a browser that keeps nothing: the system's choice stands */ }
})();
