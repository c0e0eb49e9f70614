// One plot of lines and bands, drawn with a pen. `look` has the theme's colours and font.

const DASHES = { solid: [], dash: [7, 4], dot: [2, 3] };

function extent(lines, axis, log) {
  let low = Infinity, high = -Infinity;
  for (const line of lines)
    for (const values of axis === "x" ? [line.x] : log ? [line.y] : [line.y, line.low, line.high])
      for (const value of values ?? [])
        if (Number.isFinite(value) && (!log || value > 0)) { low = Math.min(low, value); high = Math.max(high, value); }
  return low <= high ? [low, high] : null;
}

function rangesOf(plot, visible, state) {
  let x = extent(visible, "x", plot.log_x) ?? [1, 2], y = extent(visible, "y", plot.log_y) ?? [1, 2];
  if (!plot.log_x) x = [Math.min(0, x[0]), x[1] || 1];
  if (plot.limits && !state.all) y = [Math.max(y[0], plot.limits[0]), Math.min(y[1], plot.limits[1])];
  if (plot.from_zero && !plot.log_y) y = [Math.min(0, y[0]), y[1]];
  return { x: state.zoom?.x ?? padded(x, plot.log_x, plot.log_x ? 0.02 : 0), y: state.zoom?.y ?? padded(y, plot.log_y, 0.06) };
}

function padded([low, high], log, share) {
  if (log) { const ratio = low === high ? 1.1 : (high / low) ** share; return [low / ratio, high * ratio]; }
  const more = low === high ? Math.abs(low) * 0.05 || 0.05 : (high - low) * share;
  return [low === 0 ? 0 : low - more, high + more];
}

// Draw, and return the scales by which a pointer's place is read.
function drawPlot(pen, plot, state, look, width, height) {
  const visible = plot.lines.filter((line) => !state.hidden.has(plot.entries[line.entry].id));
  const range = rangesOf(plot, visible, state);
  pen.font = look.font;
  const y = scaleOf(plot.log_y, ...range.y, height - 38, 8);
  const yTicks = ticksOf(y, height / 55), yTexts = yTicks.map((tick) => tickText(tick, plot.suffix));
  const left = 12 + Math.max(22, ...yTexts.map((text) => pen.measureText(text).width));
  const x = scaleOf(plot.log_x, ...range.x, left, width - 10);
  grid(pen, plot, look, x, y, yTicks, yTexts);
  pen.save();
  pen.beginPath();
  pen.rect(x.from, y.to, x.to - x.from, y.from - y.to);
  pen.clip();
  for (const line of visible) if (line.low) drawBand(pen, line, x, y);
  for (const line of visible) drawLine(pen, line, x, y);
  pen.restore();
  pen.globalAlpha = 1;
  return { x, y, visible };
}

function grid(pen, plot, look, x, y, yTicks, yTexts) {
  Object.assign(pen, { strokeStyle: look.line, fillStyle: look.text, lineWidth: 1, globalAlpha: 1 });
  pen.setLineDash([]);
  pen.beginPath();
  const xTicks = ticksOf(x, (x.to - x.from) / 85).filter((tick) => !plot.whole || Number.isInteger(tick) || x.high - x.low < 2);
  for (const tick of yTicks) { const at = Math.round(y.pixel(tick)) + 0.5; pen.moveTo(x.from, at); pen.lineTo(x.to, at); }
  for (const tick of xTicks) { const at = Math.round(x.pixel(tick)) + 0.5; pen.moveTo(at, y.to); pen.lineTo(at, y.from); }
  pen.stroke();
  pen.globalAlpha = 0.72;
  Object.assign(pen, { textAlign: "right", textBaseline: "middle" });
  yTicks.forEach((tick, place) => pen.fillText(yTexts[place], x.from - 6, y.pixel(tick)));
  Object.assign(pen, { textAlign: "center", textBaseline: "top" });
  for (const tick of xTicks) pen.fillText(tickText(tick, ""), Math.min(x.pixel(tick), x.to - 8), y.from + 6);
  pen.fillText(plot.x_title, (x.from + x.to) / 2, y.from + 22);
}

function drawBand(pen, line, x, y) {
  Object.assign(pen, { fillStyle: line.colour, globalAlpha: 0.18 * line.opacity });
  const solid = [...line.x.keys()].filter((at) => Number.isFinite(line.low[at]) && Number.isFinite(line.high[at]));
  if (solid.length < 2) return;
  const edge = (value) => (Number.isFinite(y.pixel(value)) ? y.pixel(value) : y.from + 1e4);
  pen.beginPath();
  solid.forEach((at, place) => pen[place ? "lineTo" : "moveTo"](x.pixel(line.x[at]), edge(line.high[at])));
  solid.toReversed().forEach((at) => pen.lineTo(x.pixel(line.x[at]), edge(line.low[at])));
  pen.closePath();
  pen.fill();
}

function drawLine(pen, line, x, y) {
  Object.assign(pen, { strokeStyle: line.colour, fillStyle: line.colour, lineWidth: line.width, globalAlpha: line.opacity,
    lineJoin: "round" });
  pen.setLineDash(DASHES[line.dash] ?? []);
  pen.beginPath();
  let going = false;
  for (let at = 0; at < line.x.length; at++) {
    const left = x.pixel(line.x[at]), top = y.pixel(line.y[at]);
    if (!Number.isFinite(left) || !Number.isFinite(top)) { going = false; continue; }
    if (going) pen.lineTo(left, top); else pen.moveTo(left, top);
    going = true;
  }
  pen.stroke();
  if (!line.marks) return;
  pen.setLineDash([]);
  for (let at = 0; at < line.x.length; at++) {
    const left = x.pixel(line.x[at]), top = y.pixel(line.y[at]);
    if (!Number.isFinite(left) || !Number.isFinite(top)) continue;
    pen.beginPath();
    pen.arc(left, top, 2.4, 0, 7);
    pen.fill();
  }
}
