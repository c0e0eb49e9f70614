// What Streamlit's page lacks. A changed address of the same page replaces its entry of the history, so that one press
// of Back leaves the page. On the way to another page Streamlit first writes that page's parameters into the address of
// the one that is left, which is put right here.
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

export default function () {
  if (window.__darkroomBrowser) return;
  window.__darkroomBrowser = true;
  keepOneEntryAPage();
}
