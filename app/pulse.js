// Asks for a refresh when the store has changed, at most so often, only in a visible tab, and never before the last
// refresh has arrived. Even without a change it asks now and then if `patience` says so.

const visible = () => document.hidden
  ? new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true })).then(visible)
  : Promise.resolve();
const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, 1000 * seconds));

async function changed(host) {
  const { url, version, patience } = host.beat;
  const started = performance.now();
  while (host.isConnected && performance.now() - started < 1000 * patience) {
    await visible();
    const address = new URL(`${url}?since=${version}&within=${patience}`, document.baseURI);
    const answer = await fetch(address).then((reply) => reply.text()).catch(() => "");
    if (!/^(\d+|none)$/.test(answer)) return pause(1);
    if (answer !== host.beat.version) return;
  }
}

async function follow(host) {
  while (host.isConnected) {
    await changed(host);
    await pause(host.beat.every - (performance.now() - host.arrived) / 1000);
    await visible();
    if (!host.isConnected) return;
    const arrival = new Promise((resolve) => { host.answered = resolve; });
    host.ask();
    await Promise.race([arrival, pause(5)]);
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const host = parentElement.querySelector(".pulse");
  const first = !host.beat;
  host.beat = data;
  host.arrived = performance.now();
  host.dataset.beats = data.beats;
  host.ask = () => setTriggerValue("beat", Date.now());
  host.answered?.();
  if (first) follow(host);
}
