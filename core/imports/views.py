"""An import as pages show it: its progress, its outcome, and its named orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.database.models import Import
from core.database.models import RunState as RunState
from core.stores.work import SILENCE
from core.sync import run_life


@dataclass(frozen=True, slots=True)
class Skipped:
    """An order that was skipped, because it is in another currency than the store's."""

    name: str
    currency: str


@dataclass(frozen=True, slots=True)
class Uneven:
    """An order that does not add up in the file: its total there, and the sum of its lines (`worth`), in
    `currency`."""

    name: str
    currency: str
    total: Decimal
    worth: Decimal


@dataclass(frozen=True, slots=True)
class ImportView:
    """An import as pages show it.

    `orders_kept` and `orders_uneven` are parts of `orders_done`: orders stored from Shopify itself before, and orders
    that do not add up. `orders_skipped` are not in `orders_done`. `uneven` and `skipped` name the first orders.
    """

    import_id: int
    store_id: int
    state: RunState
    file_names: tuple[str, ...]
    requested_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    bytes_total: int
    bytes_read: int
    orders_total: int | None
    orders_done: int
    orders_kept: int
    orders_uneven: int
    currency: str
    other_currencies: tuple[str, ...]
    any_currency: bool
    orders_skipped: int
    skipped: tuple[Skipped, ...]
    uneven: tuple[Uneven, ...]
    error: str | None
    heartbeat_at: datetime | None

    @property
    def active(self) -> bool:
        """Whether it is queued or running."""
        return self.state in run_life.ACTIVE

    def is_stalled(self, now: datetime) -> bool:
        """Whether it runs without a worker: its process was killed, and no other one goes on with it."""
        return self.state == RunState.RUNNING and self.heartbeat_at is not None and now - self.heartbeat_at > SILENCE

    def takes(self, currency: str) -> bool:
        """Whether orders in this currency are imported: the store's own, a currency of stored orders, or any other
        currency on request."""
        return self.any_currency or currency == self.currency or currency in self.other_currencies

    @property
    def share(self) -> float:
        """The share that is done, from 0 to 1. Every byte is read twice, to check and to write."""
        if self.state == RunState.SUCCEEDED:
            return 1.0
        return min(1.0, self.bytes_read / (2 * self.bytes_total)) if self.bytes_total else 0.0


def view_of(row: Import) -> ImportView:
    """The row as pages show it."""
    listed: dict[str, Any] = {
        "file_names": tuple(row.file_names),
        "other_currencies": tuple(row.other_currencies),
        "skipped": tuple(Skipped(**order) for order in row.skipped),
        "uneven": tuple(
            Uneven(order["name"], order["currency"], Decimal(order["total"]), Decimal(order["worth"]))
            for order in row.uneven
        ),
    }
    names = ImportView.__dataclass_fields__.keys() - listed.keys()
    return ImportView(**listed, **{name: getattr(row, name) for name in names})
