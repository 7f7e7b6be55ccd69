"""The project's GraphQL documents: one file each in queries/, with the fragments they name appended."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_QUERIES = Path(__file__).parent / "queries"
# `...Name` spreads a fragment; `... on Type` does not, and fragments begin with a capital.
_SPREAD = re.compile(r"\.\.\.([A-Z]\w*)")


@cache
def load(name: str, missing: frozenset[str] = frozenset()) -> str:
    """Read `queries/<name>.graphql` and append each fragment that it needs, directly or indirectly, once.

    A line that ends with "  # " and one of the `missing` scopes is left out: Shopify would refuse its field.
    """
    parts = [_read(name, missing)]
    seen: set[str] = set()
    for part in parts:  # grows while it is walked: fragments name further fragments
        for fragment in _SPREAD.findall(part):
            if fragment not in seen:
                seen.add(fragment)
                parts.append(_read(f"fragments/{fragment}", missing))
    return "\n".join(parts)


def _read(name: str, missing: frozenset[str]) -> str:
    text = (_QUERIES / f"{name}.graphql").read_text(encoding="utf-8")
    return "\n".join(line for line in text.splitlines() if line.partition("  # ")[2] not in missing) + "\n"
