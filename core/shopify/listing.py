"""Searches and their listings: how an instant is written, and where a listing is. Shopify pages a list to 25,000
entries only: a longer one is taken up anew further on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

_MOST_LISTED = 25_000
_MOST_ON_A_PAGE = 250


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a list sorted by `updated_at`.

    `after` is Shopify's cursor, `since` the change from which the list was taken up anew (as a search text has it,
    None at first), `listed` how many entries were listed since then.
    """

    after: str | None = None
    since: str | None = None
    listed: int = 0

    @classmethod
    def parse(cls, cursor: str | None) -> Place:
        """The place that `cursor` (made by `str`) stands for; None is the beginning."""
        if cursor is None:
            return cls()
        listed, since, after = cursor.split("|", 2)
        return cls(after or None, since or None, int(listed))

    def __str__(self) -> str:
        return f"{self.listed}|{self.since or ''}|{self.after or ''}"

    def next(self, end_cursor: str, listed: int, newest: str) -> Place:
        """The place after a page of `listed` entries, the newest change of which has the stamp `newest`."""
        total = self.listed + listed
        # Where that many changed in one second, there is no further on: then the cursor is all there is.
        if total + _MOST_ON_A_PAGE >= _MOST_LISTED and newest != self.since:
            return Place(since=newest)
        return Place(end_cursor, self.since, total)


def stamp(instant: datetime) -> str:
    """An instant as search texts have it: in UTC, to the second.

    Raises:
        ValueError: it has no time zone.
    """
    if instant.tzinfo is None:
        raise ValueError("A window's bounds need a time zone")
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def narrowed(query: str, since: str | None) -> str:
    """A search text that leaves out what changed before `since`; what is as old is listed once more."""
    return f"{query} updated_at:>='{since}'".strip() if since else query
