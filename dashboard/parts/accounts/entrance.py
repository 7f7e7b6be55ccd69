"""The entrance: lets a signed-in viewer in, and shows the sign-in page to everybody else."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from dashboard import state
from dashboard.parts.accounts import sign_in
from dashboard.state import Viewer, session
from dashboard.state.viewer import find_viewer


def admit(now: datetime) -> Viewer:
    """Return the viewer; without a valid session, show the sign-in page and end the run."""
    viewer = find_viewer(now)
    if viewer is None:
        session.leave_if_ended(now)
        token = session.token()
        if token is None:
            sign_in.draw_sign_in_page(now)
        else:
            sign_in.draw_no_business_page(token, now)
        st.stop()
    state.record_activity(viewer, now)
    return viewer
