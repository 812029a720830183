// The race: bars that grow and overtake one another, step by step. The data stands in the page; nothing is fetched.
// Paused at the end until somebody plays it. Names are strangers' text: they only ever become text nodes.
(function () {
  "use strict";
  const WHOLE_RACE_MS = 20000, SLOWEST_MS = 1200, FASTEST_MS = 160;
  const whole = (n) => n.toLocaleString("en-US", { maximumFractionDigits: 0 });

  function make(tag, className, ...inside) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...inside);
    return made;
  }

  function Race(place) {
    const { names, labels, first } = JSON.parse(place.querySelector("script[type='application/json']").textContent);
    const stage = place.querySelector(".race"), said = place.querySelector("[role=status]"), unit = place.dataset.unit;
    const tools = place.querySelector(".race-tools"), slider = tools.querySelector("input"), shown = tools.querySelector("output");
    const button = tools.querySelector("[data-play]"), word = button.querySelector("span"), sign = button.querySelector("path");
    const every = Math.min(SLOWEST_MS, Math.max(FASTEST_MS, WHOLE_RACE_MS / labels.length));
    const bars = new Map();
    let clock = null;

    function bar(n) {
      if (bars.has(n)) return bars.get(n);
      const rank = make("b", ""), value = make("span", "value");
      const fill = make("i", "amount h" + (n % 6)), track = make("span", "track", fill, value);
      const row = make("div", "row", rank, make("bdi", "", names[n]), track);
      const made = { row, rank, value, fill };
      row.style.setProperty("--place", stage.dataset.rows);
      stage.append(row);
      row.getBoundingClientRect(); // it comes in from below, so it has to stand there first
      bars.set(n, made);
      return made;
    }
    function show(step) {
      const now = first[step], most = now[0][1], here = new Set();
      now.forEach(([n, score], at) => {
        const drawn = bar(n), rank = now.findIndex(([, other]) => other === score) + 1;
        here.add(n);
        drawn.rank.textContent = rank;
        drawn.value.textContent = whole(score);
        drawn.fill.style.width = (score / most) * 100 + "%";
        drawn.row.style.setProperty("--place", at);
        drawn.row.classList.remove("away");
      });
      for (const [n, drawn] of bars) {
        if (here.has(n)) continue;
        drawn.row.classList.add("away");
        drawn.row.style.setProperty("--place", stage.dataset.rows);
      }
      slider.value = step;
      slider.setAttribute("aria-valuetext", labels[step]);
      shown.textContent = labels[step];
      if (clock === null) say(step);
    }
    // In words for who hears the page, but not while it plays: that would be a torrent.
    function say(step) {
      said.textContent = labels[step] + ": " + first[step].slice(0, 5).map(([n, score], at) =>
        at + 1 + " " + names[n] + " with " + whole(score) + " " + unit).join(", ") + ".";
    }
    function pause() {
      clearInterval(clock);
      clock = null;
      word.textContent = "Play";
      sign.setAttribute("d", "M6 3.5v17L20.5 12z");
    }
    function play() {
      if (Number(slider.value) >= labels.length - 1) show(0);
      word.textContent = "Pause";
      sign.setAttribute("d", "M5 4h5v16H5zm9 0h5v16h-5z");
      clock = setInterval(() => {
        const next = Number(slider.value) + 1;
        if (next >= labels.length - 1) pause();
        show(Math.min(next, labels.length - 1));
      }, every);
    }
    button.onclick = () => {
      if (clock === null) return play();
      pause();
      say(Number(slider.value));
    };
    slider.oninput = () => { pause(); show(Number(slider.value)); };
    stage.dataset.rows = Math.max(...first.map((entries) => entries.length));
    stage.style.setProperty("--rows", stage.dataset.rows);
    stage.style.setProperty("--step", Math.round(every) + "ms");
    tools.hidden = labels.length < 2;
    show(labels.length - 1);
    said.textContent = ""; // nothing has happened yet
    requestAnimationFrame(() => requestAnimationFrame(() => stage.classList.add("moves")));
  }
  document.querySelectorAll("[data-race]").forEach(Race);
})();
