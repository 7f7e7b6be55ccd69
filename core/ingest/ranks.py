"""What decides between versions of one thing: of a record as of a stored row."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, false, literal

from core.records import MAPPING_VERSION, Source


class Rank(NamedTuple):
    """Compared from left to right: the version with the higher rank is kept."""

    by_shopify: bool
    """False for a version from a CSV, which is below all others: it knows less."""
    updated_at: datetime
    by_api: bool
    """Of two versions as old as each other, the API's is above a webhook's: it is whole."""
    has_ledger: bool
    """An order that was read with Shopify's ledger is above one that was not."""
    mapping_version: int
    """The same version of the same source, mapped by a newer mapping, replaces the older rows."""

    def supersedes(self, known: Rank) -> bool:
        """Whether this version replaces the known one. Of two CSVs as old as each other, the one imported later does:
        a file names no time of change, and a later export may have a refund more."""
        return self > known if self.by_shopify else self >= known


def rank(version: Any) -> Rank:
    """The rank of a record, or of a row with the columns of `columns`."""
    return Rank(
        by_shopify=version.source != Source.CSV,
        updated_at=version.updated_at,
        by_api=version.source == Source.API,
        has_ledger=getattr(version, "agreements", None) not in (None, False),
        mapping_version=getattr(version, "mapping_version", MAPPING_VERSION),
    )


def columns(model: Any) -> tuple[ColumnElement[Any], ...]:
    """The columns of a table that its rows' ranks are made of."""
    ledger = getattr(model, "agreements", None)
    has_ledger = false() if ledger is None else ledger.is_not(None)
    mapped_by = getattr(model, "mapping_version", literal(MAPPING_VERSION))
    return model.updated_at, model.source, has_ledger.label("agreements"), mapped_by.label("mapping_version")
