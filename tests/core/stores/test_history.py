"""Whether Shopify leaves old orders out: judged by the oldest order here, or by the scope while there is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core import ingest, stores
from core.config import settings
from core.database import StoreKey, tenant_session
from core.database.models import Order, Store, SyncRun
from core.shopify import pages
from core.stores import StoreView, history
from core.stores.clients import store_client
from core.stores.history import Cut
from tests.cast import NOW, Cast
from tests.factories import order
from tests.installs import Merchant
from tests.stores import seen

OPENED = NOW - timedelta(days=900)
EDGE = NOW - timedelta(days=60)
ALL = ("read_orders", "read_all_orders")
RECENT = ("read_orders",)


def judged(oldest: datetime | None, scopes: tuple[str, ...], **changes: object) -> Cut | None:
    view = {"shop_created_at": OPENED, "connected_at": NOW, "complete_until": NOW, "scopes": scopes}
    return history.judge(seen(**view | changes), oldest, NOW)


def test_without_the_scope_history_is_cut_and_says_since_when() -> None:
    assert judged(EDGE + timedelta(days=2), RECENT) == Cut(OPENED, EDGE + timedelta(days=2), True)


def test_without_the_scope_the_cut_is_known_before_the_first_order() -> None:
    assert judged(None, RECENT, complete_until=None) == Cut(OPENED, None, True)


def test_an_app_that_is_shown_old_orders_without_the_scope_lacks_nothing() -> None:
    assert judged(EDGE - timedelta(days=300), RECENT) is None


def test_with_the_scope_and_old_orders_nothing_is_said() -> None:
    assert judged(EDGE - timedelta(days=300), ALL) is None


def test_with_the_scope_but_no_older_order_than_the_window_a_cut_is_suspected() -> None:
    assert judged(EDGE + timedelta(hours=5), ALL) == Cut(OPENED, EDGE + timedelta(hours=5), False)


def test_a_shop_that_began_to_sell_lately_is_not_suspected() -> None:
    assert judged(NOW - timedelta(days=20), ALL) is None
    assert judged(None, ALL) is None


def test_during_the_first_sync_nothing_is_suspected() -> None:
    assert judged(EDGE + timedelta(days=1), ALL, complete_until=None) is None


@pytest.mark.parametrize("opened", [None, NOW - timedelta(days=59), NOW - timedelta(days=60)])
def test_a_young_shop_has_nothing_older(opened: datetime | None) -> None:
    assert judged(None, RECENT, shop_created_at=opened) is None


def test_imported_older_orders_end_the_cut(cast: Cast) -> None:
    with tenant_session(cast.acme.tenant_id) as session:
        row = session.get(Store, (cast.acme.tenant_id, cast.acme.store_id))
        assert row is not None
        row.shop_created_at = OPENED
    assert history.find_cut(acme(cast)) == Cut(OPENED, None, True)
    placed(cast, EDGE - timedelta(days=200))
    assert history.find_cut(acme(cast)) is None
    elsewhere = replace(acme(cast), tenant_id=cast.globex.tenant_id)
    assert history.find_cut(elsewhere) is not None, "another business has no such orders"


def test_connecting_again_does_not_move_the_window(cast: Cast) -> None:
    """Sixty days later the oldest order is old, but what lay before it is still not here."""
    with tenant_session(cast.acme.tenant_id) as session:
        row = session.get(Store, (cast.acme.tenant_id, cast.acme.store_id))
        assert row is not None
        row.shop_created_at, row.connected_at = OPENED, NOW + timedelta(days=90)
        columns = {"trigger": "connect", "state": "succeeded", "requested_at": NOW, "cursors": {}}
        session.add(SyncRun(tenant_id=cast.acme.tenant_id, store_id=cast.acme.store_id, **columns))
    placed(cast, EDGE + timedelta(days=1))
    assert history.find_cut(acme(cast)) is not None


def test_an_app_without_the_scope_is_shown_less_and_the_store_says_so_until_it_is_granted(
    merchant: Merchant, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant_id = cast.dana.tenant_id
    store = merchant.install(cast.dana.actor)
    placed_before = [order.created_at for order in merchant.shop.shop.orders.values()]
    shown = sum(at >= datetime.now(UTC) - timedelta(days=60) for at in placed_before)
    assert (orders_shown(tenant_id, store), shown < len(placed_before)) == (shown, True)
    lacking = history.find_cut(store)
    assert lacking is not None
    assert lacking.scope_is_missing

    monkeypatch.setenv("SHOPIFY_SCOPES", "read_orders,read_all_orders,read_products,read_customers")
    settings.cache_clear()
    again = merchant.install(cast.dana.actor)

    assert orders_shown(tenant_id, again) == len(placed_before)
    assert history.find_cut(again) is None


def orders_shown(tenant_id: int, store: StoreView) -> int:
    with store_client(StoreKey(tenant_id, store.store_id)) as client:
        return pages.counts(client, orders="", customers="", products="").orders


def acme(cast: Cast) -> StoreView:
    return stores.find(cast.acme.key)


def placed(cast: Cast, at: datetime) -> None:
    made = order(created_at=at, processed_at=at, updated_at=at)
    with tenant_session(cast.acme.tenant_id) as session:
        ingest.write(session, cast.acme.key, [made], datetime.now(UTC))
        assert session.query(Order).count() == 1
