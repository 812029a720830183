// Large tables, whose rows come from files: sorted, searched, page by page; and boards, which have one for every window.
// Not here: how a value is drawn (cells.js).
(function () {
  "use strict";
  const { CELLS, weight, whole, none, make, load, fold, compare, all } = window.podium;
  const PER_PAGE = 50;

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
      const names = held.cols.filter((c) => ["who", "text"].includes(c.kind)).map((c) => held.values[c.key]);
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
      const isHere = (i) => scope === null || held.values.scope[i] === scope;
      const here = held.values[held.cols[0].key].filter((_, i) => isHere(i)).length;
      const total = scope === null ? held.total : held.values["scope.total"] ? held.values["scope.total"][order[0]] : here;
      const cut = total > here ? " (the first of " + whole(total) + ")" : "";
      said.textContent = order.length
        ? "Rows " + whole(first + 1) + " to " + whole(first + rows.length) + " of " + whole(order.length) + cut
        : search && search.value ? "No row matches." : "No entries.";
    }
    return { show };
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
      const kin = same(now), n = kin.indexOf(now); // newest first; before the entries are here: clicks come quicker
      earlier.disabled = n >= kin.length - 1;
      later.disabled = n <= 0;
      earlier.onclick = () => show(kin[n + 1].key, true);
      later.onclick = () => show(kin[n - 1].key, true);
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

  all("[data-board]", Board);
  all("[data-listing]", Listing);
})();
