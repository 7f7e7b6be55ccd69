"""Actions of buttons and forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

import streamlit as st

from core.errors import XenoError
from dashboard.state import messages


def run_action(action: Callable[[], object], success: str = "", place: str = messages.PAGE) -> NoReturn:
    """Run the action, leave its success or its error as a message, and run the page again."""
    slot = messages.reserve(place)
    try:
        action()
        slot.leave_success(success)
    except XenoError as error:
        slot.leave_error(error)
    st.rerun()
