"""No file has a row of another tenant, whatever the store it names."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from core import exports, rollups
from core.database import tenant_session
from core.database.models import (
    BasketBuild,
    BasketProduct,
    Cost,
    DayCheck,
    ExchangeRate,
    FirstProduct,
    Import,
    NextProduct,
    PrivacyRequest,
    ProductPair,
    Store,
    SyncRun,
    Target,
    TargetMetric,
)
from core.domain import Transaction
from core.domain.periods import Period
from core.domain.returns import ReturnLine
from core.webhooks import apply
from tests import factories as made
from tests.cast import NOW, Cast
from tests.core.exports.downloads import download
from tests.core.metrics.conftest import Shop, shop_of
from tests.shopify_sends import store_delivery


@pytest.fixture
def acme(cast: Cast) -> Shop:
    return shop_of(cast.acme)


@pytest.fixture
def november(acme: Shop) -> Period:
    return acme.days("2026-11-01", "2026-11-30")


TERMS = {"cause": "placed", "step": "gross_sales", "customer": "new", "product": "7"}
"""Of each split of the change, a term with an order; the others have a term without a value."""


@pytest.mark.parametrize("name", exports.EXPORTS)
def test_another_tenants_session_gets_none_of_it(acme: Shop, cast: Cast, november: Period, name: str) -> None:
    with tenant_session(acme.business.tenant_id) as session:
        kept = {"changes_kept_since": datetime(2026, 11, 1, tzinfo=UTC)}
        session.execute(update(Store).where(acme.business.key.owns(Store)).values(kept))
        session.add(SyncRun(**acme.business.key.parameters, trigger="button", state="succeeded", requested_at=NOW))
        read = {
            "orders_done": 3,
            "orders_kept": 1,
            "bytes_total": 9,
            "currency": "EUR",
            "file_names": ["a.csv", "b.csv"],
        }
        session.add(Import(**acme.business.key.parameters, **read, state="succeeded", requested_at=NOW))
        month = {**acme.business.key.parameters, "month": november.start, "amount": 300, "currency": "EUR"}
        session.add_all(Target(**month, metric=metric, set_at=NOW) for metric in TargetMetric)
        entered = {"tenant_id": acme.business.tenant_id, "currency": "USD", "entered_at": NOW}
        session.add(ExchangeRate(**entered, into="EUR", rate=Decimal("0.92")))
        cost = {"kind": "packaging", "basis": "order", "name": "", "amount": 1, "valid_from": november.start}
        session.add(Cost(**entered | cost, store_id=acme.business.store_id))
        request = {"topic": "customers/redact", "webhook_id": "1", "received_at": NOW, "outcome": "Redacted."}
        session.add(PrivacyRequest(**acme.business.key.parameters, **request, shop_domain="acme.myshopify.com"))
    acme.receive(
        made.product(variants=(made.variant(inventory_item_id=9071),)),
        made.level(),
        made.customer(81),
        made.order(
            customer_id=81,
            line_items=(made.line(discount=Decimal(1)),),
            refunds=(made.refund(),),
            return_lines=(ReturnLine(5, 4, made.PLACED, "open", 1, "unwanted"),),
            transactions=(Transaction(1, "sale", "success", made.PLACED, Decimal(9), "paypal"),),
        ),
        made.checkout(),
        made.order(order_id=82, customer_id=82, processed_at=made.PLACED - timedelta(days=9)),
    )
    store_delivery(acme.business, "orders/create", {"id": 1})
    apply.apply_pending(acme.business.key, NOW)
    check_a_day(acme, date(2026, 11, 2))
    count_baskets(acme)
    rollups.rebuild_segments(acme.business.key, NOW)
    term = {"term": TERMS.get(name.rpartition("-")[2], "")}
    term |= {"segment": "dormant", "known": "2026-11-20T00:00", "customer": "c:81", "order": str(made.ORDER_ID)}
    assert download(acme, name, november, term)
    foreign = download(acme, name, november, term, tenant_id=cast.charlie.tenant_id)
    assert all(
        set(row.values()) <= {"", "0", "0.00", "EUR", row.get("start"), row.get("time_zone")} for row in foreign
    )


def check_a_day(shop: Shop, day: date) -> None:
    """Store a comparison of the day with Shopify's."""
    business = shop.business
    key = {"tenant_id": business.tenant_id, "store_id": business.store_id, "currency": "EUR", "checked_at": NOW}
    with tenant_session(business.tenant_id) as session:
        session.execute(insert(DayCheck).values(**key, day=day, state="equal", ours=1, theirs=1))


def count_baskets(shop: Shop) -> None:
    """Store a count of baskets: a pair, and a product that ten customers began with."""
    store, days = (
        shop.business.key.parameters,
        dict.fromkeys(("start", "end", "first_start", "first_end"), NOW.date()),
    )
    counts = {"orders": 9, "large_orders": 0, "customers": 10, "repeat_customers": 5}
    with tenant_session(shop.business.tenant_id) as session:
        session.add_all(
            [
                BasketBuild(**store, **days, **counts, built_at=NOW),
                ProductPair(**store, product_id=7, other_id=8, orders=2),
                *(BasketProduct(**store, product_id=product_id, orders=3) for product_id in (7, 8)),
                FirstProduct(**store, product_id=7, customers=10, repeat_customers=5),
                NextProduct(**store, product_id=7, next_id=8, customers=5),
            ]
        )
