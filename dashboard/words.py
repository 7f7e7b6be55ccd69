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

_MARKS = re.compile(r"([\\`*_{}\[\]()#+\-.!|~<>$:&])")


def plain(text: str) -> str:
    """`text` so that Markdown shows it as it is: names of people, businesses and products are never markup."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def sentence(error: Exception) -> str:
    """An error's message as one plain sentence with its full stop."""
    return plain(str(error).rstrip(".") + ".")
