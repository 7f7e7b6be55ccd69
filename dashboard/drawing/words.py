"""Texts for Streamlit, which reads most of them as Markdown: escaped names, sentences of errors, roles. Pure."""

from __future__ import annotations

import re

from core.accounts import Role

ROLES = {
    Role.OWNER: "Owner: everything",
    Role.ANALYST: "Analyst: views, downloads, syncs",
    Role.VIEWER: "Viewer: views, downloads",
}
"""The rights of each role, in a few words."""

_LINKED = re.compile(r"@|:/|\bwww(?=\.)", re.I)
_MARKS = re.compile(r"([\\`*_{}\[\]()#+\-.!|~<>$:&])")


def plain(text: str) -> str:
    """Escape `text` for Markdown: names of people, businesses and products are never markup.

    Streamlit turns addresses into links even if they are escaped. A word joiner inside them prevents that.
    """
    unlinked = _LINKED.sub("\\g<0>\u2060", " ".join(text.split()))
    return _MARKS.sub(r"\\\1", unlinked)


def sentence(error: Exception) -> str:
    """An error's message as an escaped sentence with its full stop."""
    return plain(str(error).rstrip(".") + ".")
