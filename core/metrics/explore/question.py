"""What can be asked: closed lists of measures and dimensions, and the question that is made of them. Pure.

A question comes from an address or from a saved report. Both are read by name into these enums, so that no text of a
reader ever becomes SQL; values of filters are parameters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.errors import InvalidInput

MOST_MEASURES, MOST_FILTERS, MOST_VALUES = 6, 4, 50
_LONGEST_VALUE = 255


class Measure(StrEnum):
    """A figure; names are those of `core.metrics.definitions`."""

    NET_SALES = "net_sales"
    GROSS_SALES = "gross_sales"
    DISCOUNTS = "discounts"
    RETURNS = "returns"
    SHIPPING = "shipping"
    TAXES = "taxes"
    TOTAL_SALES = "total_sales"
    ORDERS = "orders"
    CUSTOMERS = "customers"
    AVERAGE_ORDER_VALUE = "average_order_value"
    UNITS_SOLD = "units_sold"
    UNITS_RETURNED = "units_returned"
    RETURN_RATE = "return_rate"


class Dimension(StrEnum):
    """A property by which figures are split, or narrowed."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    WEEKDAY = "weekday"
    HOUR = "hour"
    PRODUCT = "product"
    VARIANT = "variant"
    VENDOR = "vendor"
    TYPE = "type"
    TAG = "tag"
    CHANNEL = "channel"
    COUNTRY = "country"
    REGION = "region"
    CITY = "city"
    CUSTOMER = "customer"
    """Whether the order was its customer's first of all."""
    CODE = "code"
    SOURCE = "source"
    """Where the last visitor before the order came from."""
    CAMPAIGN = "campaign"
    ORDER_TAG = "order_tag"
    LOCATION = "location"
    """The shop where it was sold; without a value, it was sold online."""
    ORDER = "order"
    """A single order, by its id: the parts that every other row is made of."""

    @property
    def is_time(self) -> bool:
        """Whether its values are in the order of the calendar."""
        return self in _TIMES

    @property
    def is_series(self) -> bool:
        """Whether its values follow one another without end: days, weeks, months."""
        return self in _SERIES

    @property
    def is_of_goods(self) -> bool:
        """Whether it is a property of the goods, and not of the order."""
        return self in _OF_GOODS


_SERIES = frozenset({Dimension.DAY, Dimension.WEEK, Dimension.MONTH})
_TIMES = _SERIES | {Dimension.WEEKDAY, Dimension.HOUR}
_OF_GOODS = frozenset({Dimension.PRODUCT, Dimension.VARIANT, Dimension.VENDOR, Dimension.TYPE, Dimension.TAG})


class ResultKey(StrEnum):
    """What a result can be sorted by: its first or second dimension, or one of the measures."""

    FIRST = "first"
    SECOND = "second"
    NET_SALES = "net_sales"
    GROSS_SALES = "gross_sales"
    DISCOUNTS = "discounts"
    RETURNS = "returns"
    SHIPPING = "shipping"
    TAXES = "taxes"
    TOTAL_SALES = "total_sales"
    ORDERS = "orders"
    CUSTOMERS = "customers"
    AVERAGE_ORDER_VALUE = "average_order_value"
    UNITS_SOLD = "units_sold"
    UNITS_RETURNED = "units_returned"
    RETURN_RATE = "return_rate"


@dataclass(frozen=True, slots=True)
class Filter:
    """Only rows with one of these values of the dimension; None is a row without a value.

    Raises:
        InvalidInput: there is no value, there are too many, or one is too long or has a NUL.
    """

    dimension: Dimension
    values: tuple[str | None, ...]

    def __post_init__(self) -> None:
        if not 0 < len(self.values) <= MOST_VALUES:
            raise InvalidInput(f"Choose from one to {MOST_VALUES} values for a filter.")
        if any(value is not None and (len(value) > _LONGEST_VALUE or "\0" in value) for value in self.values):
            raise InvalidInput("A value of a filter is too long; choose it from the list.")


@dataclass(frozen=True, slots=True)
class Question:
    """Measures by one or two dimensions, narrowed by filters.

    Raises:
        InvalidInput: it asks for nothing, for too much, or for one thing twice.
    """

    measures: tuple[Measure, ...]
    dimensions: tuple[Dimension, ...]
    filters: tuple[Filter, ...] = ()

    def __post_init__(self) -> None:
        if not 0 < len(set(self.measures)) == len(self.measures) <= MOST_MEASURES:
            raise InvalidInput(f"Choose from one to {MOST_MEASURES} different figures.")
        if not 0 < len(set(self.dimensions)) == len(self.dimensions) <= 2:
            raise InvalidInput("Choose one or two different dimensions.")
        dimensions = [each.dimension for each in self.filters]
        if len(set(dimensions)) != len(dimensions) or len(dimensions) > MOST_FILTERS:
            raise InvalidInput(f"Choose at most {MOST_FILTERS} filters, each of another dimension.")

    @property
    def is_of_goods(self) -> bool:
        """Whether it splits or narrows by a property of the goods: an order counts wherever it has such goods."""
        return any(each.is_of_goods for each in (*self.dimensions, *(one.dimension for one in self.filters)))

    def to_json(self) -> dict[str, Any]:
        """Write it as JSON, for an address or a saved report."""
        return {
            "measures": [str(measure) for measure in self.measures],
            "dimensions": [str(dimension) for dimension in self.dimensions],
            "filters": [{"dimension": str(each.dimension), "values": list(each.values)} for each in self.filters],
        }

    @staticmethod
    def from_json(written: Any) -> Question:
        """Read what `to_json` wrote; anything may come in its place.

        Raises:
            InvalidInput: it is no question.
        """
        try:
            return Question(
                tuple(Measure(name) for name in _list(written, "measures")),
                tuple(Dimension(name) for name in _list(written, "dimensions")),
                tuple(_filter(each) for each in _list(written, "filters")),
            )
        except (ValueError, TypeError, KeyError):
            raise InvalidInput("This report cannot be read; choose its figures again.") from None


def _filter(written: Any) -> Filter:
    values = _list(written, "values")
    if not all(value is None or isinstance(value, str) for value in values):
        raise TypeError
    return Filter(Dimension(written["dimension"]), tuple(values))


def _list(written: Any, name: str) -> Sequence[Any]:
    if not isinstance(written, Mapping) or not isinstance(written[name], list):
        raise TypeError
    found: list[Any] = written[name]
    return found
