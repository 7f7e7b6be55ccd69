"""Finds the variants of a file's rows, and what the file would change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.costs.rows import CostRow, RowError
from core.database.ids import among
from core.database.models import Store, UnitCost
from core.domain.periods import EARLIEST
from core.metrics import Scope
from core.metrics.money.variant_costs import CatalogueVariant, catalogue_variants


@dataclass(frozen=True, slots=True)
class Change:
    """A cost that a file adds, changes or removes. `unit_cost` is None where it removes, `before` where it adds."""

    line: int
    variant_id: int
    title: str
    sku: str | None
    valid_from: date
    unit_cost: Decimal | None
    before: Decimal | None
    replaces: int | None
    """The id of the stored cost that ends."""

    @property
    def is_from_start(self) -> bool:
        """Whether it counts from the first order on."""
        return self.valid_from == EARLIEST


@dataclass(frozen=True, slots=True)
class Match:
    """What the rows of a file would change. `unchanged` counts rows whose cost is stored already."""

    changes: tuple[Change, ...]
    errors: tuple[RowError, ...]
    unchanged: int


def match_rows(session: Session, store: Store, rows: Sequence[CostRow]) -> Match:
    """Compare a file's rows with the store's variants and stored costs."""
    ids = {row.variant_id for row in rows if row.variant_id is not None}
    skus = {row.sku for row in rows if row.variant_id is None}
    variants = catalogue_variants(session, Scope(store.key), ids, skus)
    by_id = {variant.variant_id: variant for variant in variants}
    by_sku = defaultdict[str, list[CatalogueVariant]](list)
    for known in variants:
        by_sku[known.sku or ""].append(known)
    stored = _stored(session, store, by_id)
    changes, errors, unchanged, lines = list[Change](), list[RowError](), 0, dict[tuple[int, date], int]()
    for row in rows:
        variant: CatalogueVariant | None
        variant, error = _variant(row, by_id, by_sku)
        if variant and (line := lines.setdefault((variant.variant_id, row.valid_from), row.line)) != row.line:
            error = f"Line {line} has the same variant and day; keep one of the two."
        if variant is None or error:
            errors.append(RowError(row.line, error))
            continue
        change = _change(row, variant, stored.get((variant.variant_id, row.valid_from)))
        if change:
            changes.append(change)
        else:
            unchanged += 1
    return Match(tuple(changes), tuple(errors), unchanged)


def _variant(
    row: CostRow, by_id: Mapping[int, CatalogueVariant], by_sku: Mapping[str, Sequence[CatalogueVariant]]
) -> tuple[CatalogueVariant | None, str]:
    """The row's variant, and why the row cannot be used; empty if it can."""
    if row.variant_id is not None:
        variants = [by_id[row.variant_id]] if row.variant_id in by_id else []
        missing = f"No variant has the id {row.variant_id}; copy it from the file of variants without a cost."
    else:
        variants = list(by_sku.get(row.sku, ()))
        missing = f"No variant has the SKU {row.sku[:60]}; check its spelling, or sync the store first."
    if not variants:
        return None, missing
    if len(variants) > 1:
        return None, f"{len(variants)} variants have the SKU {row.sku[:60]}; use their variant ids."
    (variant,) = variants
    if variant.unit_cost is not None and row.unit_cost is not None:
        return variant, f"Shopify has a cost of {variant.unit_cost} for this variant; change it in Shopify."
    return variant, ""


def _change(row: CostRow, variant: CatalogueVariant, stored: UnitCost | None) -> Change | None:
    """What the row changes; None if the same cost is stored."""
    before = stored.unit_cost if stored else None
    if before == row.unit_cost:
        return None
    return Change(
        *(row.line, variant.variant_id, variant.title, variant.sku, row.valid_from, row.unit_cost, before),
        stored.unit_cost_id if stored else None,
    )


def _stored(session: Session, store: Store, variant_ids: Iterable[int]) -> dict[tuple[int, date], UnitCost]:
    ids = list(variant_ids)
    if not ids:
        return {}
    current = (store.key.owns(UnitCost), UnitCost.replaced_at.is_(None), among(UnitCost.variant_id, ids))
    rows = session.scalars(select(UnitCost).where(*current))
    return {(row.variant_id, row.valid_from): row for row in rows}
