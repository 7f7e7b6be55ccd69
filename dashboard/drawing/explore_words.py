"""Explore in the merchant's words: names of dimensions and of their values, and the values' names read back. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from babel.dates import format_date, get_day_names

from core.metrics.definitions import DEFINITIONS
from core.metrics.explore import Dimension, Filter, Measure, Question, Row
from dashboard.drawing import formats
from dashboard.drawing.channels import channel_name
from dashboard.drawing.countries import country_name
from dashboard.drawing.formats import LOCALE

DIMENSIONS = {
    Dimension.DAY: "Day",
    Dimension.WEEK: "Week",
    Dimension.MONTH: "Month",
    Dimension.WEEKDAY: "Weekday",
    Dimension.HOUR: "Hour of the day",
    Dimension.PRODUCT: "Product",
    Dimension.VARIANT: "Variant",
    Dimension.VENDOR: "Vendor",
    Dimension.TYPE: "Product type",
    Dimension.TAG: "Product tag",
    Dimension.CHANNEL: "Sales channel",
    Dimension.COUNTRY: "Country",
    Dimension.REGION: "Region",
    Dimension.CITY: "City",
    Dimension.CUSTOMER: "New or returning",
    Dimension.CODE: "Discount code",
    Dimension.SOURCE: "Visit source",
    Dimension.CAMPAIGN: "Campaign",
    Dimension.ORDER_TAG: "Order tag",
    Dimension.LOCATION: "Location",
    Dimension.ORDER: "Order",
}
MEASURES = {measure: DEFINITIONS[measure].label for measure in Measure}
NO_VALUE = "Without a value"
_CUSTOMERS = {"new": "First orders", "returning": "Later orders"}
_WITH_KEY = frozenset(
    {
        Dimension.PRODUCT,
        Dimension.VARIANT,
        Dimension.CHANNEL,
        Dimension.COUNTRY,
        Dimension.LOCATION,
        Dimension.ORDER,
    }
)
"""Dimensions whose values have another name than their key: an option has both, so that an address can be read."""
_KEY = re.compile(r"\(([^()]*)\)\Z")


def value_name(dimension: Dimension, key: str | None, title: str | None = None) -> str:
    """The name of a value; `title` is that of a product or variant."""
    if key is None:
        return "Without a product" if dimension in (Dimension.PRODUCT, Dimension.VARIANT) else NO_VALUE
    match dimension:
        case Dimension.DAY:
            return formats.weekday(date.fromisoformat(key))
        case Dimension.WEEK:
            return f"Week from {formats.day(date.fromisoformat(key))}"
        case Dimension.MONTH:
            return format_date(date.fromisoformat(key), "MMM y", LOCALE)
        case Dimension.WEEKDAY:
            return str(get_day_names(locale=LOCALE)[int(key) - 1])
        case Dimension.HOUR:
            return f"{int(key):02}:00"
        case Dimension.PRODUCT | Dimension.VARIANT:
            return title or "Unknown product"
        case Dimension.CHANNEL:
            return channel_name(key)
        case Dimension.COUNTRY:
            return country_name(key) or key
        case Dimension.LOCATION:
            return title or (f"Location {key}" if key.isdigit() else key)
        case Dimension.ORDER:
            return title or f"Order {key}"
        case Dimension.CUSTOMER:
            return _CUSTOMERS.get(key, key)
        case _:
            return key


def option(dimension: Dimension, key: str | None, title: str | None = None) -> str:
    """A value as an option of a filter: Germany (DE) · First orders · Shirt (7)."""
    name = value_name(dimension, key, title)
    return f"{name} ({key})" if key is not None and dimension in _WITH_KEY else name


def key_of(dimension: Dimension, chosen: str) -> str | None:
    """The key of an option; a text that is no option is its own key."""
    if chosen in (NO_VALUE, "Without a product"):
        return None
    if dimension in _WITH_KEY:
        typed_key = _KEY.search(chosen)
        return typed_key[1] if typed_key else chosen
    names = {value_name(dimension, key): key for key in _closed(dimension)}
    return names.get(chosen, chosen)


def filter_options(chosen: Filter) -> list[str]:
    """The options that a stored filter chose; products without their titles."""
    return [option(chosen.dimension, key, key) for key in chosen.values]


def row_name(question: Question, row: Row) -> str:
    """Germany · Sat 21 Nov 2026."""
    return " · ".join(
        value_name(dimension, key, title)
        for dimension, key, title in zip(question.dimensions, row.keys, row.titles, strict=True)
    )


def title(question: Question) -> str:
    """Net sales and orders by country and day."""
    first, *others = [MEASURES[measure] for measure in question.measures]
    measures = formats.listed([first, *(other.lower() for other in others)])
    dimensions = formats.listed([DIMENSIONS[dimension].lower() for dimension in question.dimensions])
    return f"{measures} by {dimensions}"


def _closed(dimension: Dimension) -> Sequence[str]:
    """The keys of a dimension that has only a few; days, weeks and months are chosen by the period instead."""
    match dimension:
        case Dimension.WEEKDAY:
            return [str(number) for number in range(1, 8)]
        case Dimension.HOUR:
            return [str(number) for number in range(24)]
        case Dimension.CUSTOMER:
            return list(_CUSTOMERS)
        case _:
            return []
