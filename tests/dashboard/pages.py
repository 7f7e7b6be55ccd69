"""Runs a page of the dashboard as one of the cast, through the entry script, as the server does."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

from tests.cast import Person, sign_in

ENTRY = Path(__file__).parents[2] / "dashboard" / "streamlit_app.py"


def signed_out() -> AppTest:
    """What somebody sees whom nobody knows."""
    return AppTest.from_file(ENTRY, default_timeout=30).run()


def opened(person: Person, page: str = "overview", token: str | None = None) -> AppTest:
    """The page after its first run. `page` is the name of its file."""
    app = AppTest.from_file(ENTRY, default_timeout=30)
    # The browser's cookie, which this kind of test has none of, ends here.
    app.session_state["session_token"] = token or sign_in(person)
    app.run()
    if page != "overview":
        app.switch_page(f"app_pages/{page}.py").run()
    return app


def said(app: AppTest) -> str:
    """Every text of the page in one string."""
    kinds = (
        app.title,
        app.subheader,
        app.markdown,
        app.caption,
        app.text,
        app.info,
        app.warning,
        app.error,
        app.success,
    )
    return "\n".join(str(element.value) for kind in kinds for element in kind)
