"""Sort a list: by one of its own keys, in either direction, so that every page of it follows the last without gap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

KeyT = TypeVar("KeyT", bound=StrEnum)


MOST_SORTED = 5_000
"""Rows of a list up to which it can be sorted by a key that no index has in order."""


@dataclass(frozen=True, slots=True)
class Sort(Generic[KeyT]):
    """A key of a list, and whether the largest comes first. The keys of a list are the members of one enum."""

    key: KeyT
    is_descending: bool = False

    def __str__(self) -> str:
        """As in an address: `net_sales`, or `-net_sales` for the largest first."""
        return f"-{self.key}" if self.is_descending else self.key

    def named(self, name: str) -> Sort[KeyT]:
        """The sort that `name` spells as `str` does; this one for every other text, because addresses are typed."""
        try:
            return Sort(type(self.key)(name.removeprefix("-")), name.startswith("-"))
        except ValueError:
            return self


def order_by(templates: Mapping[KeyT, str], sort: Sort[KeyT], tie: str) -> str:
    """The ORDER BY of a list; each template is SQL of ours, with a `{}` for every direction.

    `tie` ends with a unique column: without it, rows of equal value would change places between two pages.
    """
    return f"ORDER BY {templates[sort.key].replace('{}', direction(sort))}, {tie}"


def direction(sort: Sort[KeyT]) -> str:
    """The direction of a sort in SQL."""
    return "DESC" if sort.is_descending else "ASC"


def nullable(column: str) -> str:
    """The template of a column; rows without a value come last in either direction."""
    return f"{column} {{}} NULLS LAST"


def by_text(column: str) -> str:
    """The template of a text: without regard to case, an accented letter after its plain one, no text last.

    Decomposed letters sort so in every PostgreSQL; its collations differ by how it was built.
    """
    return nullable(f'normalize(lower({column}), NFD) COLLATE "C"')
