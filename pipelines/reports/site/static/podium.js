// What moves on every page: names are found, small tables sorted, colours chosen, charts drawn. No library, and no
// request: data comes as scripts beside the page, which call `podium.take`. Names are strangers' text: they only ever
// become text nodes. Not here: large tables (grids.js), the race (race.js).
(function () {
  "use strict";
  const ROOT = document.body.dataset.root;
  const waiting = new Map(), taken = new Map();

  // --- data from files ------------------------------------------------------------------------------------------
  function take(key, value) {
    taken.set(key, value);
    for (const done of waiting.get(key) || []) done(value);
    waiting.delete(key);
  }
  function load(key, file) {
    return new Promise((done, failed) => {
      if (taken.has(key)) return done(taken.get(key));
      if (waiting.has(key)) return void waiting.get(key).push(done);
      waiting.set(key, [done]);
      const script = document.createElement("script");
      script.src = ROOT + file;
      script.onerror = () => { waiting.delete(key); failed(new Error(file)); };
      document.head.append(script);
    });
  }

  // --- shared with the other scripts --------------------------------------------------------------------------------
  function make(tag, className, ...inside) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...inside);
    return made;
  }
  const fold = (text) => text.normalize("NFKC").toLowerCase().trim();
  function compare(a, b, down) {
    if (a === null || b === null) return (a === null) - (b === null); // what is not known stands last, either way
    const sign = typeof a === "string" ? (a < b ? -1 : a > b ? 1 : 0) : a - b;
    return down ? -sign : sign;
  }
  const all = (selector, begin) => document.querySelectorAll(selector).forEach((place) => begin(place));
  window.podium = { take, load, make, fold, compare, all };

  // --- small tables that stand in the page: a click on a heading sorts them ------------------------------------------
  function Sortable(table) {
    table.querySelectorAll("thead th").forEach((cell, n) => {
      if (!cell.textContent.trim()) return;
      const button = make("button", "", ...cell.childNodes);
      button.type = "button";
      cell.replaceChildren(button);
      button.onclick = () => {
        const text = table.tBodies[0].rows[0]?.cells[n]?.dataset.v === undefined;
        const down = cell.ariaSort ? cell.ariaSort === "ascending" : !text;
        table.querySelectorAll("th").forEach((other) => other.removeAttribute("aria-sort"));
        cell.ariaSort = down ? "descending" : "ascending";
        const value = (row) => {
          const held = row.cells[n], raw = held.dataset.v;
          return raw === undefined ? fold(held.textContent) : raw === "" ? null : isNaN(raw) ? raw : Number(raw);
        };
        const rows = [...table.tBodies[0].rows];
        rows.sort((a, b) => compare(value(a), value(b), down));
        table.tBodies[0].append(...rows);
      };
    });
  }
  function Filter(input) {
    const table = document.getElementById(input.dataset.filters);
    input.oninput = () => {
      const wanted = fold(input.value);
      for (const row of table.tBodies[0].rows) row.hidden = wanted !== "" && !fold(row.textContent).includes(wanted);
    };
  }

  // --- names: one field that finds agents, users, teams and boards ----------------------------------------------------
  function Find(input) {
    const list = document.getElementById("found");
    let names = null, chosen = -1;
    async function ready() {
      if (!names) names = (await load("names", "assets/names.js")).map((n) => ({ ...n, folded: fold(n.name) }));
    }
    function close() {
      list.hidden = true;
      input.ariaExpanded = "false";
      input.removeAttribute("aria-activedescendant");
      chosen = -1;
    }
    function mark(n) {
      const items = list.children;
      chosen = (n + items.length) % items.length;
      [...items].forEach((item, i) => { item.ariaSelected = String(i === chosen); });
      input.setAttribute("aria-activedescendant", items[chosen].id);
      items[chosen].scrollIntoView({ block: "nearest" });
    }
    async function look() {
      await ready();
      const wanted = fold(input.value);
      list.replaceChildren();
      if (!wanted) return close();
      const starts = (n) => n.folded.startsWith(wanted) ? 0 : 1;
      const hits = names.filter((n) => n.folded.includes(wanted)).sort((a, b) => starts(a) - starts(b)).slice(0, 12);
      if (!hits.length) return close();
      hits.forEach((hit, n) => {
        const item = make("li", "", make("bdi", "", hit.name), make("span", "", hit.kind));
        item.id = "found-" + n;
        item.setAttribute("role", "option");
        item.ariaSelected = "false";
        item.onpointerdown = (event) => { event.preventDefault(); location.href = ROOT + hit.page; };
        list.append(item);
      });
      list.hidden = false;
      input.ariaExpanded = "true";
      mark(0);
    }
    input.onfocus = ready;
    input.oninput = look;
    input.onblur = close;
    input.onkeydown = (event) => {
      if (event.key === "Escape") close();
      if (list.hidden) return;
      if (event.key === "ArrowDown") { event.preventDefault(); mark(chosen + 1); }
      if (event.key === "ArrowUp") { event.preventDefault(); mark(chosen - 1); }
      if (event.key === "Enter") list.children[chosen].onpointerdown(event);
    };
  }

  // --- colours, and charts (whose own suit both) ----------------------------------------------------------------------------------
  const THEMES = [["system", "as the system says"], ["light", "light"], ["dark", "dark"]];
  function Theme(button) {
    const now = () => document.documentElement.dataset.theme || "system";
    const say = () => { document.getElementById("theme-now").textContent = THEMES.find(([name]) => name === now())[1]; };
    button.onclick = () => {
      const next = THEMES[(THEMES.findIndex(([name]) => name === now()) + 1) % THEMES.length][0];
      if (next === "system") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = next;
      try { localStorage.setItem("podium-theme", next); } catch (fault) { /* kept for this page alone */ }
      say();
    };
    say();
  }
  function Chart(script) {
    const place = document.getElementById(script.dataset.chart), { data, layout, config } = JSON.parse(script.textContent);
    const narrow = matchMedia("(max-width: 34rem)"), most = layout.xaxis && layout.xaxis.nticks;
    const dates = () => narrow.matches // a phone has less room for them
      ? { "xaxis.nticks": Math.min(most, 3), "xaxis.tickfont.size": 10 } : { "xaxis.nticks": most, "xaxis.tickfont.size": 12 };
    let isDrawn = false;
    const draw = () => {
      if (!isDrawn) window.Plotly.newPlot(place, data, layout, config);
      isDrawn = true;
      if (most && narrow.matches) window.Plotly.relayout(place, dates());
    };
    if (most) narrow.onchange = () => { if (isDrawn) window.Plotly.relayout(place, dates()); };
    new IntersectionObserver((seen, watch) => {
      if (seen.some((entry) => entry.isIntersecting)) { watch.disconnect(); draw(); }
    }, { rootMargin: "400px" }).observe(place);
    window.addEventListener("beforeprint", draw);
  }

  all("nav ul [aria-current]", (link) => { // on a phone the list of pages is longer than the screen
    const list = link.closest("ul");
    list.scrollLeft = link.offsetLeft - (list.clientWidth - link.offsetWidth) / 2;
  });
  all("#theme", Theme);
  all("#find", Find);
  all("table.sortable", Sortable);
  all("input[data-filters]", Filter);
  window.addEventListener("DOMContentLoaded", () => { if (window.Plotly) all("script[data-chart]", Chart); });
})();
