"""What people typed, and sentences of ours, made fit for Streamlit, which reads most text as Markdown. Pure."""

from __future__ import annotations

import re

from core.accounts import Role

ROLES = {
    Role.OWNER: "Owner: everything",
    Role.ANALYST: "Analyst: looks, downloads, syncs",
    Role.VIEWER: "Viewer: looks, downloads",
}
"""What each role may do, in a few words."""

_LINKED = re.compile(r"@|:/|\bwww(?=\.)", re.I)
_MARKS = re.compile(r"([\\`*_{}\[\]()#+\-.!|~<>$:&])")


def plain(text: str) -> str:
    """`text` so that Markdown shows it as it is: names of people, businesses and products are never markup.

    Streamlit makes links of addresses that stand in a text, escaped or not. A joiner of no width in them prevents it.
    """
    unlinked = _LINKED.sub("\\g<0>\u2060", " ".join(text.split()))
    return _MARKS.sub(r"\\\1", unlinked)


def sentence(error: Exception) -> str:
    """An error's message as one plain sentence with its full stop."""
    return plain(str(error).rstrip(".") + ".")
