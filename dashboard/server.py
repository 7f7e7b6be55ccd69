"""The web process, `streamlit run dashboard/server.py`: Streamlit's app, our routes, and the headers of both.

It refuses to start with wrong settings, or with a database role that could read across tenants.
"""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from core import database, logs
from core.config import settings
from core.errors import XenoError
from dashboard.drawing.words import sentence
from dashboard.state import session
from dashboard.web import exports, live
from dashboard.web.assets import Assets
from dashboard.web.gate import Gate
from dashboard.web.routes import routes
from dashboard.web.security import Guard
from dashboard.web.shell import Shell

log = logs.get(__name__)


def check_startup() -> None:
    """End the process with one sentence if it must not start."""
    try:
        logs.configure(settings().log_format)
        database.engine()
    except XenoError as problem:
        sys.exit(f"{str(problem).rstrip('.')}.")


def show_error(error: Exception) -> bool:
    """Show the error of a page as a sentence. The log has the trace."""
    if isinstance(error, XenoError):
        log.warning("page refused", reason=str(error), kind=type(error).__name__)
        st.error(sentence(error), icon=":material/error:")
    else:
        _log_failure(error)
        st.error(
            "Something went wrong in Xeno. Try again. If it stays, ask your operator to look into the log.",
            icon=":material/error:",
        )
    return True


def hide_traces_of_streamlit() -> None:
    """Keep Streamlit from logging the errors of pages: `show_error` logs them, and spares the input of visitors."""
    logging.getLogger("streamlit.error_util").addFilter(lambda record: record.msg != "Uncaught app execution")


def _log_failure(error: Exception) -> None:
    """Log an unexpected error with its trace; before sign-in, only with its place, as the input may be anything."""
    if session.has_token():
        log.exception("page failed", exc_info=error)
        return
    place = traceback.extract_tb(error.__traceback__)[-1]
    log.error("page failed before sign-in", kind=type(error).__name__, at=f"{place.filename}:{place.lineno}")


check_startup()
hide_traces_of_streamlit()

served = [*routes, *exports.routes, *live.routes]

# A literal assignment: `streamlit run` finds the app by reading this file, not by running it.
app = st.App(
    Path(__file__).with_name("streamlit_app.py"),
    routes=served,
    middleware=[Middleware(Guard), Middleware(Gate, routes=served), Middleware(Shell), Middleware(Assets)],
    on_script_error=show_error,
)
