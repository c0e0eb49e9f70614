// Tells what became of runs: once a message and tab, in the page, in the tab's title and, if asked for, on the desktop.
// What a tab has told outlives a reload. A new tab tells nothing that is older than itself.

const TOLD = "darkroom-told", WANTED = "darkroom-notify", SECONDS = 12, MOST_TOLD = 500, MOST_SHOWN = 4;

const told = () => JSON.parse(sessionStorage.getItem(TOLD) ?? "null");
const possible = () => window.isSecureContext && "Notification" in window;
const wanted = () => localStorage.getItem(WANTED) === "yes";
const onDesktop = () => possible() && wanted() && Notification.permission === "granted";

function tell(news) {
  const before = told();
  const keys = new Set([...before ?? [], ...news.map(({ key }) => key)]);
  sessionStorage.setItem(TOLD, JSON.stringify([...keys].slice(-MOST_TOLD)));
  for (const each of before ? news.filter(({ key }) => !before.includes(key)) : []) {
    toast(each.title, each.body, each);
    if (document.hidden) mark(each.title);
    if (onDesktop()) notify(each);
  }
}

// The tag keeps several tabs from telling the desktop the same twice.
function notify({ key, title, body, link }) {
  try {
    const shown = new Notification(title, { body, tag: key });
    shown.onclick = () => { window.focus(); location.assign(new URL(link, document.baseURI)); };
  } catch {}  // some phones know the permission, but let no page notify
}

// What went well leaves by itself; what did not, once it is closed.
function toast(title, body, { kind = "", link = "" } = {}) {
  const box = element("div", { className: `dr-toast dr-told-${kind}` });
  box.append(link ? element("a", { href: new URL(link, document.baseURI), textContent: title }) : element("b", { textContent: title }));
  box.append(element("p", { textContent: body[0].toUpperCase() + body.slice(1) }));
  const close = element("button", { textContent: "✕", ariaLabel: "Close", onclick: () => box.remove() });
  box.append(close);
  shelf().append(box);
  while (shelf().children.length > MOST_SHOWN) shelf().firstChild.remove();
  if (kind !== "ended" && kind !== "") return;
  let leaving;
  const leave = () => { leaving = setTimeout(() => box.remove(), 1000 * SECONDS); };
  box.onpointerenter = box.onfocusin = () => clearTimeout(leaving);
  box.onpointerleave = box.onfocusout = leave;
  leave();
}

function shelf() {
  const there = document.querySelector(".dr-toasts");
  if (there) return there;
  const made = element("div", { className: "dr-toasts", role: "status", ariaLive: "polite" });
  document.querySelector(".stApp").append(made);
  return made;
}

// A tab that nobody looks at says in its title what has happened, until it is looked at.
let marked = "";

function mark(title) {
  if (!marked) document.addEventListener("visibilitychange", unmark, { once: true });
  marked = `${title} · `;
  showMark();
}

function showMark() {
  if (marked && !document.title.startsWith(marked)) document.title = marked + document.title;
}

function unmark() {
  document.title = document.title.replace(marked, "");
  marked = "";
}

// Where nothing runs nothing is asked for: whoever comes back, perhaps from a terminal, has the page look once.
let look, idle;
const busy = () => document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState === "running";

function comeBack() {
  if (busy()) return setTimeout(comeBack, 100);
  if (idle) look();
}

// The bell in the header is the only thing that asks the browser for its permission, when it is clicked.
function bell() {
  const button = element("button", { className: "dr-bell", role: "switch", ariaLabel: "Desktop notifications" });
  const icon = element("span", { ariaHidden: true });
  const show = () => {
    button.ariaChecked = onDesktop();
    icon.textContent = onDesktop() ? "notifications_active" : "notifications_off";
    button.title = `Desktop notifications when a run ends, fails or worries the doctor: ${onDesktop() ? "on" : "off"}`;
  };
  button.onclick = async () => {
    const turnOn = !onDesktop();
    localStorage.setItem(WANTED, turnOn ? "yes" : "no");
    if (turnOn && possible() && Notification.permission !== "granted") await Notification.requestPermission();
    show();
    if (turnOn) onDesktop() ? toast("Desktop notifications are on", "Keep a tab of the dashboard open; it may be in the background.")
      : toast("Desktop notifications stay off", why(), { kind: "failed" });
  };
  button.append(icon);
  document.querySelector(".stApp").append(button);
  addEventListener("storage", show);
  show();
}

function why() {
  if (!possible()) return "Browsers allow them only for localhost and for https: open the dashboard by one of these.";
  return "The browser denies them for this page: allow notifications in its settings of this site, beside the address.";
}

const element = (name, properties) => Object.assign(document.createElement(name), properties);

export default function ({ data, setTriggerValue }) {
  look = () => setTriggerValue("look", Date.now());
  idle = data.idle;
  if (!window.__darkroomNews) {
    window.__darkroomNews = { onDesktop };
    bell();
    addEventListener("focus", () => setTimeout(comeBack, 1000));
    new MutationObserver(showMark).observe(document.querySelector("title"), { childList: true });
  }
  tell(data.news);
}
