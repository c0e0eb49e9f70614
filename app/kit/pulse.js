// Asks for a refresh when the store has changed, at most so often, only in a visible tab, and never before the last
// refresh has arrived. Even without a change it asks now and then if `patience` says so.

// A hidden tab waits, or looks now and then if it shall tell the desktop: a request that is held would take one of the
// few that a browser allows.
const HIDDEN_SECONDS = 10;
const looksWhileHidden = (host) => host.beat.told && window.__darkroomNews?.onDesktop();
async function visible(host) {
  if (!document.hidden) return;
  const shown = new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
  if (looksWhileHidden(host)) return Promise.race([shown, pause(HIDDEN_SECONDS)]);
  await shown;
  return visible(host);
}
// A click's answer that is being drawn must not be interrupted: the question waits until it is there.
const busy = () => document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState === "running";
const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, 1000 * seconds));

async function changed(host) {
  const { url, version, patience } = host.beat;
  const started = performance.now();
  while (host.isConnected && performance.now() - started < 1000 * patience) {
    await visible(host);
    const address = new URL(`${url}?since=${version}&within=${document.hidden ? 0 : patience}`, document.baseURI);
    const answer = await fetch(address).then((reply) => reply.text()).catch(() => "");
    if (!/^(\d+|none)$/.test(answer)) return pause(1);
    if (answer !== host.beat.version) return;
  }
}

async function follow(host) {
  while (host.isConnected) {
    await changed(host);
    await pause(host.beat.every - (performance.now() - host.arrived) / 1000);
    if (!looksWhileHidden(host)) await visible(host);
    while (host.isConnected && busy()) await pause(0.1);
    // What is left of the page before must not interrupt the first drawing of the one that was gone to.
    if (!host.isConnected || location.pathname !== host.page) return;
    const arrival = new Promise((resolve) => { host.answered = resolve; });
    try {
      host.ask();
    } catch {  // the page was being exchanged just then; it is asked again
      await pause(host.beat.every);
      continue;
    }
    await Promise.race([arrival, pause(5)]);
  }
}

// One follower a host: started again when it gave up because the host was out of the page for a moment.
function keepFollowing(host) {
  if (host.followed) return;
  host.followed = true;
  follow(host).finally(() => { host.followed = false; });
}

export default function ({ data, parentElement, setTriggerValue }) {
  const host = parentElement.querySelector(".pulse");
  host.beat = data;
  host.page = location.pathname;
  host.arrived = performance.now();
  host.dataset.beats = data.beats;
  host.ask = () => setTriggerValue("beat", Date.now());
  host.answered?.();
  keepFollowing(host);
}
