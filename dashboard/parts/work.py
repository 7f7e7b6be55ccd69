"""Long-running work: its progress beside the button that started it, and its end in the same place.

Progress and outcome are read from the run's row. So they are there after a reload, and for other members too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import streamlit as st

from dashboard.parts import live
from dashboard.state import Viewer
from dashboard.state.messages import Tone

NEWS = timedelta(minutes=15)
"""How long a success is news. Later it is one quiet line."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far some work is: the `share` from 0 to 1, a text, and further lines. Texts are Markdown."""

    share: float
    text: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How some work ended, with the cure after a failure. The text is Markdown. `is_news` is set soon after the end
    of work that a person started."""

    tone: Tone
    text: str
    is_news: bool = False


@st.fragment
def draw_progress(
    viewer: Viewer,
    key: str,
    read_progress: Callable[[datetime], Progress | None],
    leave_end: Callable[[], None] | None = None,
) -> None:
    """Draw the progress at each step of the work. Rerun the page once `read_progress` returns None: it has ended.

    `key` is unique on the page. `leave_end` leaves a message about work whose row does not outlive it.
    """
    live.follow_work(viewer, key)
    progress = read_progress(datetime.now(UTC))
    if progress is None:
        if leave_end:
            leave_end()
        live.rerun_page()
    st.progress(progress.share, text=progress.text)
    for note in progress.notes:
        st.caption(note)


def draw_outcome(outcome: Outcome) -> None:
    """Draw how the work ended: loud after a failure and soon after a click, else as one quiet line."""
    match outcome.tone:
        case Tone.ERROR:
            st.error(outcome.text, icon=":material/error:")
        case Tone.INFO:
            st.info(outcome.text, icon=":material/info:")
        case Tone.SUCCESS if outcome.is_news:
            st.success(outcome.text, icon=":material/check_circle:")
        case Tone.SUCCESS:
            st.caption(f":material/check_circle: {outcome.text}")


def is_news(finished_at: datetime | None, now: datetime) -> bool:
    """Whether work that ended then is news."""
    return finished_at is not None and now - finished_at < NEWS
