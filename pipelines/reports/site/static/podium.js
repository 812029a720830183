// What moves on the pages: search, tables, windows of boards, charts, colours. No library, and no request: data comes
// as scripts beside the page, which call `podium.take`. Names are strangers' text: they only ever become text nodes.
(function () {
  "use strict";
  const ROOT = document.body ? document.body.dataset.root : "";
  const PER_PAGE = 50;
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
  window.podium = { take };

  // --- drawing --------------------------------------------------------------------------------------------------
  function make(tag, className, ...inside) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...inside);
    return made;
  }
  function svg(tag, attributes, ...inside) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...inside);
    return made;
  }
  const icon = (name) => svg("svg", { class: "icon", "aria-hidden": "true" }, svg("use", { href: "#i-" + name }));
  const signed = (className, sign, said, n) => {
    const mark = make("span", "", sign);
    mark.ariaHidden = "true";
    return make("span", className, mark, make("span", "sr", said), n === undefined ? "" : " " + whole(n));
  };
  const whole = (n) => n.toLocaleString("en-US", { maximumFractionDigits: 0 });
  const mean = (x) => x.toLocaleString("en-US", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const none = () => make("span", "none", "–");
  function duration(seconds) {
    if (seconds < 9.95) return mean(seconds) + " s";
    const n = Math.round(seconds);
    for (const [unit, name, less, below] of [[86400, "d", 3600, "h"], [3600, "h", 60, "min"], [60, "min", 1, "s"]]) {
      if (n >= unit) {
        const rest = Math.floor((n % unit) / less);
        return whole(Math.floor(n / unit)) + " " + name + (rest ? " " + rest + " " + below : "");
      }
    }
    return n + " s";
  }
  function badges(slugs, known) {
    const told = (slug) => Object.hasOwn(known, slug) ? known[slug] : { name: slug, icon: "medal", hue: 0 };
    const name = (slug) => told(slug).name;
    const shown = slugs.slice(0, 3).map((slug) => {
      const held = told(slug);
      const made = make("span", "badge h" + held.hue, icon(held.icon), make("span", "sr", name(slug)));
      made.title = name(slug);
      return made;
    });
    const rest = slugs.slice(3);
    const more = make("span", "more", "+" + rest.length);
    more.title = rest.map(name).join(", ");
    return make("span", "badges", ...shown, ...(rest.length ? [more] : []));
  }
  function spark(values) {
    if (!values || values.length < 2) return none();
    const most = Math.max(1, ...values), step = 110 / (values.length - 1);
    const points = values.map((v, n) => (3 + n * step).toFixed(1) + " " + (25 - (v / most) * 22).toFixed(1));
    const line = "M" + points.join("L"), [x, y] = points[points.length - 1].split(" ");
    const drawn = svg("svg", { class: "spark", viewBox: "0 0 116 28", "aria-hidden": "true" },
      svg("path", { class: "area", d: line + "V25H3Z" }), svg("path", { d: line }), svg("circle", { cx: x, cy: y, r: 2.5 }));
    const sum = values.reduce((a, b) => a + b, 0);
    return make("span", "", drawn, make("span", "sr", whole(sum) + " in " + values.length + " days"));
  }
  // The twins of the cells in templates/parts.html.j2.
  const CELLS = {
    rank: (v) => make("span", v <= 3 ? "medal m" + v : "place", whole(v)),
    move: (v) => v === null ? make("span", "new", "new") : v > 0 ? signed("up", "▲", "up", v)
      : v < 0 ? signed("down", "▼", "down", -v) : signed("same", "–", "same place"),
    who: (v, page) => {
      const made = make(page ? "a" : "span", "who", make("bdi", "", v));
      if (page) made.href = ROOT + page;
      return made;
    },
    whole, mean, duration,
    share: (v) => mean(v * 100) + " %",
    days: (v) => v ? make("span", "run", icon("flame"), whole(v) + " d") : none(),
    level: (v) => make("span", "level", make("b", "", String(v[0])), " " + v[1]),
    badges: (v, _, known) => badges(v, known),
    spark: (v) => spark(v),
    text: (v) => make("bdi", "", v),
  };
  const weight = { level: (v) => v && v[0], badges: (v) => v.length, spark: (v) => v.reduce((a, b) => a + b, 0) };

  // --- a table of data: sorted, searched, page by page -------------------------------------------------------------
  function Grid(place, known) {
    const tools = place.querySelector(".tools"), holder = place.querySelector(".wide");
    const search = tools.querySelector("input[type=search]"), foot = make("div", "pages");
    let held = null, order = [], by = null, down = false, page = 0, scope = null;
    const before = make("button", "", "Previous"), after = make("button", "", "Next"), said = make("span", "");
    before.type = after.type = "button";
    before.onclick = () => { page -= 1; draw(); };
    after.onclick = () => { page += 1; draw(); };
    said.setAttribute("role", "status");
    foot.append(before, after, said);
    holder.after(foot);
    if (search) search.oninput = () => { page = 0; arrange(); };

    function show(value, ofScope) {
      [held, scope, by, page] = [value, ofScope, null, 0];
      arrange();
    }
    function arrange() {
      const n = held.values[held.cols[0].key].length, wanted = search ? fold(search.value) : "";
      const names = held.cols.filter((c) => c.kind === "who" || c.kind === "text").map((c) => held.values[c.key]);
      order = [];
      for (let i = 0; i < n; i += 1) {
        if (scope !== null && held.values.scope[i] !== scope) continue;
        if (wanted && !names.some((column) => fold(String(column[i] ?? "")).includes(wanted))) continue;
        order.push(i);
      }
      if (by) {
        const raw = held.values[by.key], of = weight[by.kind] || ((v) => v);
        order.sort((a, b) => compare(of(raw[a]), of(raw[b]), down) || a - b);
      }
      draw();
    }
    function draw() {
      const pages = Math.max(1, Math.ceil(order.length / PER_PAGE));
      page = Math.min(Math.max(page, 0), pages - 1);
      const first = page * PER_PAGE, rows = order.slice(first, first + PER_PAGE), old = holder.querySelector("table");
      const table = make("table", "grid", old.querySelector("caption").cloneNode(true));
      const head = make("tr", "");
      for (const col of held.cols) {
        const cell = make("th", "k-" + col.kind), button = make("button", "", col.label);
        cell.scope = "col";
        cell.title = col.help;
        button.type = "button";
        if (by && by.key === col.key) cell.ariaSort = down ? "descending" : "ascending";
        button.onclick = () => {
          down = by && by.key === col.key ? !down : !["rank", "who", "text"].includes(col.kind);
          [by, page] = [col, 0];
          arrange();
          holder.querySelector("[aria-sort] button").focus();
        };
        cell.append(button);
        head.append(cell);
      }
      const body = make("tbody", "");
      for (const i of rows) {
        const row = make("tr", "");
        for (const col of held.cols) {
          const value = held.values[col.key][i], page_ = col.kind === "who" ? held.values[col.key + ".page"][i] : null;
          const empty = value === null && col.kind !== "move";
          row.append(make("td", "k-" + col.kind, empty ? none() : CELLS[col.kind](value, page_, known)));
        }
        body.append(row);
      }
      table.append(make("thead", "", head), body);
      old.replaceWith(table);
      before.disabled = page === 0;
      after.disabled = page === pages - 1;
      before.hidden = after.hidden = pages === 1;
      const cut = held.total > held.values[held.cols[0].key].length ? " (the first of " + whole(held.total) + ")" : "";
      said.textContent = order.length
        ? "Rows " + whole(first + 1) + " to " + whole(first + rows.length) + " of " + whole(order.length) + cut
        : search && search.value ? "No row matches." : "No entries.";
    }
    return { show };
  }
  const fold = (text) => text.normalize("NFKC").toLowerCase().trim();
  function compare(a, b, down) {
    if (a === null || b === null) return (a === null) - (b === null); // what is not known stands last, either way
    const sign = typeof a === "string" ? (a < b ? -1 : a > b ? 1 : 0) : a - b;
    return down ? -sign : sign;
  }

  // --- a board: the same table for every window that has passed ----------------------------------------------------
  function Board(place) {
    const told = JSON.parse(place.querySelector("script[type='application/json']").textContent);
    const grid = Grid(place, told.badges), pick = place.querySelector("[data-window]"), scopes = place.querySelector("[data-scope]");
    const [earlier, later] = place.querySelectorAll("[data-step]"), title = place.querySelector("[data-title]");
    const byKey = new Map(told.windows.map((w) => [w.key, w]));
    const same = (w) => told.windows.filter((other) => other.kind === w.kind);
    async function show(key, remember) {
      const now = byKey.get(key) || told.windows[0];
      if (!now) return;
      if (pick) pick.value = now.key;
      try {
        const value = await load(told.key + "/" + now.key, now.file);
        if (pick && pick.value !== now.key) return; // another one was chosen meanwhile
        let scope = null;
        if (scopes) {
          const here = new Set(value.values.scope);
          for (const option of scopes.options) option.disabled = !here.has(option.value);
          if (!here.has(scopes.value)) scopes.value = value.values.scope[0] ?? "";
          scope = scopes.value;
        }
        title.textContent = now.label;
        grid.show(value, scope);
      } catch (fault) {
        title.textContent = "The entries of " + now.label + " are missing: " + now.file + " is not beside this page.";
      }
      const kin = same(now), n = kin.indexOf(now); // newest first
      earlier.disabled = n >= kin.length - 1;
      later.disabled = n <= 0;
      earlier.onclick = () => show(kin[n + 1].key, true);
      later.onclick = () => show(kin[n - 1].key, true);
      if (remember) history.replaceState(null, "", "#" + new URLSearchParams({ window: now.key, ...(scopes ? { scope: scopes.value } : {}) }));
    }
    function asked() {
      const wanted = new URLSearchParams(location.hash.slice(1));
      if (scopes && wanted.has("scope")) scopes.value = wanted.get("scope");
      show(wanted.get("window") || (pick && pick.value) || "", false);
    }
    if (pick) pick.onchange = () => show(pick.value, true);
    if (scopes) scopes.onchange = () => show(pick ? pick.value : "", true);
    window.addEventListener("hashchange", asked);
    asked();
  }

  // --- a list of everybody: the table of one file ------------------------------------------------------------------
  async function Listing(place) {
    const told = JSON.parse(place.querySelector("script[type='application/json']").textContent);
    const grid = Grid(place, told.badges), search = place.querySelector("input[type=search]");
    const wanted = new URLSearchParams(location.hash.slice(1)).get("q");
    if (wanted) search.value = wanted;
    grid.show(await load(told.key, told.file), null);
  }

  // --- small tables that stand in the page: a click on a heading sorts them ------------------------------------------
  function Sortable(table) {
    table.querySelectorAll("thead th").forEach((cell, n) => {
      if (cell.dataset.fixed !== undefined || !cell.textContent.trim()) return;
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
  const all = (selector, begin) => document.querySelectorAll(selector).forEach((place) => begin(place));
  all("#theme", Theme);
  all("#find", Find);
  all("[data-board]", Board);
  all("[data-listing]", Listing);
  all("table.sortable", Sortable);
  all("input[data-filters]", Filter);
  window.addEventListener("DOMContentLoaded", () => { if (window.Plotly) all("script[data-chart]", Chart); });
})();
