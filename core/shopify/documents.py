"""The project's GraphQL documents: one file each in queries/, with the fragments they name appended."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_QUERIES = Path(__file__).parent / "queries"
# `...Name` spreads a fragment; `... on Type` does not, and fragments begin with a capital.
_SPREAD = re.compile(r"\.\.\.([A-Z]\w*)")


@cache
def load(name: str) -> str:
    """Read `queries/<name>.graphql` and append each fragment that it needs, directly or indirectly, once."""
    parts = [_read(name)]
    seen: set[str] = set()
    for part in parts:  # grows while it is walked: fragments name further fragments
        for fragment in _SPREAD.findall(part):
            if fragment not in seen:
                seen.add(fragment)
                parts.append(_read(f"fragments/{fragment}"))
    return "\n".join(parts)


def _read(name: str) -> str:
    return (_QUERIES / f"{name}.graphql").read_text(encoding="utf-8")
