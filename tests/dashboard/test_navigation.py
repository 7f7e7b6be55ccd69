"""Where a browser may be sent after signing in, and how typed text is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import InvalidInput
from dashboard.drawing.words import plain, sentence
from dashboard.navigation import DEMO_PAGES, MARK, PAGES, WORDMARK, local_address


@pytest.mark.parametrize(
    ("wanted", "address"),
    [
        ("", "/"),
        ("/", "/"),
        ("orders", "/orders"),
        ("/orders/", "/orders"),
        ("/stores?a=1&b=x%20y&b=", "/stores?a=1&b=x+y&b="),
        ("/?range=7d", "/?range=7d"),
        ("/nowhere", "/"),
        ("/orders/../auth/sign-out", "/"),
        ("/auth/finish?ticket=x", "/"),
        ("https://evil.example/orders", "/"),
        ("//evil.example/orders", "/"),
        ("///evil.example", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("http://[bad", "/"),
        ("/orders\r\nSet-Cookie: a=b", "/"),
        ("/orders?next=\r\nSet-Cookie: a=b", "/orders?next=Set-Cookie%3A+a%3Db"),
    ],
)
def test_only_our_pages_are_valid_targets(wanted: str, address: str) -> None:
    assert local_address(wanted) == address


def test_every_page_and_image_that_is_declared_exists() -> None:
    folder = Path(MARK).parents[1] / "app_pages"
    pages = (*PAGES, *DEMO_PAGES)
    assert {f"{page.file}.py" for page in pages} == {file.name for file in folder.glob("*.py")}
    assert MARK.is_file()
    assert WORDMARK.is_file()
    assert len({page.url_path for page in pages}) == len(pages)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Zoe & Sons", "Zoe \\& Sons"),
        ("*bold* _it_ `code`", "\\*bold\\* \\_it\\_ \\`code\\`"),
        ("two\nlines", "two lines"),
        ("[link](https://evil.example)", "\\[link\\]\\(https\\:/\u2060/evil\\.example\\)"),
        ("www.evil.example", "www\u2060\\.evil\\.example"),
        ("eve@evil.example", "eve@\u2060evil\\.example"),
        ("$x$ :red[y] <script>", "\\$x\\$ \\:red\\[y\\] \\<script\\>"),
        ("Жанна 🦆", "Жанна 🦆"),
    ],
)
def test_typed_text_is_never_markup(typed: str, shown: str) -> None:
    assert plain(typed) == shown


def test_a_sentence_ends_with_one_full_stop() -> None:
    assert sentence(InvalidInput("No such shop")) == "No such shop\\."
    assert sentence(InvalidInput("No such shop.")) == "No such shop\\."
