// A picture of a gallery opens large; the arrow keys show those beside it.
const PICTURES = ".dr-gallery figure, .dr-boxes figure, .dr-pair figure";

function open(figure) {
  const all = [...figure.parentElement.children].filter((each) => each.tagName === "FIGURE");
  let place = all.indexOf(figure);
  const dialog = Object.assign(document.createElement("dialog"), { className: "dr-lightbox", ariaLabel: "Picture" });
  const show = (step) => {
    place = (place + step + all.length) % all.length;
    const large = all[place].cloneNode(true);
    large.removeAttribute("tabindex");
    // Classes of the gallery say how pictures and boxes are drawn.
    const frame = Object.assign(document.createElement("div"), { className: figure.parentElement.className });
    frame.append(large);
    dialog.replaceChildren(frame, Object.assign(document.createElement("p"), {
      textContent: `${place + 1} of ${all.length}` + (all.length > 1 ? " · ← →" : ""),
    }));
  };
  dialog.onkeydown = ({ key }) => {
    if (key === "ArrowRight") show(1);
    if (key === "ArrowLeft") show(-1);
  };
  dialog.onclick = dialog.onclose = () => {
    dialog.remove();
    figure.focus?.();
  };
  show(0);
  const page = getComputedStyle(document.querySelector(".stApp"));
  Object.assign(dialog.style, { background: page.backgroundColor, color: page.color });
  document.body.append(dialog);
  dialog.showModal();
}

function onPress(event) {
  const figure = event.target.closest?.(PICTURES);
  if (!figure || figure.closest("dialog")) return;
  if (event.type === "keydown" && event.key !== "Enter") return;
  open(figure);
}

export default function () {
  if (window.__darkroomLightbox) return;
  window.__darkroomLightbox = true;
  addEventListener("click", onPress);
  addEventListener("keydown", onPress);
}
