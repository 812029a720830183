// How values of large tables are drawn, kind by kind: the twins of the cells in templates/parts.html.j2. Names are
// strangers' text: they only ever become text nodes. Not here: the tables (grids.js).
(function () {
  "use strict";
  const { make } = window.podium, ROOT = document.body.dataset.root;

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
  const CELLS = {
    rank: (v) => make("span", v <= 3 ? "medal m" + v : "place", whole(v)),
    move: (v) => v === null ? make("span", "new", "new") : v > 0 ? signed("up", "▲", "up", v)
      : v < 0 ? signed("down", "▼", "down", -v) : signed("same", "–", "same place"),
    who: (v, page) => {
      const made = make(page ? "a" : "span", "who", make("bdi", "", v));
      if (page) made.href = ROOT + page;
      return made;
    },
    whole, mean,
    share: (v) => mean(v * 100) + " %",
    days: (v) => v ? make("span", "run", icon("flame"), whole(v) + " d") : none(),
    level: (v) => make("span", "level", make("b", "", String(v[0])), " " + v[1]),
    badges: (v, _, known) => badges(v, known),
    spark: (v) => spark(v),
    text: (v) => make("bdi", "", v),
    sure: (v) => make("span", "", make("b", "", v[1]), make("small", "", v[2])),
    reason: (v) => make("bdi", "", ...v.split("`").map((part, n) => n % 2 ? make("code", "", part) : part)),
  };
  const weight = { level: (v) => v && v[0], sure: (v) => v && v[0], badges: (v) => v.length, spark: (v) => v.reduce((a, b) => a + b, 0) };

  Object.assign(window.podium, { CELLS, weight, whole, none });
})();
