"""The web process: `streamlit run dashboard/server.py`. Streamlit's app, our routes, and the headers over both.

It refuses to start where the settings are wrong or where its database role could read across tenants.
"""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from core import db, logs
from core.config import settings
from core.errors import XenoError
from dashboard import exports
from dashboard.routes import routes
from dashboard.security import Guard
from dashboard.words import sentence

log = logs.get(__name__)


def check() -> None:
    """End the process with one sentence where it must not start."""
    try:
        logs.configure(settings().log_format)
        db.engine()
    except XenoError as problem:
        sys.exit(f"{str(problem).rstrip('.')}.")


def explain(error: Exception) -> bool:
    """Show what a page could not do as a sentence, instead of a trace; the log has the trace."""
    if isinstance(error, XenoError):
        log.warning("page refused", reason=str(error), kind=type(error).__name__)
        st.error(sentence(error), icon=":material/error:")
    else:
        log.exception("page failed", exc_info=error)
        st.error("Something went wrong on our side. Try again; the log says what it was.", icon=":material/error:")
    return True


check()

# Written out here, in a name of its own: `streamlit run` finds it by reading this file, not by running it.
app = st.App(
    Path(__file__).with_name("streamlit_app.py"),
    routes=[*routes, *exports.routes],
    middleware=[Middleware(Guard)],
    on_script_error=explain,
)
