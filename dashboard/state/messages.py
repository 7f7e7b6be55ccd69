"""Messages that survive a rerun: left by a click, shown once by the run that shows its effect.

`place` names the part of the page that shows the message.
"""

from __future__ import annotations

from enum import StrEnum

import streamlit as st

from core.errors import XenoError
from dashboard.drawing.words import sentence

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
    """Show the message that was left for this place, once."""
    match st.session_state.pop(_KEY + place, None):
        case (Tone.SUCCESS, text):
            st.success(text, icon=":material/check_circle:")
        case (Tone.INFO, text):
            st.info(text, icon=":material/info:")
        case (Tone.ERROR, text):
            st.error(text, icon=":material/error:")


def _leave(tone: Tone, text: str, place: str) -> None:
    st.session_state[_KEY + place] = (tone, text)
