"""A shop with a few years behind it in the simulator, and Acme's store connected to it, its first sync to come."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from requests.adapters import BaseAdapter
from sqlalchemy import select

from core import stores
from core.config import settings
from core.database import StoreKey, tenant_session
from core.database.models import BackfillSlice, Base, Store
from core.sealing.seal import sealer
from core.shopify import bulk
from core.shopify.auth import AdminToken
from core.shopify.pages import ShopInfo
from core.simulator.admin_api.bulk import Operation
from core.simulator.defaults import SCOPES
from core.simulator.http.live_shop import Setup
from core.simulator.http.simulator import Simulator
from core.simulator.shop.shop import ShopSpec
from core.stores import credentials
from core.stores.clients import store_client
from core.sync import runs, steps
from core.sync.first_load.results import load_result
from core.sync.runs import RunView
from tests.cast import Business, Cast

TOKEN, SECRET = "shpat_0000000000000000000000backfill", "hush-backfill"
# Until yesterday: a first load cuts its slices by the clock, and the first must hold several batches on every day.
YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)
SPEC = ShopSpec(seed=3, domain="acme.myshopify.com", customers=30, orders=110, until=YESTERDAY, days=800)


@dataclass
class World:
    """Acme, the shop it connects, and Charlie's store beside it."""

    shopify: Simulator
    cast: Cast

    @property
    def acme(self) -> Business:
        return self.cast.acme

    @property
    def operations(self) -> list[Operation]:
        """The bulk operations that were started, in order."""
        return list(self.shopify.live_shop().bulk.by_number.values())

    def ask(self, business: Business | None = None) -> int:
        """A run, as the button asks for it."""
        business = business or self.acme
        return runs.request(business.key, "button", datetime.now(UTC))

    def work(
        self, run_id: int, transport: BaseAdapter | None = None, business: Business | None = None, **options: Any
    ) -> RunView:
        """One job of the run; how it stands afterwards."""
        business = business or self.acme
        steps.work_on(business.key, run_id, transport, **options)
        return self.run(run_id, business)

    def finish(self, run_id: int) -> RunView:
        """Jobs of the run until it has ended, without the pauses between them."""
        for _ in range(40):
            if not (run := self.work(run_id)).active:
                return run
        raise AssertionError(f"the run does not end: {run}")

    def load_first(self, run_id: int, stop: threading.Event) -> None:
        """Write the first slice, five records in a transaction, as a job of the run would."""
        self.shopify.live_shop().bulk.set_next(seconds=3600)
        self.work(run_id)
        self.shopify.live_shop().bulk.set_next(seconds=0)
        self.operations[0].ends_at = datetime.now(UTC)
        tenant_id, store_id = self.acme.tenant_id, self.acme.store_id
        with tenant_session(tenant_id) as session:
            run = runs.claim(session, runs.key_of(self.acme.key, run_id), datetime.now(UTC))
        part = self.slices()[0]
        with store_client(StoreKey(tenant_id, store_id)) as client:
            operation = bulk.poll(client, part.operation_id or "")
            assert operation is not None
            load_result(client, run, part, operation, stop, batch_size=5)

    def run(self, run_id: int, business: Business | None = None) -> RunView:
        business = business or self.acme
        return next(run for run in runs.recent(business.key) if run.run_id == run_id)

    def slices(self) -> list[BackfillSlice]:
        with tenant_session(self.acme.tenant_id) as session:
            return list(session.scalars(select(BackfillSlice).order_by(BackfillSlice.slice_no)))

    def complete_until(self) -> datetime | None:
        return stores.find(self.acme.key).complete_until

    def rows(self, model: type[Base], business: Business | None = None) -> list[dict[str, Any]]:
        """Every row that a store has of a table, by its key, without whose it is and when it was read."""
        business = business or self.acme
        table = model.__table__
        with tenant_session(business.tenant_id) as session:
            records = session.execute(select(table).where(business.key.owns(model)).order_by(*table.primary_key))
            left_out = ("tenant_id", "store_id", "read_at", "statistics_read_at")
            return [{k: v for k, v in row._mapping.items() if k not in left_out} for row in records]

    def connect(self, business: Business, complete_until: datetime | None = None, *missing: str) -> Business:
        """Another business's store of the same shop; without the route, which only one of them can have."""
        with tenant_session(business.tenant_id) as session:
            store = session.get(Store, (business.tenant_id, business.store_id))
            assert store is not None
            credentials.note_scopes(session, store, sorted(set(SCOPES) - set(missing)), datetime.now(UTC))
            store.shop_domain, store.complete_until = SPEC.domain, complete_until
            store.time_zone, store.currency = SPEC.time_zone, SPEC.currency
            store.sealed_credentials = sealer().seal(business.tenant_id, AdminToken(TOKEN, SECRET).to_json())
        return business


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    setup = Setup(SPEC, token=TOKEN, secret=SECRET, bucket_size=50_000, restore_rate=50_000)
    with Simulator([setup]).running() as running:
        yield running


@pytest.fixture
def world(cast: Cast, simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Acme has just connected its shop."""
    monkeypatch.setenv("SHOPIFY_ADMIN_URL", simulator.admin_url)
    settings.cache_clear()
    opened = simulator.live_shop().shop.created_at
    shop = ShopInfo(
        1, "Acme", SPEC.domain, SPEC.currency, SPEC.time_zone, False, opened - timedelta(days=1), None, SCOPES
    )
    stores.save(cast.acme.tenant_id, shop, AdminToken(TOKEN, SECRET), datetime.now(UTC))
    yield World(simulator, cast)
    monkeypatch.undo()
    settings.cache_clear()
