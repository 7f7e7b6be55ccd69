"""Actions of buttons and forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, TypeVar

import streamlit as st

from core.errors import XenoError
from dashboard.state import messages

T = TypeVar("T")


def run_action(
    action: Callable[[], T], success: str | Callable[[T], str] = "", place: str = messages.PAGE
) -> NoReturn:
    """Run the action, leave its success or its error as a message, and run the page again.

    `success` is the message, or makes it of what the action returned.
    """
    slot = messages.reserve(place)
    try:
        result = action()
        slot.leave_success(success(result) if callable(success) else success)
    except XenoError as error:
        slot.leave_error(error)
    st.rerun()
