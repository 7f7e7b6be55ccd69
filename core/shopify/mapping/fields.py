"""Read JSON by name: a missing or malformed field that a record needs is an error that names it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from core.errors import UnmappableError

_FIRST_YEAR, _LAST_YEAR = "1900", "2199"
"""Nothing was sold beyond these. Python has no year 0, and its first and last days overflow in some time zones."""
_GID = re.compile(r"\Agid://shopify/\w+/(\d+)(?:\?.*)?\Z")


class Fields:
    """One JSON object of `origin` (a topic, or "the API's orders"); `within` and `name` say where in it.

    Each reader comes in two forms: `text(name)` must be there, `text_or_none(name)` may be missing or null.
    All raise UnmappableError for a value of another kind.
    """

    __slots__ = ("_data", "_name", "_origin", "_within")

    def __init__(self, data: Any, origin: str, within: Fields | None = None, name: str = "") -> None:
        # The place is written out only for an error, because a first load reads millions of objects.
        self._data, self._origin, self._within, self._name = data, origin, within, name
        if type(data) is not dict and not isinstance(data, Mapping):
            raise self._error("", "is not an object")

    def is_present(self, name: str) -> bool:
        """Whether the field is present, if only as null; a withheld field is not (see
        `answers.leave_out_withheld`)."""
        return name in self._data

    def has(self, name: str) -> bool:
        """Whether the field is present and not null."""
        return self._data.get(name) is not None

    def text(self, name: str) -> str:
        """Read a string, unchanged."""
        value = self._data.get(name)
        if isinstance(value, str):
            return value
        raise self._missing_or(name, "is not a text")

    def text_or_none(self, name: str) -> str | None:
        """Read a string; blank is None."""
        return (self.text(name).strip() or None) if self.has(name) else None

    def lower_or_none(self, name: str) -> str | None:
        """Read an enum's value, in lower case."""
        value = self.text_or_none(name)
        return value.lower() if value else None

    def flag(self, name: str) -> bool:
        """Whether the field is true; any other value counts as false."""
        return self._data.get(name) is True

    def integer(self, name: str) -> int:
        """Read a whole number, also written as a string (Shopify's UnsignedInt64)."""
        value = self._data.get(name)
        # In Python, True is the int 1: JSON's true must not pass for a number.
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, str) and re.fullmatch(r"-?\d{1,30}", value, re.ASCII):
            return int(value)
        raise self._missing_or(name, "is not a whole number")

    def integer_or_none(self, name: str) -> int | None:
        """Read a whole number or nothing."""
        return self.integer(name) if self.has(name) else None

    def gid(self, name: str = "id") -> int:
        """Read the legacy id at the end of a global id such as gid://shopify/Order/123."""
        value = self._data.get(name)
        match = _GID.match(value) if isinstance(value, str) else None
        if match:
            return int(match[1])
        raise self._missing_or(name, "is not an id of Shopify's")

    def gid_of(self, name: str) -> int | None:
        """Read the legacy id of a nested object; None without the object."""
        nested = self.object_or_none(name)
        return nested.gid() if nested else None

    def decimal(self, name: str) -> Decimal:
        """Read a number exactly, written as a string or as a number."""
        value = self._data.get(name)
        if isinstance(value, str | int | Decimal) and not isinstance(value, bool):
            try:
                number = Decimal(value)
            except InvalidOperation:
                raise self._error(name, "is not a number") from None
            if number.is_finite():
                return number
        raise self._missing_or(name, "is not a number")

    def decimal_or_none(self, name: str) -> Decimal | None:
        """Read a number or nothing."""
        return self.decimal(name) if self.has(name) else None

    def shop_amount(self, name: str) -> Decimal:
        """Read a MoneyBag's amount in the shop's currency."""
        # The usual form, without objects for its two levels: a first load reads millions of amounts.
        try:
            written = self._data[name]["shopMoney"]["amount"]
            if type(written) is str and (number := Decimal(written)).is_finite():
                return number
        except (KeyError, TypeError, InvalidOperation):
            pass
        return self.object(name).object("shopMoney").decimal("amount")

    def amount_or_set(self, name: str) -> Decimal:
        """Read an amount of a webhook body: the shop money of `<name>_set`, else `name` itself."""
        bag = self.object_or_none(f"{name}_set")
        return bag.object("shop_money").decimal("amount") if bag else self.decimal(name)

    def time(self, name: str) -> datetime:
        """Read an instant, in UTC; the API writes UTC, webhooks write the shop's offset."""
        text = self.text(name)
        if not _in_calendar(text):
            raise self._error(name, "is too early or too late for a time")
        try:
            instant = datetime.fromisoformat(text)
        except ValueError:
            raise self._error(name, "is not a time") from None
        if instant.tzinfo is None:
            raise self._error(name, "is a time without a time zone")
        return instant.astimezone(UTC)

    def time_or_none(self, name: str) -> datetime | None:
        """Read an instant or nothing. Shopify writes the years 0 and 9999 for no time, so they are None."""
        return self.time(name) if self.has(name) and _in_calendar(self.text(name)) else None

    def object(self, name: str) -> Fields:
        """Read a nested object."""
        value = self._data.get(name)
        if value is None:
            raise self._error(name, "is missing")
        return Fields(value, self._origin, self, name)

    def object_or_none(self, name: str) -> Fields | None:
        """Read a nested object or nothing."""
        return self.object(name) if self.has(name) else None

    def each(self, name: str) -> Iterator[Fields]:
        """Read the objects of a list; none without a list."""
        values = self._data.get(name)
        if values is None:
            return
        if not isinstance(values, list):
            raise self._error(name, "is not a list")
        for position, value in enumerate(values):
            yield Fields(value, self._origin, self, f"{name}[{position}]")

    def nodes(self, name: str) -> Iterator[Fields]:
        """Read the nodes of a GraphQL connection; none if the document did not ask for it."""
        connection = self.object_or_none(name)
        return connection.each("nodes") if connection else iter(())

    def texts(self, name: str) -> tuple[str, ...]:
        """Read the strings of a list."""
        values = self._data.get(name)
        return tuple(value for value in values if isinstance(value, str)) if isinstance(values, list) else ()

    def comma_separated(self, name: str) -> tuple[str, ...]:
        """Read a text of several parts, such as the tags of a webhook's body; none without a text."""
        return tuple(part.strip() for part in (self.text_or_none(name) or "").split(",") if part.strip())

    def count(self, name: str) -> int:
        """Count the items of a list; 0 without a list."""
        values = self._data.get(name)
        return len(values) if isinstance(values, list) else 0

    def _missing_or(self, name: str, problem: str) -> UnmappableError:
        return self._error(name, problem if self.has(name) else "is missing")

    def _error(self, name: str, problem: str) -> UnmappableError:
        # The message names the field but never quotes the value, which may be personal data.
        return UnmappableError(f"{self._origin}: {self._at(name) or 'the body'} {problem}")

    def _at(self, name: str) -> str:
        path = f"{self._name}.{name}".strip(".")
        return self._within._at(path) if self._within else path


def _in_calendar(text: str) -> bool:
    return not (text[:4].isdigit() and text[4:5] == "-") or _FIRST_YEAR <= text[:4] <= _LAST_YEAR
