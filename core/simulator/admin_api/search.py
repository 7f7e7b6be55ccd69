"""Shopify's search syntax, as far as synchronising needs it: `field:value` terms, all of which must hold.

An unknown field is ignored, so that the search matches more than was meant: Shopify says so in a warning only.
`>` and `<` on times behave like `>=` and `<=`, as they do there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

_TERM = re.compile(r"""(?P<not>-)?(?P<field>\w+):(?P<op><=|>=|<|>)?(?P<value>'[^']*'|"[^"]*"|\S+)|(?P<word>\S+)""")


@dataclass(frozen=True, slots=True)
class Searchable:
    """A field that can be searched: how to read it off a thing, and what it is: time, number or text."""

    kind: str
    read: Callable[[Any], Any]


Fields = Mapping[str, Searchable]
Predicate = Callable[[Any], bool]


@dataclass(slots=True)
class Search:
    """A parsed query: what matches it, and the warnings of what was ignored."""

    tests: list[Predicate] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)

    def matches(self, thing: Any) -> bool:
        """Whether all understood terms hold."""
        return all(test(thing) for test in self.tests)


def parse(query: str | None, fields: Fields, indexed_until: datetime | None = None) -> Search:
    """The search that `query` asks for; no query matches everything.

    Where Shopify's index is behind (`indexed_until`), what was made later is not found, and what was changed later
    is found by the time it was made.
    """
    search = Search()
    if indexed_until:
        fields = {name: _as_indexed(name, field, indexed_until) for name, field in fields.items()}
    for term in _TERM.finditer(query or ""):
        name = term["field"]
        if name is None:
            if term["word"] != "AND":
                search.warnings.append(
                    _warning("", term["word"], "Only field:value terms are understood.", "invalid")
                )
            continue
        value = term["value"].strip("'\"")
        if name not in fields:
            message = "Invalid search field for this query."
            search.warnings.append(_warning(name, value, message, "invalid_field"))
            continue
        test = _test(fields[name], term["op"] or "", value)
        if test is None:
            message = f"Input `{value}` is not an accepted value."
            search.warnings.append(_warning(name, value, message, "invalid_value"))
        else:
            search.tests.append(_negated(test) if term["not"] else test)
    if indexed_until and search.tests:
        search.tests.append(lambda thing: thing.created_at <= indexed_until)
    return search


def _as_indexed(name: str, searched: Searchable, until: datetime) -> Searchable:
    if name != "updated_at":
        return searched
    return Searchable("time", lambda thing: thing.updated_at if thing.updated_at <= until else thing.created_at)


def _test(searched: Searchable, operator: str, value: str) -> Predicate | None:
    """The predicate for one term, or None where the value cannot be compared with what the field holds."""
    if searched.kind == "text":
        return None if operator else lambda thing: str(searched.read(thing)).lower() == value.lower()
    span = _span(value) if searched.kind == "time" else _units(value)
    if span is None:
        return None
    start, end = span
    inclusive = searched.kind == "time" or "=" in operator
    if operator.startswith(">"):
        return lambda thing: searched.read(thing) >= (start if inclusive else end)
    if operator.startswith("<"):
        return lambda thing: searched.read(thing) < (end if inclusive else start)
    return lambda thing: start <= searched.read(thing) < end


def _units(value: str) -> tuple[int, int] | None:
    """A number and the one after it; a gid counts as the number in it."""
    number = value.rpartition("/")[2]
    return (int(number), int(number) + 1) if number.isdecimal() and number.isascii() else None


def _span(value: str) -> tuple[datetime, datetime] | None:
    """From the first to after the last instant that `value` means: a second of a time, all of a day."""
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            day = datetime.combine(date.fromisoformat(value), datetime.min.time(), UTC)
            return day, day + timedelta(days=1)
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    at = (at if at.tzinfo else at.replace(tzinfo=UTC)).replace(microsecond=0)
    return at, at + timedelta(seconds=1)


def _negated(test: Predicate) -> Predicate:
    return lambda thing: not test(thing)


def _warning(name: str, value: str, message: str, code: str) -> dict[str, Any]:
    parsed = {"field": name, "match_all": value}
    return {"parsed": parsed, "warnings": [{"field": name, "message": message, "code": code}]}
