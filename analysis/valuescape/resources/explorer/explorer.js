"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const [ID, NAME, LEVEL, PARENT, POLARITY, MARK, COUNT, ABOUT, COLOUR] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  const ROOT = -1, NODES = data.nodes, CELLS = data.cells, [WIDTH, HEIGHT, STRIP] = data.size;
  const SVG = "http://www.w3.org/2000/svg";
  const at = (id) => document.getElementById(id);
  const byId = new Map(NODES.map((node, i) => [node[ID], i]));
  const cellsOf = NODES.map(() => []);
  CELLS.node.forEach((node, i) => cellsOf[node].push(i));

  const START = { node: ROOT, group: data.groups[0][0], kind: data.kinds[0][0], sort: "", down: true,
    established: false, least: 0 };
  let state = { ...START };

  // State in the address

  const readAddress = () => {
    const given = new URLSearchParams(location.hash.slice(1));
    const known = (list, key) => list.some(([id]) => id === key);
    const next = { ...START };
    next.node = byId.get(given.get("value")) ?? ROOT;
    if (known(data.groups, given.get("group"))) next.group = given.get("group");
    if (known(data.kinds, given.get("by"))) next.kind = given.get("by");
    next.sort = given.get("sort") ?? "";
    next.down = given.get("order") !== "up";
    next.established = given.get("established") === "yes";
    next.least = Math.max(0, Number.parseInt(given.get("least"), 10) || 0);
    return next;
  };
  const address = () => {
    const shown = new URLSearchParams();
    if (state.node !== ROOT) shown.set("value", NODES[state.node][ID]);
    if (state.group !== START.group) shown.set("group", state.group);
    if (state.kind !== START.kind) shown.set("by", state.kind);
    if (state.sort) shown.set("sort", state.sort);
    if (!state.down) shown.set("order", "up");
    if (state.established) shown.set("established", "yes");
    if (state.least) shown.set("least", String(state.least));
    return `#${shown}`;
  };
  const go = (change) => {
    state = { ...state, ...change };
    if (address() !== (location.hash || "#")) history.pushState(null, "", address());
    draw();
  };

  // Small things

  const make = (tag, properties = {}, ...inside) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name.includes("-") || name === "role") element.setAttribute(name, value);
      else element[name] = value;
    }
    element.append(...inside);
    return element;
  };
  const shape = (tag, attributes) => {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const called = (node) => NODES[node][NAME] + NODES[node][MARK];
  const thousands = (n) => (n === null ? "–" : n.toLocaleString("en"));
  const percent = (x) => (x === null ? "–" : `${Number((100 * x).toPrecision(x < 0.1 ? 2 : 3))} %`);
  const bare = (x) => (x === null ? "∞" : String(Number(x.toPrecision(x < 1 ? 2 : 3))));
  const compared = (row) => row.ratio !== null || row.low !== null || row.high !== null;
  const ratio = (row) => (compared(row) ? `${bare(row.ratio)} (${bare(row.low)}–${bare(row.high)})` : "–");
  const tested = (q) => (q === null ? "–" : q <= 1e-6 ? "< 0.000001" : q < 0.001 ? q.toExponential(0) : q.toFixed(3));
  const tint = (colour, share) => {
    const part = (i) => Number.parseInt(colour.slice(i, i + 2), 16);
    return `rgb(${[1, 3, 5].map((i) => Math.round(255 - (255 - part(i)) * share)).join(" ")})`;
  };
  const ancestors = (node) => (node === ROOT ? [] : [...ancestors(NODES[node][PARENT]), node]);
  const opened = () => {
    const node = state.node;
    return node === ROOT || data.views[node] ? node : NODES[node][PARENT];
  };

  // Treemap

  const pen = document.createElement("canvas").getContext("2d");
  const fitted = (words, room, size, weight) => {
    pen.font = `${weight} ${size}px ${getComputedStyle(document.body).fontFamily}`;
    const letters = Math.floor((words.length * room) / Math.max(pen.measureText(words).width, 1));
    return words.length <= letters ? words : letters < 5 ? "" : `${words.slice(0, letters - 2).trimEnd()}…`;
  };
  const drawMap = () => {
    const map = at("map");
    const size = 13.5 * (WIDTH / Math.max(map.clientWidth, 320));
    map.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    map.replaceChildren();
    for (const [node, depth, x, y, width, height] of data.views[opened()] ?? []) {
      const holds = Boolean(data.views[node]), shade = depth === 1 ? 0.42 : 0.16;
      const group = shape("g", { class: node === state.node ? "node chosen" : "node", tabindex: 0, role: "button",
        "aria-label": `${NODES[node][NAME]}, ${NODES[node][POLARITY].toLowerCase()}, ${NODES[node][COUNT]} ${data.unit}`,
        "data-node": NODES[node][ID] });
      const title = shape("title", {});
      title.textContent = `${called(node)}: ${thousands(NODES[node][COUNT])} ${data.unit}. ${NODES[node][ABOUT]}`;
      const fill = tint(NODES[node][COLOUR], holds && depth === 1 ? shade : depth === 1 ? 0.22 : shade);
      group.append(title, shape("rect", { x, y, width, height, fill }));
      const weight = depth === 1 ? 600 : 400;
      const words = fitted(called(node), width - 8, size, weight);
      if (words && height > size * 1.25) {
        const strip = depth === 1 && holds, letter = strip ? Math.min(size, STRIP * 0.8) : size;
        const text = shape("text", { x: x + 4, y: y + (strip ? STRIP * 0.74 : size * 1.05),
          "font-size": letter, "font-weight": weight });
        text.textContent = words;
        group.append(text);
      }
      group.addEventListener("click", () => go({ node }));
      map.append(group);
    }
  };
  at("map").addEventListener("keydown", (event) => {
    const here = event.target.closest?.(".node");
    if (!here) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      go({ node: byId.get(here.dataset.node) });
      at("map").querySelector(".node")?.focus();
    } else if (event.key.startsWith("Arrow")) {
      event.preventDefault();
      const all = [...at("map").querySelectorAll(".node")];
      const step = event.key === "ArrowLeft" || event.key === "ArrowUp" ? -1 : 1;
      all[(all.indexOf(here) + step + all.length) % all.length].focus();
    }
  });

  // Where a value is expressed

  const interval = (row) => {
    const { ratio: r, low, high } = row;
    const [from, to] = [-Math.log(32), Math.log(32)], wide = 160;
    const x = (value) => ((Math.min(Math.max(Math.log(value), from), to) - from) / (to - from)) * wide;
    const picture = shape("svg", { viewBox: `0 0 ${wide} 20`, "aria-hidden": "true" });
    picture.append(shape("line", { x1: x(1), x2: x(1), y1: 1, y2: 19, stroke: "#8a939c" }));
    if (!compared(row)) return picture;
    picture.append(shape("line", { x1: x(low ?? 1e-9), x2: x(high ?? 1e9), y1: 10, y2: 10, stroke: "#1a1a1a", "stroke-width": 1.5 }));
    picture.append(shape("circle", { cx: x(r ?? 1e9), cy: 10, r: 3.5, fill: "#0a5c94" }));
    return picture;
  };
  const expressed = () => {
    const rows = [];
    for (const i of cellsOf[state.node]) {
      const [group, kind, , name, n, clusters] = data.contexts[CELLS.context[i]];
      if (data.groups[group][0] !== state.group || data.kinds[kind][0] !== state.kind) continue;
      rows.push({ name, k: CELLS.k[i], n, clusters, inside: CELLS.inside[i], outside: CELLS.outside[i],
        ratio: CELLS.ratio[i], low: CELLS.low[i], high: CELLS.high[i], q: CELLS.q[i] });
    }
    return rows;
  };
  const within = () => {
    const inside = (node) => state.node === ROOT || ancestors(node).includes(state.node);
    const rows = [];
    NODES.forEach((node, i) => {
      if (node[LEVEL] !== 0 || !inside(i)) return;
      rows.push({ name: node[NAME], node: i, heading: NODES[ancestors(i)[0]][NAME], polarity: node[POLARITY], k: node[COUNT] });
    });
    return rows;
  };
  const EXPRESSED = [
    ["name", "Where", (row) => row.name],
    ["k", "Conversations", (row) => `${thousands(row.k)} of ${thousands(row.n)}`],
    ["inside", "Share here", (row) => percent(row.inside)],
    ["outside", "Elsewhere", (row) => percent(row.outside)],
    ["ratio", "Ratio (95 %)", ratio],
    ["drawn", "1/32 – 32", interval],
    ["q", "q", (row) => tested(row.q)],
  ];
  const WITHIN = [
    ["name", "Value", (row) => make("button", { onclick: () => go({ node: row.node }) }, called(row.node))],
    ["heading", "Heading", (row) => row.heading],
    ["polarity", "Judged", (row) => row.polarity],
    ["k", data.unit[0].toUpperCase() + data.unit.slice(1), (row) => thousands(row.k)],
  ];
  const listing = () => state.node === ROOT || !cellsOf[state.node].length;
  const columns = () => (listing() ? WITHIN : EXPRESSED);
  const chosenRows = () => {
    const kept = (listing() ? within() : expressed()).filter((row) => (row.k ?? 0) >= state.least &&
      (listing() || !state.established || (row.q !== null && row.q <= data.q)));
    const key = columns().some(([id]) => id === state.sort) && state.sort !== "drawn" ? state.sort : listing() ? "k" : "ratio";
    const order = (a, b) => {
      if (typeof a === "string") return a.localeCompare(b, "en");
      return (a ?? -Infinity) - (b ?? -Infinity) || 0;
    };
    const sign = state.down ? -1 : 1;
    return [key, kept.sort((a, b) => sign * order(a[key], b[key]) || a.name.localeCompare(b.name, "en"))];
  };
  const MOST = 400, WORDS = new Set(["name", "heading", "polarity", "drawn"]);
  const drawTable = () => {
    const [key, rows] = chosenRows();
    const head = document.querySelector("thead tr"), body = document.querySelector("tbody");
    head.replaceChildren(...columns().map(([id, title]) => {
      const sorted = id === key, cell = make("th", { scope: "col", className: WORDS.has(id) ? "words" : "" });
      cell.setAttribute("aria-sort", sorted ? (state.down ? "descending" : "ascending") : "none");
      if (id === "drawn") cell.append(make("span", {}, title));
      else cell.append(make("button", { onclick: () => go({ sort: id, down: sorted ? !state.down : !WORDS.has(id) }) },
        sorted ? `${title} ${state.down ? "▼" : "▲"}` : title));
      return cell;
    }));
    body.replaceChildren(...rows.slice(0, MOST).map((row) =>
      make("tr", {}, ...columns().map(([id, , show]) => make("td", { className: WORDS.has(id) ? "words" : "" }, show(row))))));
    at("empty").hidden = rows.length > 0 && rows.length <= MOST;
    at("empty").textContent = rows.length ? `${MOST} of ${thousands(rows.length)} rows are shown; all can be saved.`
      : "No row fits. Lower the bounds, or choose other prompts.";
    return rows;
  };
  const drawPlace = () => {
    const node = state.node;
    document.title = node === ROOT ? at("trail").dataset.title : `${NODES[node][NAME]} · ${at("trail").dataset.title}`;
    at("place").textContent = node === ROOT ? "All values" : called(node);
    at("about").textContent = node === ROOT
      ? `${thousands(NODES.filter((n) => n[LEVEL] === 0).length)} names in a tree of ${new Set(NODES.map((n) => n[LEVEL])).size} levels.`
      : `${NODES[node][POLARITY]}. ${thousands(NODES[node][COUNT])} ${data.unit}. ${NODES[node][ABOUT]}`;
    at("shares").replaceChildren(...data.shares.filter(([of]) => of === node).map(([, group, share, low, high, method]) =>
      make("li", {}, `${data.groups[group][1]} prompts: ${percent(share)} of conversations (95 % interval ${percent(low)} to ${percent(high)}; ${method})`)));
    const step = (to, words) => make("button", { onclick: () => go({ node: to }), "aria-current": to === node ? "page" : "false" }, words);
    at("trail").replaceChildren(step(ROOT, "All values"), ...ancestors(node).flatMap((of) => ["›", step(of, called(of))]));
    const choice = (list, key, name, role) => list.map(([id, title]) => make("button",
      { onclick: () => go({ [name]: id }), ...(role ? { role, "aria-selected": id === key } : { "aria-pressed": id === key }) }, title));
    at("groups").replaceChildren(make("legend", {}, "Prompts"), ...choice(data.groups, state.group, "group"));
    at("kinds").replaceChildren(...(listing() ? [] : choice(data.kinds, state.kind, "kind", "tab")));
    at("established").checked = state.established;
    at("established").disabled = listing();
    at("bound").textContent = `only q ≤ ${data.q}`;
    if (document.activeElement !== at("least")) at("least").value = state.least;
  };
  const draw = () => { drawPlace(); drawMap(); drawTable(); };

  // Search, save, keys

  const search = at("search"), found = at("found");
  let marked = 0;
  const matches = () => {
    const wanted = search.value.trim().toLocaleLowerCase("en");
    if (!wanted) return [];
    const fits = [];
    NODES.forEach((node, i) => {
      const place = node[NAME].toLocaleLowerCase("en").indexOf(wanted);
      if (place >= 0) fits.push([place > 0, -node[COUNT], i]);
    });
    return fits.sort((a, b) => a[0] - b[0] || a[1] - b[1]).slice(0, 30).map(([, , i]) => i);
  };
  const choose = (node) => {
    search.value = "";
    suggest();
    go({ node });
  };
  const suggest = () => {
    const fits = matches();
    marked = Math.min(marked, Math.max(fits.length - 1, 0));
    found.hidden = fits.length === 0;
    search.setAttribute("aria-expanded", String(fits.length > 0));
    found.replaceChildren(...fits.map((node, i) => make("li",
      { id: `found-${i}`, role: "option", "aria-selected": i === marked, onmousedown: () => choose(node) },
      called(node), " ", make("small", {}, NODES[node][LEVEL] ? `kind of value, ${thousands(NODES[node][COUNT])}` : thousands(NODES[node][COUNT])))));
    search.setAttribute("aria-activedescendant", fits.length ? `found-${marked}` : "");
    found.children[marked]?.scrollIntoView({ block: "nearest" });
  };
  search.addEventListener("input", () => { marked = 0; suggest(); });
  search.addEventListener("blur", () => { found.hidden = true; });
  search.addEventListener("keydown", (event) => {
    const fits = matches();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      marked = (marked + (event.key === "ArrowDown" ? 1 : -1) + fits.length) % Math.max(fits.length, 1);
      suggest();
    } else if (event.key === "Enter" && fits.length) choose(fits[marked]);
    else if (event.key === "Escape") { search.value = ""; suggest(); event.stopPropagation(); }
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLInputElement;
    if (event.key === "/" && !typing) { event.preventDefault(); search.focus(); }
    if (event.key === "Escape" && !typing && state.node !== ROOT) go({ node: NODES[state.node][PARENT] });
  });
  at("established").addEventListener("change", (event) => go({ established: event.target.checked }));
  at("least").addEventListener("input", (event) => {
    state.least = Math.max(0, Number.parseInt(event.target.value, 10) || 0);
    history.replaceState(null, "", address());
    drawTable();
  });
  const quoted = (cell) => {
    // A spreadsheet would take a leading sign for a formula.
    const text = typeof cell === "string" && /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : String(cell ?? "");
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const table = () => {
    const [, rows] = chosenRows();
    const fields = listing() ? ["name", "heading", "polarity", "k"]
      : ["name", "k", "n", "clusters", "inside", "outside", "ratio", "low", "high", "q"];
    const first = listing() ? {} : { value: NODES[state.node][NAME], prompts: state.group, by: state.kind };
    const lines = rows.map((row) => [...Object.values(first), ...fields.map((field) => row[field])]);
    return [[...Object.keys(first), ...fields], ...lines].map((line) => line.map(quoted).join(",")).join("\n") + "\n";
  };
  at("save").addEventListener("click", () => {
    const link = make("a", { href: URL.createObjectURL(new Blob([table()], { type: "text/csv" })), download: "values.csv" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
  addEventListener("popstate", () => { state = readAddress(); draw(); });
  addEventListener("resize", drawMap);

  at("trail").dataset.title = document.title;
  state = readAddress();
  draw();
})();
