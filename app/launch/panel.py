"""The panel beside the launch form: costs, advice, and the equivalent command."""

from collections.abc import Sequence

import streamlit as st

from app.form.draft import Draft, reset
from app.form.fields import fields
from app.form.memory import device_capacity, doubts, memory_fact
from app.kit import words
from app.kit.findings import show_remarks
from app.kit.frame import definitions, show_mistake
from app.kit.guard import guarded
from app.kit.pulse import pulse
from app.kit.store import store
from app.kit.writing import measuring
from engine.analysis.lint import lint_configs
from engine.cli.command import train_command
from engine.config import RunConfig
from engine.config.steps import picture_size, total_steps
from engine.costs import describe, memories
from engine.costs.keys import Cost, Memory
from engine.costs.pace import Estimate, estimate
from engine.launch.capacity import kind_of
from engine.tasks import task_of

_LISTED = 6
_MODEL_ERRORS = "launch_refused"


def has_model_errors() -> bool:
    """Return whether a model in the form failed its measurement, for example at this picture size."""
    return bool(st.session_state.get(_MODEL_ERRORS))


@st.fragment
def facts(configs: Sequence[RunConfig]) -> None:
    """Draw parameters, steps and time of the runs, and refresh while models are being measured.

    The page is rerun when a measurement fails, because that disables the launch button.
    """
    with guarded():
        costs, needed = [describe(config) for config in configs], memories(configs)
        if (None in costs or None in needed) and not store().read_only:
            pulse("launch_pulse", every=1, patience=2)
        definitions(_facts(configs, costs, needed))
        for line in doubts(configs, needed):
            st.caption(line)
        errors = list(dict.fromkeys(cost["error"] for cost in costs if cost and cost.get("error")))
        if errors != st.session_state.setdefault(_MODEL_ERRORS, []):
            st.session_state[_MODEL_ERRORS] = errors
            st.rerun()
        for error in errors:
            show_mistake(words.sentence(error))


def advice(draft: Draft) -> None:
    """Draw warnings, changed options, and the equivalent commands."""
    show_remarks(lint_configs(draft.configs or draft.repaired))
    if draft.changed:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"**Changed** · {len(draft.changed)}", width="content")
            st.button("Reset", on_click=reset, type="tertiary", icon=":material/restart_alt:")
        definitions(_changes(draft))
    shown = draft.configs or draft.repaired
    if shown:
        more = len(shown) - _LISTED
        st.markdown(("**Commands**" if len(shown) > 1 else "**Command**") + (f" · and {more} more" if more > 0 else "")
                    + " without the mistake" * bool(draft.error))
        commands = [train_command(config, detach=True) for config in shown[:_LISTED]]
        st.code("\n".join(commands), language="bash", wrap_lines=True)


def _facts(configs: Sequence[RunConfig], costs: Sequence[Cost | None],
           needed: Sequence[Memory | None]) -> list[tuple[str, str, str]]:
    estimates = [estimate(store(), config, cost, kind_of(device_capacity(config.device)))
                 for config, cost in zip(configs, costs, strict=True)]
    known = [cost for cost in costs if cost and not cost.get("error")]
    waiting = measuring(None in costs)
    sizes = dict.fromkeys(task_of(config.dataset).seen.format(picture_size(config))
                          for config in sorted(configs, key=picture_size))
    return [
        ("Parameters", _range([cost["parameters"] for cost in known]) or waiting, ""),
        ("Multiply-adds", _range([cost["macs"] for cost in known]) or waiting, "per picture"),
        ("Pictures", ", ".join(sizes), ""),
        ("Memory", *memory_fact(configs, needed)),
        ("Steps", words.count(sum(total_steps(config) for config in configs)), ""),
        ("Time", *_time(estimates)),
    ]


def _time(estimates: Sequence[Estimate]) -> tuple[str, str]:
    """Return the time of all runs together: a lower bound where some of it is unknown; and where it comes from."""
    known = [found for found in estimates if found.seconds is not None]
    if not known:
        return "unknown", estimates[0].source
    unknown = len(estimates) - len(known)
    about = words.duration(sum(found.seconds or 0 for found in known))
    if unknown:
        return f"at least {about}", f"{words.counted(unknown, 'run')} not known; {known[0].source}"
    return f"about {about}", known[0].source


def _range(values: Sequence[float | None]) -> str:
    found = sorted({value for value in values if value is not None})
    ends = found[:1] + found[1:][-1:]
    return " – ".join(words.short_count(value) for value in ends)


def _changes(draft: Draft) -> list[tuple[str, str, str]]:
    return [(field.label, draft.changed[field.name] or "empty", f"was {field.default}" if field.default else "")
            for field in fields() if field.name in draft.changed]
