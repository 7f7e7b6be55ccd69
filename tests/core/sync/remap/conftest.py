"""Acme's store, fully loaded, whose rows an older version of the mapping made, wrongly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from sqlalchemy import update

from core import stores
from core.database import tenant_session
from core.database.models import Order, OrderAnswer, Sale, Store
from core.domain import MAPPING_VERSION
from core.simulator.http.simulator import Simulator
from core.sync import remap
from core.sync.remap import Progress
from tests.cast import Business, Cast
from tests.core.sync.syncing import ask, work
from tests.core.transports import Wire
from tests.stored import ledger

OLD = MAPPING_VERSION - 1
_LEDGER = ("agreements", "agreed_refunds", "agreed_at")
_SALE = ("order_id", "happened_at", "action", "line_type", "line_item_id", "quantity")


@dataclass
class Upgraded:
    """Acme's store right after an upgrade; `right` is its ledger as it should be."""

    cast: Cast
    shopify: Simulator
    right: dict[str, list[dict[str, Any]]]

    @property
    def acme(self) -> Business:
        return self.cast.acme

    def ask(self, now: datetime | None = None) -> bool:
        return remap.queue_if_due(self.acme.key, now or datetime.now(UTC))

    def work(self, wire: Wire | None = None, **options: Any) -> Progress | None:
        """One job; how far the store is afterwards."""
        remap.work_on(self.acme.key, wire, **options)
        return self.progress()

    def progress(self) -> Progress | None:
        return remap.progress(self.acme.key)

    def finish(self, wire: Wire | None = None, **options: Any) -> None:
        """Jobs without the pauses between them, until all is improved."""
        for _ in range(40):
            if self.work(wire, **options) is None:
                return
        raise AssertionError(f"it does not end: {self.progress()}")

    def ledger(self) -> dict[str, list[dict[str, Any]]]:
        return without_ledgers(ledger(self.acme))

    def store_version(self) -> int:
        with tenant_session(self.acme.tenant_id) as session:
            return session.get_one(Store, (self.acme.tenant_id, self.acme.store_id)).mapping_version


def without_ledgers(rows: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """An order that is read by its id comes with Shopify's ledger: that is more, not something else, and its sales
    may be in another order."""
    orders = [{name: each[name] for name in each if name not in _LEDGER} for each in rows["orders"]]
    sales = [{name: each[name] for name in each if name != "sale_no"} for each in rows["sales"]]
    return rows | {"orders": orders, "sales": sorted(sales, key=lambda one: list(map(str, map(one.get, _SALE))))}


def jobs(database_url: str) -> list[tuple[str, int]]:
    """The queue and the priority of each job that waits for a store to be improved."""
    with psycopg.connect(database_url) as owner:
        query = "SELECT queue_name, priority FROM procrastinate_jobs WHERE task_name = 'improve_orders'"
        return owner.execute(query).fetchall()  # type: ignore[return-value]


def make_wrong(business: Business, version: int = OLD) -> None:
    """Every order, as an older mapping made it: other totals, other sales, and answers that lack newer fields."""
    with tenant_session(business.tenant_id) as session:
        session.execute(update(OrderAnswer).where(business.key.owns(OrderAnswer)).values(documents_version=0))
        wrong = {"mapping_version": version, "ledger_version": version, "total": Decimal("0.01")}
        session.execute(update(Order).where(business.key.owns(Order)).values(**wrong))
        session.execute(update(Sale).where(business.key.owns(Sale)).values(net=Sale.net * 2))
        session.execute(update(Store).where(business.key.owns(Store)).values(mapping_version=version))


@pytest.fixture
def upgraded(connected: Cast, shopify: Simulator) -> Upgraded:
    assert work(connected.acme, ask(connected.acme), slice_length=timedelta(minutes=1)).state == "succeeded"
    assert stores.find(connected.acme.key).complete_until is not None
    right = without_ledgers(ledger(connected.acme))
    make_wrong(connected.acme)
    return Upgraded(connected, shopify, right)
