"""The records of one write, and what its steps did with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from core.database.models import Store
from core.domain import Checkout, Customer, Deleted, Kind, Product, Record, Refusal
from core.ingest.deletions import WrittenDeletions
from core.ingest.order_rows import PreparedOrders
from core.ingest.orders import WrittenOrders
from core.ingest.target import Target
from core.ingest.versions import Refused, Selected

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Written:
    """How many records of each kind a write changed."""

    orders: int = 0
    refunds: int = 0
    customers: int = 0
    products: int = 0
    checkouts: int = 0
    carts: int = 0
    levels: int = 0
    deleted: int = 0
    unreadable: int = 0
    refused: Mapping[int, Refusal] = field(default_factory=dict)
    """Why a record was not written, or not in full, or is in no figure: by its position among the records."""

    @property
    def changed(self) -> bool:
        """Whether any row was written that a page shows.

        Carts and stock by location change all the time. The Checkouts page asks for carts each minute by itself.
        """
        written = (self.orders, self.refunds, self.customers, self.products, self.checkouts)
        return any((*written, self.deleted, self.unreadable))


@dataclass(slots=True)
class Batch:
    """The records of one write, and what the steps did with them so far."""

    store: Store
    target: Target
    received: tuple[Record, ...]
    """The records as they were handed in."""
    records: tuple[Record, ...]
    """The same, as the steps changed them: each at its position."""
    now: datetime
    prepared: PreparedOrders
    merged: list[Deleted] = field(default_factory=list)
    deleted: WrittenDeletions = field(default_factory=WrittenDeletions)
    restored: Mapping[Kind, set[int]] = field(default_factory=dict)
    products: Selected[Product] = field(default_factory=Selected)
    customers: Selected[Customer] = field(default_factory=Selected)
    orders: WrittenOrders = field(default_factory=WrittenOrders)
    checkouts: Selected[Checkout] = field(default_factory=Selected)
    carts: int = 0
    levels: int = 0
    refunded: set[int] = field(default_factory=set)
    """The ids of the orders of new refunds."""
    unreadable: int = 0
    redacted: set[int] = field(default_factory=set)
    """The positions of the records that lost personal fields."""
    refused: list[Refused] = field(default_factory=list)

    def of(self, kind: type[R]) -> list[R]:
        """Return the records of one type."""
        return [record for record in self.records if isinstance(record, kind)]

    def written(self) -> Written:
        """Return what the steps changed."""
        return Written(
            orders=len(self.orders.ids),
            refunds=len(self.refunded),
            customers=len(self.customers.ids),
            products=len(self.products.ids),
            checkouts=len(self.checkouts.ids),
            carts=self.carts,
            levels=self.levels,
            deleted=self.deleted.count,
            unreadable=self.unreadable,
            refused=self._refusals(),
        )

    def _refusals(self) -> dict[int, Refusal]:
        """Return the refusals by position. The steps may replace a record, but no step moves one."""
        if not self.refused and not self.redacted:
            return {}
        reasons = {id(refused.record): refused.refusal for refused in self.refused}
        refusals = {place: reasons[id(record)] for place, record in enumerate(self.records) if id(record) in reasons}
        return refusals | dict.fromkeys(self.redacted, Refusal.REDACTED)
