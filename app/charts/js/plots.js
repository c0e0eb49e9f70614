// Plots of curves as one component: what was hidden, zoomed or pointed at stays so over refreshes.

function element(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function lookOf(host) {
  const style = getComputedStyle(host), variable = (name) => style.getPropertyValue(`--st-${name}`).trim();
  return { text: variable("text-color"), line: variable("border-color"), back: variable("background-color"),
    font: `12px ${variable("font") || "sans-serif"}` };
}

function viewOf(host, title) {
  const card = element("section", "", { class: "chart", "data-title": title });
  const head = element("header", ""), legend = element("div", "", { class: "legend" });
  const area = element("div", "", { class: "area" }), canvas = element("canvas", "", { role: "img", "aria-label": title });
  const [rule, box, tip] = ["rule", "box", "tip"].map((name) => element("div", "", { class: name, hidden: "" }));
  const outside = element("button", "", { class: "outside", type: "button", hidden: "" });
  area.append(canvas, rule, box, tip);
  card.append(head, legend, area, outside);
  const view = { host, card, head, legend, area, canvas, rule, box, tip, outside, width: 0, pointer: null,
    state: { hidden: new Set(), zoom: null, all: false }, redraw: () => draw(view) };
  outside.addEventListener("click", () => { view.state.all = !view.state.all; view.state.zoom = null; draw(view); });
  watchPointer(view);
  card.view = view;
  return view;
}

function show(view, plot, look) {
  const before = view.plot;
  if (before?.digest === plot.digest && view.look.back === look.back) return;
  Object.assign(view, { plot, look, height: plot.height });
  view.area.style.height = `${plot.height}px`;
  if (before?.titles !== plot.titles) { heading(view); legend(view); }
  draw(view);
}

function heading({ head, plot, ...view }) {
  const note = element("small", "");
  plot.note.split("**").forEach((part, place) => note.append(place % 2 ? element("b", part) : part));
  const tools = element("span", "", { class: "tools" });
  const tool = (text, name, act) => {
    const button = element("button", text, { type: "button", title: name, "aria-label": `${name}: ${plot.title}` });
    button.addEventListener("click", act);
    tools.append(button);
  };
  tool("Reset", "Show everything again", () => { view.card.view.state.zoom = null; view.redraw(); });
  tool("PNG", "Download as PNG", () => view.canvas.toBlob((blob) => save(blob, `${plot.title}.png`)));
  tool("SVG", "Download as SVG", () => save(svg(view.card.view), `${plot.title}.svg`));
  head.replaceChildren(element("b", plot.title), note, tools);
}

function svg({ plot, state, look, width, height }) {
  const pen = new SvgPen(width, height);
  pen.fillStyle = look.back;
  pen.fillRect(0, 0, width, height);
  drawPlot(pen, plot, state, look, width, height);
  return new Blob([pen.text()], { type: "image/svg+xml" });
}

function save(blob, name) {
  const link = element("a", "", { href: URL.createObjectURL(blob), download: `darkroom ${name}` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function legend(view) {
  view.legend.replaceChildren(...view.plot.entries.map((entry) => {
    const button = element("button", "", { type: "button", "aria-pressed": String(!view.state.hidden.has(entry.id)) });
    const line = element("i", "");
    Object.assign(line.style, { borderTopColor: entry.colour, opacity: entry.opacity,
      borderTopStyle: { solid: "solid", dash: "dashed", dot: "dotted" }[entry.dash] });
    button.append(line, entry.name);
    button.title = "Click to hide or show; double click to show only this";
    button.addEventListener("click", () => toggle(view, entry.id));
    button.addEventListener("dblclick", () => only(view, entry.id));
    return button;
  }));
}

function toggle(view, id) {
  const { hidden } = view.state;
  if (!hidden.delete(id)) hidden.add(id);
  pressed(view);
}

function only(view, id) {
  view.state.hidden = new Set(view.plot.entries.map((entry) => entry.id).filter((each) => each !== id));
  pressed(view);
}

function pressed(view) {
  view.plot.entries.forEach(({ id }, place) =>
    view.legend.children[place].setAttribute("aria-pressed", String(!view.state.hidden.has(id))));
  draw(view);
}

function draw(view) {
  const { canvas, plot, look, state, card } = view;
  if (!view.width || !plot) return;
  const started = performance.now(), ratio = window.devicePixelRatio || 1;
  const size = [Math.round(view.width * ratio), Math.round(view.height * ratio)];
  if (canvas.width !== size[0] || canvas.height !== size[1]) [canvas.width, canvas.height] = size;
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.fillStyle = look.back;
  pen.fillRect(0, 0, view.width, view.height);
  view.scales = drawPlot(pen, plot, state, look, view.width, view.height);
  if (!plot.lines.length) blank(pen, view);
  tell(view);
  if (view.pointer) read(view);
  Object.assign(card.dataset, { ms: (performance.now() - started).toFixed(1), stamp: plot.stamp,
    draws: 1 + Number(card.dataset.draws ?? 0) });
}

function blank(pen, view) {
  pen.fillStyle = view.look.back;
  pen.fillRect(0, 0, view.width, view.height);
  Object.assign(pen, { fillStyle: view.look.text, globalAlpha: 0.72, textAlign: "center", textBaseline: "middle" });
  pen.fillText("nothing recorded yet", view.width / 2, view.height / 2);
  pen.globalAlpha = 1;
}

// What is not to be seen is said in words.
function tell({ outside, plot, state, card, canvas }) {
  outside.hidden = !plot.outside;
  const words = state.all ? "Hide outliers" : plot.outside;
  if (outside.textContent !== words) outside.textContent = words;
  card.classList.toggle("zoomed", Boolean(state.zoom));
  const label = `${plot.title}: ${plot.entries.length} lines against ${plot.x_title}`;
  if (canvas.getAttribute("aria-label") !== label) canvas.setAttribute("aria-label", label);
}

export default function ({ data, parentElement }) {
  const host = parentElement.querySelector(".charts");
  const { plots } = unpack(data, (header) => header.plots.flatMap((plot) => plot.lines));
  host.views ??= new Map();
  host.sizes ??= new ResizeObserver((entries) => entries.forEach(({ target, contentRect }) => {
    const { view } = target.parentElement;
    if (contentRect.width && contentRect.width !== view.width) { view.width = contentRect.width; draw(view); }
  }));
  for (const [title, view] of host.views)
    if (!plots.some((plot) => plot.title === title)) { host.sizes.unobserve(view.area); view.card.remove(); host.views.delete(title); }
  const look = lookOf(host);
  plots.forEach((plot, place) => {
    if (!host.views.has(plot.title)) {
      const view = viewOf(host, plot.title);
      host.views.set(plot.title, view);
      host.sizes.observe(view.area);
    }
    const view = host.views.get(plot.title);
    if (host.children[place] !== view.card) host.insertBefore(view.card, host.children[place] ?? null);
    show(view, plot, look);
  });
  return () => { host.sizes?.disconnect(); host.sizes = host.views = null; host.replaceChildren(); };
}
