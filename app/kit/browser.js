// What Streamlit's page lacks: one entry of the history a page, shortcuts, and a few words for those who do not see it.

// A changed address of the same page replaces its entry of the history, so that one press of Back leaves the page. On
// the way to another page Streamlit first writes that page's parameters into the address of the one that is left, which
// is put right here.
const A_MOMENT = 1000;

function keepOneEntryAPage() {
  const push = history.pushState;
  let before = null;
  history.pushState = function (state, title, url) {
    const next = new URL(url, location.href);
    if (next.pathname === location.pathname) {
      before = { href: location.href, at: performance.now() };
      history.replaceState(state, title, url);
      return;
    }
    if (before && next.search === location.search && performance.now() - before.at < A_MOMENT)
      history.replaceState(null, "", before.href);
    before = null;
    push.call(history, state, title, url);
  };
}

// g and a letter go to a page. In a table j, k, x and the space bar are its own arrow keys and its own way to tick a row.
const PAGES = { n: "", d: "data", f: "fit", l: "live", r: "runs", c: "compare", s: "study", e: "results", t: "try_image" };
const IN_TABLE = { j: { key: "ArrowDown" }, k: { key: "ArrowUp" }, x: { key: " ", shiftKey: true } };
const SHORTCUTS = [
  ["g then n d f l r c s e t", "Launch (new), Data, Fit, Live, Runs, Compare, Study, Results, Try"],
  ["/", "To the page's search field"], ["j  k", "Down and up in a table"], ["x  or space", "Tick the row of a table"],
  ["←  →", "The pictures beside the one that is open"], ["?", "These shortcuts"], ["Esc", "Close"],
];
let going = false;

const typing = (element) => element.closest("input, textarea, select, [contenteditable], [role=dialog], dialog");

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || !event.isTrusted || typing(event.target)) return;
  const key = event.key;
  if (going) {
    going = false;
    if (key in PAGES) return done(event, () => visit(PAGES[key]));
  }
  if (key === "g") done(event, () => { going = true; });
  else if (key === "?") done(event, showShortcuts);
  else if (key === "/") done(event, () => (document.querySelector('.stMain input[aria-label*="earch"], .stMain input[placeholder*="earch"]')
    ?? document.querySelector(".stMain input"))?.focus());
  else if (key in IN_TABLE || (key === " " && event.target.closest('[data-testid="stDataFrame"]')))
    inTable(event, IN_TABLE[key] ?? IN_TABLE.x);
}

function done(event, act) {
  event.preventDefault();
  event.stopImmediatePropagation();  // Streamlit has keys of its own: r runs the page again
  act();
}

function visit(name) {
  const links = document.querySelectorAll('[data-testid="stTopNavLink"], [data-testid="stSidebarNavLink"]');
  const address = new URL(name || "./", document.baseURI);
  const link = [...links].find((each) => new URL(each.href).pathname === address.pathname);
  link ? link.click() : location.assign(address);
}

function inTable(event, press) {
  const canvas = document.querySelector('.stMain [data-testid="stDataFrame"] canvas[tabindex]');
  if (!canvas) return;
  event.preventDefault();
  event.stopPropagation();
  canvas.focus();
  for (const kind of ["keydown", "keyup"]) canvas.dispatchEvent(new KeyboardEvent(kind, { ...press, bubbles: true }));
}

function showShortcuts() {
  const dialog = Object.assign(document.createElement("dialog"), { className: "dr-shortcuts", ariaLabel: "Shortcuts" });
  const list = document.createElement("dl");
  for (const [keys, meaning] of SHORTCUTS) {
    const name = document.createElement("dt"), text = document.createElement("dd");
    name.append(keys);
    text.append(meaning);
    list.append(name, text);
  }
  dialog.append(Object.assign(document.createElement("h2"), { textContent: "Shortcuts" }), list);
  dialog.onclick = dialog.onclose = () => dialog.remove();
  const page = getComputedStyle(document.querySelector(".stApp"));
  Object.assign(dialog.style, { background: page.backgroundColor, color: page.color });
  document.body.append(dialog);
  dialog.showModal();
}

// A switch in the header of every page. Streamlit redraws its header, so the switch lies over it.
const THEMES = [["light", "light_mode", "Light"], ["dark", "dark_mode", "Dark"], ["system", "contrast", "As the system"]];

// Python draws some colours: the page is drawn again once Streamlit has taken the theme over.
let tell;
const redraw = () => setTimeout(() => tell("theme", Date.now()), 100);

function themeSwitch() {
  const { chosen, choose } = window.__darkroomTheme ?? {};
  if (!choose) return;
  const group = Object.assign(document.createElement("div"), { className: "dr-theme", role: "radiogroup", ariaLabel: "Theme" });
  const mark = () => { for (const each of group.children) each.ariaChecked = each.value === chosen(); };
  for (const [value, icon, title] of THEMES) {
    const button = Object.assign(document.createElement("button"), { value, title, role: "radio", ariaLabel: title });
    button.append(Object.assign(document.createElement("span"), { textContent: icon, ariaHidden: true }));
    button.onclick = () => { choose(value); mark(); redraw(); };
    group.append(button);
  }
  addEventListener("storage", () => { mark(); redraw(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  mark();
  document.querySelector(".stApp").append(group);
}

// "?" is no stop before its field, since a screen reader tells its text with the field; a box that scrolls is a stop.
function tidy() {
  for (const help of document.querySelectorAll('button[aria-label^="Help"]:not([tabindex="-1"])')) help.tabIndex = -1;
  for (const box of document.querySelectorAll(".stMain pre:not([tabindex])"))
    if (box.scrollHeight > box.clientHeight || box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  for (const dialog of document.querySelectorAll("[role=dialog]:not(.dr-told)")) {
    if (!dialog.textContent.includes("connected to the internet")) continue;
    dialog.classList.add("dr-told");
    const words = "The dashboard does not answer. Runs go on without it. Start it again, for example by make run: this "
      + "page then reconnects by itself.";
    dialog.querySelector("p")?.after(Object.assign(document.createElement("p"), { textContent: words }));
  }
}

function tidyAlways() {
  let waiting = false;
  const later = () => {
    if (waiting) return;
    waiting = true;
    setTimeout(() => { waiting = false; tidy(); }, 300);
  };
  new MutationObserver(later).observe(document.body, { childList: true, subtree: true });
  later();
}

export default function ({ setTriggerValue }) {
  tell = setTriggerValue;
  if (window.__darkroomBrowser) return;
  window.__darkroomBrowser = true;
  keepOneEntryAPage();
  addEventListener("keydown", onKey, true);
  tidyAlways();
  themeSwitch();
}
