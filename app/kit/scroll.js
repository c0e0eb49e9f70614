// Scrolls to a container of the page once what stands above it has been drawn.
export default function ({ data }) {
  const place = () => document.querySelector(`.st-key-${CSS.escape(data.key)}`);
  const calm = () => document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState !== "running";
  const look = (tries) => {
    if (place() && calm()) place().scrollIntoView({ block: "start", behavior: "smooth" });
    else if (tries) setTimeout(look, 100, tries - 1);
  };
  look(50);
}
