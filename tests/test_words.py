"""Keeps the idioms out that once made the code hard to search."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PLAIN = {
    "told": "said, reported, known",
    "tell": "say, report, distinguish",
    "tells": "says, reports, distinguishes",
    "telling": "saying, reporting",
    "gone": "deleted, missing, ended",
    "anew": "again; re-fetch, re-read",
    "mine": "the noun of the thing",
    "whoever": "the caller, the user",
}
"""A word that stays out of docstrings, comments and names, and the plain words for it."""
FOREIGN = {"bulk_gone": "a fault's name in the simulator's HTTP and journals", "tell": "the method of Python's files"}
"""Names that are not ours to choose."""


def prose_and_names(source: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of docstrings and comments, and the names as words, each with its line number."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield from enumerate(node.value.value.splitlines(), node.lineno)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
        elif token.type == tokenize.NAME and token.string not in FOREIGN:
            yield token.start[0], re.sub(r"_|(?<=[a-z])(?=[A-Z])", " ", token.string)


@pytest.mark.parametrize("room", ["core", "dashboard", "webhook_receiver", "tests"])
def test_docstrings_comments_and_names_are_in_plain_words(room: str) -> None:
    """Migrations that have run keep their text."""
    idiom = re.compile(rf"\b({'|'.join(PLAIN)})\b", re.I)
    sources = (path for path in sorted((ROOT / room).rglob("*.py")) if path != Path(__file__))
    assert [
        f"{path.relative_to(ROOT)}:{line}: {match[0]} → {PLAIN[match[0].lower()]}"
        for path in sources
        if "versions" not in path.parts
        for line, text in prose_and_names(path.read_text())
        if (match := idiom.search(text))
    ] == []


MESSAGES = {
    node.name
    for node in ast.walk(ast.parse((ROOT / "core" / "errors.py").read_text()))
    if isinstance(node, ast.ClassDef)
}
"""Errors whose messages people read, as sentences."""
FRAGMENTS = {"UnmappableError", "NotKeyed"}
"""Data health and the Webhook log put these messages into sentences of their own."""
VERBATIM = {"postgresql://user:password@host/database", '"'}
"""Ends that a person copies."""


@pytest.mark.parametrize("room", ["core", "dashboard", "webhook_receiver"])
def test_the_message_of_an_error_ends_with_a_full_stop(room: str) -> None:
    """Messages are put together with further sentences, and shown as they are."""
    assert [
        f"{path.relative_to(ROOT)}:{line}: {end}"
        for path in sorted((ROOT / room).rglob("*.py"))
        if not path.is_relative_to(ROOT / "core" / "simulator")
        for line, end in message_ends(path.read_text())
        if not end.endswith((".", "?", "!", *VERBATIM)) and end.strip(": \n")
    ] == []


def message_ends(source: str) -> Iterator[tuple[int, str]]:
    """Yield the end of each message that is written where an error is made; one that ends with a value has none."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
            continue
        if node.func.id not in MESSAGES - FRAGMENTS:
            continue
        message = node.args[0]
        last = message.values[-1] if isinstance(message, ast.JoinedStr) else message
        if isinstance(last, ast.Constant) and isinstance(last.value, str):
            yield node.lineno, last.value


def test_a_message_without_a_full_stop_is_found() -> None:
    ends = message_ends('raise NotFound("Nothing")\nraise NotFound(f"No {name}.")\nraise NotFound(f"No {name}")')
    assert list(ends) == [(1, "Nothing"), (2, ".")]


@pytest.mark.parametrize(
    "source",
    ['"""Says what was told."""', "x = 1  # it is gone", "def tell_it(): ...", "mine = 1", "class ToldTwice: ..."],
)
def test_an_idiom_is_found_wherever_it_stands(source: str) -> None:
    idiom = re.compile(rf"\b({'|'.join(PLAIN)})\b", re.I)
    assert any(idiom.search(text) for _, text in prose_and_names(source))
