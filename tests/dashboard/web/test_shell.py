"""The page of Streamlit with our script, which sets light or dark before the first thing is drawn."""

from __future__ import annotations

from pathlib import Path

import streamlit
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse

from core.accounts import Theme
from dashboard.web import shell
from dashboard.web.gate import not_found
from dashboard.web.shell import Shell
from tests.dashboard.web.asgi import get


def test_the_script_of_the_theme_comes_before_streamlits_on_every_page() -> None:
    app = Shell(PlainTextResponse("passed on"))
    for address in ("/", "/orders", "/settings/"):
        text = get(app, address, {}).text
        assert text.index(shell.SCRIPT_ADDRESS) < text.index('type="module"')
        assert "<title>Xeno</title>" in text
    assert get(app, "/healthz", {}).text == "passed on"


def test_streamlit_still_reads_the_choice_from_the_key_that_the_script_writes() -> None:
    """The contract with Streamlit: a release that keeps the choice elsewhere fails here."""
    folder = Path(streamlit.__file__).parent / "static" / "static" / "js"
    scripts = "".join(path.read_text(encoding="utf-8") for path in folder.glob("utils.*.js"))
    assert "`stActiveTheme-${window.location.pathname}`" in scripts
    assert "CACHED_THEME_VERSION:st" in scripts
    assert "st=2," in scripts


def test_streamlit_still_connects_at_once_where_the_script_names_its_server() -> None:
    """The contract with Streamlit: without it, each page but Overview asks for two addresses in vain."""
    folder = Path(streamlit.__file__).parent / "static" / "static" / "js"
    scripts = "".join(path.read_text(encoding="utf-8") for path in folder.glob("index.*.js"))
    assert "window.__streamlit" in scripts
    for name in ("BACKEND_BASE_URL", "HOST_CONFIG", "allowedOrigins", "useExternalAuthToken"):
        assert name in scripts
        assert name in shell.script()


def test_an_unknown_address_shows_our_page_in_the_browsers_colours() -> None:
    response = not_found(Headers({"accept": "text/html"}), Theme.DARK)
    assert response.status_code == 404
    assert b'data-theme="dark"' in response.body
