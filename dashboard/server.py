"""The web process: `streamlit run dashboard/server.py`. Streamlit's app, our routes, and the headers over both.

It refuses to start where the settings are wrong or where its database role could read across tenants.
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
from dashboard.web import exports
from dashboard.web.assets import Assets
from dashboard.web.gate import Gate
from dashboard.web.routes import routes
from dashboard.web.security import Guard

log = logs.get(__name__)


def check() -> None:
    """End the process with one sentence where it must not start."""
    try:
        logs.configure(settings().log_format)
        database.engine()
    except XenoError as problem:
        sys.exit(f"{str(problem).rstrip('.')}.")


def explain(error: Exception) -> bool:
    """Show what a page could not do as a sentence, instead of a trace; the log has the trace."""
    if isinstance(error, XenoError):
        log.warning("page refused", reason=str(error), kind=type(error).__name__)
        st.error(sentence(error), icon=":material/error:")
    else:
        _log_failure(error)
        st.error("Something went wrong on our side. Try again; the log says what it was.", icon=":material/error:")
    return True


def hide_traces_of_streamlit() -> None:
    """Keep Streamlit from logging each fault of a page: `explain` does, and knows whose page it was."""
    logging.getLogger("streamlit.error_util").addFilter(lambda record: record.msg != "Uncaught app execution")


def _log_failure(error: Exception) -> None:
    """Log a fault of ours with its trace; of a stranger's page, whose input may be anything, with its place alone."""
    if session.has_token():
        log.exception("page failed", exc_info=error)
        return
    place = traceback.extract_tb(error.__traceback__)[-1]
    log.error("page of a stranger failed", kind=type(error).__name__, at=f"{place.filename}:{place.lineno}")


check()
hide_traces_of_streamlit()

served = [*routes, *exports.routes]

# Written out here, in a name of its own: `streamlit run` finds it by reading this file, not by running it.
app = st.App(
    Path(__file__).with_name("streamlit_app.py"),
    routes=served,
    middleware=[Middleware(Guard), Middleware(Gate, routes=served), Middleware(Assets)],
    on_script_error=explain,
)
