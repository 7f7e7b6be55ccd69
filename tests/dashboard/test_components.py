"""Our components reach the browser as files of this server, which the Content-Security-Policy demands."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from dashboard import components
from dashboard.web.assets import Assets
from dashboard.web.gate import Gate
from tests.cast import Cast
from tests.dashboard.pages import open_page
from tests.dashboard.web.asgi import get

ROOT = Path(__file__).parents[2]
APP = Gate(Assets(PlainTextResponse("Streamlit answers.", 404)), [Route("/healthz", PlainTextResponse("ok"))])


@pytest.mark.parametrize("address", components.FILES)
def test_each_file_of_a_component_is_served_compressed_and_kept_for_good(address: str) -> None:
    answer = get(APP, address, {}, accept_encoding="gzip")
    assert (answer.status, answer.headers["content-encoding"]) == (200, "gzip")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith(("text/javascript", "text/css"))


def test_the_styles_of_a_component_bring_those_that_all_share() -> None:
    (address,) = (
        address for address in components.FILES if "/xeno.heat/" in address and address.endswith("heat.css")
    )
    styles = get(APP, address, {}).text
    assert styles.index(".tip {") < styles.index(".grid {"), "so that a component's own rules win"
    assert not any(address.endswith("shared.css") for address in components.FILES)


@pytest.mark.parametrize("end", ["", "/", "/live.js", "/0123456789ab/live.js", "/component.py", "/../component.py"])
def test_no_other_address_of_a_component_is_served(end: str) -> None:
    assert get(APP, f"/_stcore/bidi-components/xeno.live{end}", {}).status == 404


def test_a_page_names_the_files_that_are_served(cast: Cast) -> None:
    protos = [node.proto for node in open_page(cast.alice, "overview").get("bidi_component")]
    live = next(proto for proto in protos if proto.component_name == "xeno.live")
    below = f"/_stcore/bidi-components/{live.component_name}/"
    assert {below + live.js_source_path, below + live.css_source_path} <= components.FILES.keys()
    assert (live.js_content, live.css_content) == ("", "")


def test_an_ordinary_installation_brings_every_file() -> None:
    """Setuptools leaves out every file that is no module, unless its pattern is listed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]
    for package in ("core", "dashboard", "webhook_receiver"):
        folder = ROOT / package
        packaged = {path for pattern in patterns.get(package, []) for path in folder.glob(pattern)}
        files = {path for path in folder.rglob("*") if path.is_file() and path.suffix not in {".py", ".pyc", ".png"}}
        assert packaged == files
