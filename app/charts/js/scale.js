// From values to pixels and back, where the ticks stand, and how numbers are written.

function scaleOf(log, low, high, from, to) {
  const of = log ? Math.log10 : Number, back = log ? (value) => 10 ** value : Number;
  const first = of(low), span = of(high) - first || 1;
  return {
    log, low, high, from, to,
    pixel: (value) => (log && value <= 0 ? NaN : from + ((of(value) - first) / span) * (to - from)),
    value: (pixel) => back(first + ((pixel - from) / (to - from)) * span),
  };
}

function ticksOf(scale, most) {
  const { low, high, log } = scale;
  if (log && Math.log10(high / low) >= 1) return decades(low, high, most);
  const step = niceStep((high - low) / most), ticks = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high + step * 1e-9; tick += step)
    if (!log || tick > 0) ticks.push(Math.abs(tick) < step * 1e-9 ? 0 : tick);
  return ticks;
}

function niceStep(rough) {
  const power = 10 ** Math.floor(Math.log10(rough || 1)), share = rough / power;
  return power * (share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10);
}

function decades(low, high, most) {
  const first = Math.floor(Math.log10(low)), last = Math.ceil(Math.log10(high));
  const each = Math.max(1, Math.ceil((last - first) / most));
  const within = last - first <= most / 3 ? [1, 2, 5] : [1];
  const ticks = [];
  for (let power = first; power <= last; power += each)
    for (const digit of within) ticks.push(Number(`${digit}e${power}`));
  return ticks.filter((tick) => tick >= low * 0.9999 && tick <= high * 1.0001);
}

function written(value, digits = 4) {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return "–";
  if (size >= 1e6) return value.toExponential(digits - 2).replace(/\.?0*e\+?/, "e");
  if (size >= 1e4) return Math.round(value).toLocaleString("en");
  if (size && size < 1e-4) return value.toExponential(Math.max(0, digits - 2)).replace(/\.?0*e/, "e");
  return String(Number(value.toPrecision(digits)));
}

function tickText(value, suffix) {
  const size = Math.abs(value);
  const short = size >= 1e6 ? `${Number((value / 1e6).toPrecision(3))} M` : size >= 1e4 ? `${Number((value / 1e3).toPrecision(3))} k` : written(value);
  return short + (suffix === " %" ? suffix : "");
}
