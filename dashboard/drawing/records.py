"""Results of `core.metrics` as rows of a table, each a mapping by column. Amounts stay exact. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from core.metrics.customers.listing import Buyer
from core.metrics.orders.rows import OrderRow
from dashboard.drawing.countries import country_name

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Trend:
    """The values of a small line, and what it shows, for screen readers."""

    points: tuple[Decimal, ...]
    text: str


_UNNAMED = "Default Title"
"""Shopify's name of the only variant of a product without options."""


def variant_name(title: str | None, only: str = "") -> str | None:
    """The title of a variant; `only` for the variant of a product without options."""
    return only if title == _UNNAMED else title


def order_records(rows: Iterable[OrderRow]) -> list[Record]:
    """Orders, with the name of a guest; the fulfillment of a cancelled order is "cancelled"."""
    return [
        asdict(row)
        | {
            "customer": row.customer or "Guest",
            "country": country_name(row.country),
            "fulfillment_status": "cancelled" if row.cancelled_at else row.fulfillment_status or "unfulfilled",
        }
        for row in rows
    ]


def buyer_records(rows: Iterable[Buyer], currency: str) -> list[Record]:
    """Customers, with sums in `currency`; `customer` is the name, else the email address, else "Guest". `contact` is
    the address below a name."""
    return [
        asdict(row)
        | {
            "customer": row.name or row.email or "Guest",
            "contact": row.email if row.name else None,
            "country": country_name(row.country),
            "currency": currency,
        }
        for row in rows
    ]
