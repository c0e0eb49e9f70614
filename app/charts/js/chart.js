// One Plotly chart that outlives its data: react() with uirevision keeps zoom, hover and hidden lines over refreshes.

const state = (window.__darkroom ??= {});

function plotly(url) {
  state.plotly ??= import(new URL(url, document.baseURI).href).then(() => window.Plotly);
  return state.plotly;
}

function themed(host, layout) {
  const style = getComputedStyle(host);
  const variable = (name) => style.getPropertyValue(`--st-${name}`).trim();
  const text = variable("text-color"), line = variable("border-color"), back = variable("background-color");
  const faint = `color-mix(in srgb, ${text} 62%, ${back})`;
  state.faint ??= {};
  const font = { family: variable("font") || "sans-serif", size: 12, color: (state.faint[back] ??= resolve(host, faint)) };
  const axis = {
    gridcolor: line, linecolor: line, zeroline: false, automargin: true, ticks: "", fixedrange: false,
    title: { font, standoff: 8 }, tickfont: font,
    spikecolor: font.color, spikethickness: 1, spikedash: "solid", showspikes: false,
  };
  const own = (given) => ({ ...axis, ...given, title: { ...axis.title, ...given?.title } });
  return {
    ...layout, font, autosize: true, paper_bgcolor: back, plot_bgcolor: back,
    xaxis: { ...own(layout.xaxis), showspikes: layout.hovermode === "x unified" }, yaxis: own(layout.yaxis),
    hoverlabel: { bgcolor: back, bordercolor: line, font: { ...font, color: text }, namelength: 40, align: "left" },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: line, activecolor: text },
    legend: { font: { ...font, color: text }, bgcolor: "rgba(0,0,0,0)", ...layout.legend },
  };
}

// A narrow chart has no room beside its plot, nor between its dots: their names are told by a tap.
const NARROW = 480, LINE = 19;
const narrow = (host) => host.offsetWidth < NARROW;
const withoutNames = (trace) => trace.mode === "markers+text" ? { ...trace, mode: "markers" } : trace;

function narrowed({ traces, layout, height }) {
  const named = layout.legend?.orientation === "v" ? traces.filter(({ showlegend }) => showlegend !== false).length : 0;
  const below = { orientation: "h", x: 0, xanchor: "left", y: -60 / height, yanchor: "top" };
  return {
    height: height + LINE * named, traces: traces.map(withoutNames),
    layout: { ...layout, margin: { ...layout.margin, r: 12 }, ...(named && { legend: { ...layout.legend, ...below } }) },
  };
}

function resolve(host, colour) {
  const probe = document.createElement("i");
  probe.style.color = colour;
  host.append(probe);
  const canvas = (state.canvas ??= document.createElement("canvas").getContext("2d", { willReadFrequently: true }));
  canvas.fillStyle = getComputedStyle(probe).color;
  canvas.fillRect(0, 0, 1, 1);
  probe.remove();
  const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
  return `rgb(${red},${green},${blue})`;
}

const CONFIG = {
  displaylogo: false, responsive: false, doubleClickDelay: 350,
  modeBarButtons: [["zoom2d", "pan2d", "resetScale2d", "toImage"]],
};

async function draw(host) {
  const { header, click } = host.chart;
  const Plotly = await plotly(header.plotly);
  if (host.chart.header !== header || !host.isConnected) return;
  const started = performance.now();
  const { traces, layout, height } = narrow(host) ? narrowed(header) : header;
  host.style.height = `${height}px`;
  await Plotly.react(host, traces, themed(host, layout), CONFIG);
  if (!host.chart.watched) watch(host, Plotly);
  host.dataset.ms = (performance.now() - started).toFixed(1);
  host.dataset.stamp = header.stamp;
  host.dataset.draws = 1 + Number(host.dataset.draws ?? 0);
}

function watch(host, Plotly) {
  host.chart.watched = true;
  host.on("plotly_click", ({ points: [point] }) => {
    if (point.data.type === "heatmap") return;
    host.chart.click({ trace: point.data.uid, x: Number(point.x), y: Number(point.y), row: point.pointIndex, column: 0 });
  });
  host.addEventListener("pointerdown", (event) => { host.chart.pressed = event; }, true);
  host.chart.gone = new AbortController();
  window.addEventListener("pointerup", (event) => pressedCell(host, event), { capture: true, signal: host.chart.gone.signal });
  host.chart.resize = new ResizeObserver(() => {
    if (host.offsetWidth && host.offsetWidth !== host.chart.width) {
      host.chart.width = host.offsetWidth;
      Plotly.Plots.resize(host);
    }
  });
  host.chart.resize.observe(host);
}

// Plotly tells a heatmap's click only once it has noticed the pointer hovering, so a quick one would be lost.
function pressedCell(host, event) {
  const pressed = host.chart.pressed;
  host.chart.pressed = null;
  const map = host.data?.find((trace) => trace.type === "heatmap");
  if (!map || !pressed || Math.hypot(event.clientX - pressed.clientX, event.clientY - pressed.clientY) > 4) return;
  const box = host.getBoundingClientRect(), { xaxis, yaxis } = host._fullLayout;
  const x = xaxis.p2d(event.clientX - box.x - xaxis._offset), y = yaxis.p2d(event.clientY - box.y - yaxis._offset);
  const row = Math.round(y), column = Math.round(x);
  if (map.z[row]?.[column] !== undefined) host.chart.click({ trace: map.uid, x, y, row, column });
}

export default function ({ data, parentElement, setTriggerValue }) {
  const host = parentElement.querySelector(".chart");
  const header = unpack(data, ({ traces }) => traces);
  if (!host.style.height) host.style.height = `${header.height}px`;
  const look = getComputedStyle(host).getPropertyValue("--st-background-color");
  const before = host.chart;
  const same = before?.header.digest === header.digest && before.look === look;
  host.chart = { ...before, header: same ? before.header : header, look, click: (value) => setTriggerValue("click", value) };
  if (!same) draw(host);
  return () => {
    host.chart.resize?.disconnect();
    host.chart.gone?.abort();
    window.Plotly?.purge(host);
  };
}
