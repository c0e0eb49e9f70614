// A pad to draw on, and a place to paste a picture: what is drawn or pasted is told as a PNG's data URI.
const SIDE = 280;
const LARGEST = 1024;

function put(host, image) {
  const scale = Math.min(1, LARGEST / Math.max(image.width, image.height));
  const sheet = Object.assign(document.createElement("canvas"), {
    width: Math.max(1, Math.round(image.width * scale)), height: Math.max(1, Math.round(image.height * scale)),
  });
  sheet.getContext("2d").drawImage(image, 0, 0, sheet.width, sheet.height);
  host.pad.tell(sheet.toDataURL("image/png"));
}

function clear(host) {
  const pen = host.pad.canvas.getContext("2d");
  pen.fillStyle = host.pad.paper;
  pen.fillRect(0, 0, SIDE, SIDE);
}

function draws(host) {
  const { canvas } = host.pad, pen = canvas.getContext("2d");
  let last = null;
  const at = ({ clientX, clientY }) => {
    const box = canvas.getBoundingClientRect();
    return [(clientX - box.x) * SIDE / box.width, (clientY - box.y) * SIDE / box.height];
  };
  const stroke = (event) => {
    if (!last) return;
    const next = at(event);
    Object.assign(pen, { strokeStyle: host.pad.ink, lineWidth: SIDE / 11, lineCap: "round", lineJoin: "round" });
    pen.beginPath();
    pen.moveTo(...last);
    pen.lineTo(...next);
    pen.stroke();
    last = next;
  };
  canvas.onpointerdown = (event) => {
    canvas.setPointerCapture(event.pointerId);
    last = at(event);
    stroke(event);
  };
  canvas.onpointermove = stroke;
  canvas.onpointerup = canvas.onpointercancel = () => {
    if (last) put(host, canvas);
    last = null;
  };
}

async function pasted(host, event) {
  const file = [...event.clipboardData?.files ?? []].find((each) => each.type.startsWith("image/"));
  if (!file || event.target.closest?.("input, textarea")) return;
  event.preventDefault();
  const image = await createImageBitmap(file), scale = SIDE / Math.max(image.width, image.height);
  const [width, height] = [image.width * scale, image.height * scale];
  clear(host);
  host.pad.canvas.getContext("2d").drawImage(image, (SIDE - width) / 2, (SIDE - height) / 2, width, height);
  put(host, image);
}

export default function ({ data, parentElement, setTriggerValue }) {
  const host = parentElement.querySelector(".pad");
  const first = !host.pad;
  host.pad = { ...host.pad, ...data, canvas: host.querySelector("canvas"), tell: (uri) => setTriggerValue("picture", uri) };
  host.querySelector("button").onclick = () => {
    clear(host);
    host.pad.tell("");
  };
  if (!first) return host.pad.leave;
  Object.assign(host.pad.canvas, { width: SIDE, height: SIDE });
  clear(host);
  draws(host);
  const listen = (event) => pasted(host, event);
  document.addEventListener("paste", listen);
  return host.pad.leave = () => document.removeEventListener("paste", listen);
}
