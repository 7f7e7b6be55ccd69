"""The HTML of a page names the scripts that its run will need, and no others."""

from __future__ import annotations

import re

import pytest
from starlette.responses import PlainTextResponse

from dashboard.navigation import PAGES
from dashboard.web import assets
from dashboard.web.shell import Shell
from tests.dashboard.web.asgi import get

APP = Shell(PlainTextResponse("passed on"))
COOKIE = "xeno=a-token"


def preloaded(address: str, **headers: str) -> list[str]:
    page = get(APP, address, {}, accept="text/html", **headers).text
    return re.findall(r'<link rel="(?:modulepreload|preload)"[^>]* href="\.(/static/[^"]+)"', page)


@pytest.mark.parametrize("path", [page.url_path for page in PAGES])
def test_each_preloaded_file_is_served_and_named_once(path: str) -> None:
    files = preloaded(f"/{path}", cookie=COOKIE)
    assert set(files) <= assets.FILES.keys()
    assert len(files) == len(set(files))


@pytest.mark.parametrize("path", [page.url_path for page in PAGES])
def test_no_page_loads_plotly(path: str) -> None:
    assert not any("lotly" in file for file in preloaded(f"/{path}", cookie=COOKIE))


def test_a_page_preloads_the_scripts_of_its_choices_and_no_others() -> None:
    def choices(path: str) -> set[str]:
        named = (
            re.search(r"/(Selectbox|Multiselect|TextInput|NumberInput)\.", file)
            for file in preloaded(path, cookie=COOKIE)
        )
        return {found[1] for found in named if found}

    assert choices("/explore") == {"Selectbox", "Multiselect"}
    assert choices("/discounts") == {"Selectbox"}
    assert choices("/orders") == {"Selectbox", "TextInput"}
    assert choices("/stock") == {"Selectbox", "TextInput", "NumberInput"}
    assert choices("/targets") == choices("/order") == set()


def test_the_font_of_icons_is_preloaded_instead_of_streamlits_own() -> None:
    fonts = [file for file in preloaded("/") if file.endswith(".woff2")]
    assert len(fonts) == 1
    assert "MaterialSymbols" in fonts[0]
