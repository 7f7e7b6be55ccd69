"""Shopify's search syntax, as far as synchronising needs it: `field:value` terms, all of which must hold.

Like Shopify, it ignores an unknown field and says so only in a warning, so a misspelt search matches too much. On
times, `>` and `<` mean `>=` and `<=`, as there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

_TERM = re.compile(r"""(?P<not>-)?(?P<field>\w+):(?P<op><=|>=|<|>)?(?P<value>'[^']*'|"[^"]*"|\S+)|(?P<word>\S+)""")


@dataclass(frozen=True, slots=True)
class SearchField:
    """A searchable field. `read` reads it from a record; `kind` is time, number or text."""

    kind: str
    read: Callable[[Any], Any]


Fields = Mapping[str, SearchField]
Predicate = Callable[[Any], bool]


@dataclass(slots=True)
class Search:
    """A parsed query: its predicates, and warnings about ignored terms."""

    predicates: list[Predicate] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)

    def matches(self, record: Any) -> bool:
        """Whether all understood terms hold for a record."""
        return all(predicate(record) for predicate in self.predicates)


def parse(query: str | None, fields: Fields, indexed_until: datetime | None = None) -> Search:
    """Parse `query`. Without a query, everything matches.

    Where Shopify's index lags (`indexed_until`), records made later are not found. Records changed later are found by
    the time they were made.
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
        predicate = _predicate(fields[name], term["op"] or "", value)
        if predicate is None:
            message = f"Input `{value}` is not an accepted value."
            search.warnings.append(_warning(name, value, message, "invalid_value"))
        else:
            search.predicates.append(_negated(predicate) if term["not"] else predicate)
    if indexed_until and search.predicates:
        search.predicates.append(lambda record: record.created_at <= indexed_until)
    return search


def _as_indexed(name: str, searched: SearchField, until: datetime) -> SearchField:
    if name != "updated_at":
        return searched
    return SearchField("time", lambda record: record.updated_at if record.updated_at <= until else record.created_at)


def _predicate(searched: SearchField, operator: str, value: str) -> Predicate | None:
    """Make the predicate of one term. None where the value cannot be compared with the field."""
    if searched.kind == "text":
        return None if operator else lambda record: str(searched.read(record)).lower() == value.lower()
    span = _time_range(value) if searched.kind == "time" else _number_range(value)
    if span is None:
        return None
    start, end = span
    inclusive = searched.kind == "time" or "=" in operator
    if operator.startswith(">"):
        return lambda record: searched.read(record) >= (start if inclusive else end)
    if operator.startswith("<"):
        return lambda record: searched.read(record) < (end if inclusive else start)
    return lambda record: start <= searched.read(record) < end


def _number_range(value: str) -> tuple[int, int] | None:
    """Return the range of one number. A gid counts as the number in it."""
    number = value.rpartition("/")[2]
    return (int(number), int(number) + 1) if number.isdecimal() and number.isascii() else None


def _time_range(value: str) -> tuple[datetime, datetime] | None:
    """Return the range that a time or day covers: a second of a time, all of a day."""
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            day = datetime.combine(date.fromisoformat(value), datetime.min.time(), UTC)
            return day, day + timedelta(days=1)
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    at = (at if at.tzinfo else at.replace(tzinfo=UTC)).replace(microsecond=0)
    return at, at + timedelta(seconds=1)


def _negated(predicate: Predicate) -> Predicate:
    return lambda record: not predicate(record)


def _warning(name: str, value: str, message: str, code: str) -> dict[str, Any]:
    parsed = {"field": name, "match_all": value}
    return {"parsed": parsed, "warnings": [{"field": name, "message": message, "code": code}]}
