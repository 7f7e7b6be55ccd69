"""Actions of buttons and forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

import streamlit as st

from core.errors import XenoError
from dashboard.state import messages


def run_action(action: Callable[[], object], success: str = "", place: str = messages.PAGE) -> NoReturn:
    """Run the action, leave its success or its error as a message, and run the page again."""
    try:
        action()
        if success:
            messages.leave_success(success, place)
    except XenoError as error:
        messages.leave_error(error, place)
    st.rerun()
