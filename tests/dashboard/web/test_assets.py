"""The files of Streamlit's page travel compressed, and once."""

from __future__ import annotations

import gzip

import pytest
from starlette.responses import PlainTextResponse

from dashboard.web import assets
from tests.dashboard.web.asgi import Answer, get

APP = assets.Assets(PlainTextResponse("Streamlit answers.", 404))
SIZES = {name: sum(path.stat().st_size for path in paths) for name, paths in assets.FILES.items()}
SCRIPT = max((name for name in SIZES if name.endswith(".js")), key=SIZES.__getitem__)
FONT = next(name for name in SIZES if name.endswith(".woff2"))


def fetch(name: str, accepted: str = "gzip, deflate, br") -> Answer:
    return get(APP, name, {}, accept_encoding=accepted)


def test_a_script_travels_compressed_and_is_the_file_on_disk() -> None:
    answer = fetch(SCRIPT)
    assert (answer.status, answer.headers["content-encoding"]) == (200, "gzip")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert gzip.decompress(answer.body) == assets.FILES[SCRIPT][0].read_bytes()
    assert len(answer.body) < SIZES[SCRIPT] / 3


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "identity, gzip; q=0.0", "xgzip"])
def test_a_browser_that_accepts_no_gzip_gets_the_plain_file(accepted: str) -> None:
    answer = fetch(SCRIPT, accepted)
    assert "content-encoding" not in answer.headers
    assert answer.body == assets.FILES[SCRIPT][0].read_bytes()


@pytest.mark.parametrize("accepted", ["gzip", "GZIP", "br, gzip;q=0.5", "deflate , gzip"])
def test_gzip_is_found_among_other_encodings(accepted: str) -> None:
    assert fetch(SCRIPT, accepted).headers["content-encoding"] == "gzip"


@pytest.mark.parametrize("name", [SCRIPT, FONT])
def test_browsers_keep_a_file_for_good(name: str) -> None:
    answer = fetch(name)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert ("accept-encoding" in answer.headers.get("vary", "").lower()) == (name == SCRIPT)


@pytest.mark.parametrize("name", ["/static/js/none.js", "/static/../index.html", "/static/", "/static/js", "/"])
def test_every_other_address_is_passed_on(name: str) -> None:
    assert fetch(name).text == "Streamlit answers."
