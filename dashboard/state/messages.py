"""Messages that survive a rerun: left by a click, shown by the run that shows its effect, until the next click.

`place` names the part of the page that shows the message.

Streamlit may end a run at any use of `st`, its session state included: pushed news ask for a rerun as soon as an
action is committed. So an action reserves its slot first, and then fills it without Streamlit. And automatic reruns
keep the message, which would vanish within a second otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import streamlit as st

from core.errors import XenoError
from dashboard.drawing.words import sentence
from dashboard.state.viewer import runs_for_news

_KEY = "message at "
PAGE = "page"


def place_of_store(store_id: int) -> str:
    """The place on a store's card, below its buttons."""
    return f"store {store_id}"


class Tone(StrEnum):
    """How a message is meant."""

    SUCCESS = "success"
    INFO = "info"
    ERROR = "error"


@dataclass(slots=True)
class Slot:
    """A place for one message of the next run. Empty, it shows nothing."""

    tone: Tone = Tone.INFO
    text: str = ""
    was_shown: bool = False

    def leave_success(self, text: str) -> None:
        """Leave a message that something was done."""
        self.tone, self.text = Tone.SUCCESS, text

    def leave_error(self, error: XenoError) -> None:
        """Leave the sentence of an error."""
        self.tone, self.text = Tone.ERROR, sentence(error)


def reserve(place: str = PAGE) -> Slot:
    """Reserve the message of this place for an action. Call it before the action."""
    slot = Slot()
    st.session_state[_KEY + place] = slot
    return slot


def leave_success(text: str, place: str = PAGE) -> None:
    """Leave a message that something was done."""
    _leave(Tone.SUCCESS, text, place)


def leave_info(text: str, place: str = PAGE) -> None:
    """Leave a message that is neither success nor failure."""
    _leave(Tone.INFO, text, place)


def leave_error(error: XenoError, place: str = PAGE) -> None:
    """Leave the sentence of an error."""
    _leave(Tone.ERROR, sentence(error), place)


def show(place: str = PAGE) -> None:
    """Show the message that was left for this place, until the next click."""
    slot = st.session_state.get(_KEY + place)
    if not isinstance(slot, Slot) or not slot.text:
        return
    if slot.was_shown and not runs_for_news():
        del st.session_state[_KEY + place]
        return
    slot.was_shown = True
    match slot.tone:
        case Tone.SUCCESS:
            st.success(slot.text, icon=":material/check_circle:")
        case Tone.INFO:
            st.info(slot.text, icon=":material/info:")
        case Tone.ERROR:
            st.error(slot.text, icon=":material/error:")


def _leave(tone: Tone, text: str, place: str) -> None:
    st.session_state[_KEY + place] = Slot(tone, text)
