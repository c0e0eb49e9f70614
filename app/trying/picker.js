// A grid of buttons with a picture each; a click tells the picture's place.
export default function ({ data, parentElement, setTriggerValue }) {
  const host = parentElement.querySelector(".picker");
  host.replaceChildren(...data.pictures.map((source, place) => {
    const button = document.createElement("button");
    const picture = document.createElement("img");
    picture.src = source;
    picture.alt = button.title = data.titles[place];
    button.type = "button";
    button.ariaPressed = String(place === data.chosen);
    button.append(picture);
    button.onclick = () => setTriggerValue("pick", place);
    return button;
  }));
}
