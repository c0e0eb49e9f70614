// Runs before Streamlit does: the browser says that it prefers what was chosen here. "system" leaves it what it says.

(() => {
  const KEY = "darkroom-theme", ask = window.matchMedia.bind(window), scheme = /prefers-color-scheme:\s*(\w+)/;
  const chosen = () => localStorage.getItem(KEY) ?? "system";
  window.matchMedia = (query) => {
    const found = ask(query), asked = scheme.exec(query)?.[1], theme = chosen();
    if (asked && theme !== "system") Object.defineProperty(found, "matches", { value: asked === theme });
    return found;
  };
  // Streamlit asks again after printing, which is the one moment that a script can bring about.
  const follow = () => window.dispatchEvent(new Event("afterprint"));
  window.addEventListener("storage", ({ key }) => key === KEY && follow());
  window.__darkroomTheme = {
    chosen,
    choose(theme) {
      localStorage.setItem(KEY, theme);
      follow();
    },
  };
})();
