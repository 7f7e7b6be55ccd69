"""Orders the versions of one record, of records and stored rows alike."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, false, literal, true

from core.domain import MAPPING_VERSION, Order, Source

FINAL_AFTER = timedelta(minutes=1)
"""Shopify dates changes by the second, so a record read in the second of its change may change again and keep its
`updated_at`. A reading this long after the change is final; most of the minute allows for clocks that differ."""
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Reading:
    """How the API's records of one batch were read.

    Args:
        read_at: when Shopify was asked for them; of a bulk operation, when it began to collect.
        partial: ids of orders whose ledger and refunds were not read, though they may have some.
        repairs: the same version replaces what is stored, too, because the rows may be damaged.
    """

    read_at: datetime
    partial: Collection[int] = frozenset()
    repairs: bool = False

    def read_at_of(self, record: Any) -> datetime | None:
        """Return when the record was read from the API; None for a record of a webhook or a file."""
        return self.read_at if record.source == Source.API else None

    def is_whole(self, record: Any) -> bool:
        """Whether all of an order was read; True for every other record."""
        return not self.partial or not isinstance(record, Order) or record.order_id not in self.partial


class Rank(NamedTuple):
    """Compared from left to right: the version with the higher rank is kept."""

    by_shopify: bool
    """False for a version from a CSV, which is below all others: it has fewer fields."""
    updated_at: datetime
    by_api: bool
    """Of two versions with the same `updated_at`, the API's is above a webhook's: it is complete."""
    is_whole: bool
    """An order whose ledger and refunds were read, or that has none, is above one that has yet to be read whole."""
    mapping_version: int
    """The same version of the same source, mapped by a newer mapping, replaces the older rows."""
    read_at: datetime
    """Of two readings within `FINAL_AFTER` of the change, the later one may have seen another change."""
    has_ledger: bool
    """Of two versions that are equal otherwise, the one with Shopify's ledger is more complete."""

    def supersedes(self, known: Rank, repairs: bool = False) -> bool:
        """Whether this version replaces the known one.

        Of two CSVs with the same time, the one imported later does: a file has no time of change, and a later export
        may have one more refund.
        """
        return self > known if self.by_shopify and not repairs else self >= known


def rank(record: Any, reading: Reading) -> Rank:
    """Return the rank of a record."""
    has_ledger = getattr(record, "agreements", None) is not None
    return _rank(record, reading.is_whole(record), MAPPING_VERSION, reading.read_at_of(record), has_ledger)


def rank_of_row(row: Any) -> Rank:
    """Return the rank of a row with the columns of `columns`."""
    return _rank(row, row.is_whole, row.mapping_version, row.read_at, row.has_ledger)


def columns(model: Any) -> tuple[ColumnElement[Any], ...]:
    """Return the columns that rank a table's rows; columns that only orders have are constants for other tables."""
    only_orders = (
        getattr(model, "is_whole", true()).label("is_whole"),
        getattr(model, "mapping_version", literal(MAPPING_VERSION)).label("mapping_version"),
        (model.agreements.is_not(None) if hasattr(model, "agreements") else false()).label("has_ledger"),
    )
    return model.updated_at, model.source, model.read_at, *only_orders


def _rank(version: Any, is_whole: bool, mapping_version: int, read_at: datetime | None, has_ledger: bool) -> Rank:
    by_api = version.source == Source.API
    return Rank(
        by_shopify=version.source != Source.CSV,
        updated_at=version.updated_at,
        by_api=by_api,
        is_whole=is_whole,
        mapping_version=mapping_version,
        read_at=min(read_at, version.updated_at + FINAL_AFTER) if by_api and read_at is not None else _NEVER,
        has_ledger=has_ledger,
    )
