"""A heartbeat for fragments: it asks for a refresh only while the tab is visible and the last one has arrived."""

from __future__ import annotations

import streamlit as st

from app.framework import component

_JS = """
export default function ({ data, parentElement, setTriggerValue }) {
  const host = parentElement.querySelector(".pulse");
  host.asked = 0;
  host.ask = () => setTriggerValue("beat", Date.now());
  if (host.every === data.every) return;
  clearInterval(host.timer);
  host.every = data.every;
  host.timer = setInterval(() => {
    if (!host.isConnected) return clearInterval(host.timer);
    if (document.hidden || Date.now() - host.asked < 5000) return;
    host.asked = Date.now();
    host.ask();
  }, data.every * 1000);
  return () => { if (!host.isConnected) clearInterval(host.timer); };
}
"""


def pulse(key: str, every: float) -> None:
    """Rerun the fragment this is called in, ``every`` so many seconds, for as long as it keeps calling this."""
    beats = st.session_state[f"{key}_beats"] = st.session_state.get(f"{key}_beats", 0) + 1
    mount = component("darkroom_pulse", html='<i class="pulse" hidden></i>', css="", js=_JS)
    mount(data={"every": every, "beats": beats}, key=key, on_beat_change=lambda: None)
