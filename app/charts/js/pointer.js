// What the pointer does on a plot: it reads values, zooms by dragging, and resets by a double click.

const SHOWN = 14;

function watchPointer(view) {
  const { area, box } = view;
  let start = null;
  const place = (event) => { const frame = area.getBoundingClientRect(); return [event.clientX - frame.x, event.clientY - frame.y]; };
  area.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch" || event.button) return;
    start = place(event);
    area.setPointerCapture(event.pointerId);
  });
  area.addEventListener("pointermove", (event) => {
    view.pointer = place(event);
    if (start) stretch(view, start, view.pointer);
    read(view);
  });
  area.addEventListener("pointerup", (event) => {
    const from = start, to = place(event);
    start = null;
    box.hidden = true;
    if (from && Math.max(Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1])) > 8) zoom(view, from, to);
  });
  area.addEventListener("pointerleave", () => { view.pointer = null; read(view); });
  area.addEventListener("dblclick", () => { view.state.zoom = null; view.redraw(); });
}

// A drag along one direction zooms only that one.
function spans({ x, y }, from, to) {
  const wide = Math.abs(to[0] - from[0]) > 12, tall = Math.abs(to[1] - from[1]) > 12;
  const across = [from[0], to[0]].sort((a, b) => a - b).map((at) => Math.min(x.to, Math.max(x.from, at)));
  const down = [from[1], to[1]].sort((a, b) => a - b).map((at) => Math.min(y.from, Math.max(y.to, at)));
  return [wide ? across : [x.from, x.to], tall ? down : [y.to, y.from], wide, tall];
}

function stretch(view, from, to) {
  const [across, down] = spans(view.scales, from, to);
  Object.assign(view.box.style, { left: `${across[0]}px`, width: `${across[1] - across[0]}px`, top: `${down[0]}px`,
    height: `${down[1] - down[0]}px` });
  view.box.hidden = false;
}

function zoom(view, from, to) {
  const { x, y } = view.scales, [across, down, wide, tall] = spans(view.scales, from, to);
  view.state.zoom = {
    x: wide ? across.map(x.value) : view.state.zoom?.x, y: tall ? down.toReversed().map(y.value) : view.state.zoom?.y,
  };
  view.redraw();
}

function read(view) {
  const { pointer, scales, plot, tip, rule } = view;
  const inside = pointer && scales && pointer[0] >= scales.x.from && pointer[0] <= scales.x.to;
  tip.hidden = rule.hidden = !inside;
  if (!inside) return;
  const { x, y } = scales;
  let at = x.value(pointer[0]);
  if (plot.whole && x.high - x.low >= 2) at = Math.round(at);
  const rows = scales.visible.filter((line) => !line.quiet).map((line) => ({ line, index: nearest(line, at) }))
    .filter(({ line, index }) => index >= 0 && Math.abs(x.pixel(line.x[index]) - x.pixel(at)) < Math.max(24, gap(line, index, x)));
  if (!plot.whole && rows.length) at = closest(rows, at);
  const far = ({ line, index }) => Math.abs(y.pixel(line.y[index]) - pointer[1]);
  const near = rows.toSorted((a, b) => far(a) - far(b)).slice(0, SHOWN);
  near.sort((a, b) => b.line.y[b.index] - a.line.y[a.index]);
  tip.replaceChildren(element("b", `${plot.x_word} ${written(at, 6)}`), ...near.map((row) => tipRow(plot, row)),
    ...(rows.length > near.length ? [element("i", `and ${rows.length - near.length} more`)] : []));
  rule.style.left = `${x.pixel(at)}px`;
  const right = pointer[0] < (x.from + x.to) / 2;
  Object.assign(tip.style, { left: right ? `${pointer[0] + 16}px` : "", right: right ? "" : `${view.width - pointer[0] + 16}px`,
    top: `${Math.max(0, Math.min(pointer[1] - 20, view.height - tip.offsetHeight))}px` });
}

const gap = ({ x: all }, index, x) => (index + 1 < all.length ? x.pixel(all[index + 1]) - x.pixel(all[index]) : 0) / 2;

function closest(rows, at) {
  return rows.map(({ line, index }) => line.x[index]).reduce((a, b) => (Math.abs(b - at) < Math.abs(a - at) ? b : a));
}

function nearest({ x, y }, at) {
  let low = 0, high = x.length - 1;
  if (high < 0 || at > x[high] + (x[high] - x[0]) * 0.02 + 1e-9) return high < 0 ? -1 : high;
  while (low < high) { const middle = (low + high) >> 1; if (x[middle] < at) low = middle + 1; else high = middle; }
  if (low && at - x[low - 1] < x[low] - at) low--;
  return Number.isFinite(y[low]) ? low : -1;
}

function tipRow(plot, { line, index }) {
  const row = element("div", ""), dot = element("u", "");
  dot.style.background = line.colour;
  dot.style.opacity = Math.max(0.6, line.opacity);
  const bare = (number) => plot.suffix === " %" && Number.isFinite(number) ? number.toFixed(2) : written(number);
  const value = (number) => bare(number) + plot.suffix;
  const band = line.low && Number.isFinite(line.low[index]) ? ` (${bare(line.low[index])} to ${value(line.high[index])})` : "";
  const n = line.n ? ` · n ${line.n[index]}` : "";
  row.append(dot, element("span", line.label), element("em", value(line.y[index]) + band + n));
  return row;
}
