"""Search texts, and places in their sorted lists.

Shopify pages a list to 25,000 entries only. For a longer list, a new search begins at the last change listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

_MOST_LISTED = 25_000
_MOST_ON_A_PAGE = 250


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a list sorted by `updated_at`.

    `after` is Shopify's cursor. `since` is the change at which the current search begins, as a search text has it;
    None in the first search. `listed` counts the entries of the current search so far.
    """

    after: str | None = None
    since: str | None = None
    listed: int = 0

    @classmethod
    def parse(cls, cursor: str | None) -> Place:
        """Read a place from `cursor` (made by `str`); None is the beginning."""
        if cursor is None:
            return cls()
        listed, since, after = cursor.split("|", 2)
        return cls(after or None, since or None, int(listed))

    def __str__(self) -> str:
        return f"{self.listed}|{self.since or ''}|{self.after or ''}"

    def next(self, end_cursor: str, listed: int, newest: str) -> Place:
        """Return the place after a page of `listed` entries, the newest change of which has the stamp `newest`."""
        total = self.listed + listed
        # If all of these changed in one second, a new search would begin at the same place: keep the cursor.
        if total + _MOST_ON_A_PAGE >= _MOST_LISTED and newest != self.since:
            return Place(since=newest)
        return Place(end_cursor, self.since, total)


def stamp(instant: datetime) -> str:
    """Write an instant as search texts have it: in UTC, to the second.

    Raises:
        ValueError: it has no time zone.
    """
    if instant.tzinfo is None:
        raise ValueError("A window's bounds need a time zone")
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def narrowed(query: str, since: str | None) -> str:
    """Narrow a search text to changes from `since` on; records changed in that second are listed again."""
    return f"{query} updated_at:>='{since}'".strip() if since else query
