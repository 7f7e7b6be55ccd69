"""What needs attention: failed webhooks, days that differ, and best sellers without stock."""

from __future__ import annotations

from datetime import date

from sqlalchemy.dialects.postgresql import insert

from core.database import tenant_session
from core.database.models import DayCheck
from core.metrics.attention import Faults, SoldOut, faults, sold_out
from core.webhooks import apply
from tests import factories as made
from tests.cast import NOW
from tests.core.metrics.conftest import Shop
from tests.core.metrics.sales.test_headline import at, utc
from tests.shopify_sends import store_delivery

TODAY = date(2026, 11, 21)


def stocked(product_id: int, *stock: int | None) -> object:
    variants = tuple(made.variant(10 * product_id + n, inventory_quantity=units) for n, units in enumerate(stock))
    return made.product(product_id, title=f"Product {product_id}", variants=variants)


def sold(order_id: int, product_id: int, units: int, day: int = 9) -> object:
    line = made.line(10 * order_id, "5.00", units, "0", product_id=product_id, variant_id=10 * product_id)
    return at(utc(2026, 11, day, 9), order_id, line_items=(line,))


def test_a_store_without_faults_has_none(acme: Shop) -> None:
    assert acme.ask(faults) == Faults(0, 0)
    assert acme.ask(sold_out, TODAY) == ()


def test_failed_webhooks_and_differing_days_are_counted(acme: Shop) -> None:
    store_delivery(acme.business, "orders/create", b'{"id": "x"}')
    apply.apply_pending(acme.business.key, NOW)
    key = {**acme.business.key.parameters, "currency": "EUR", "checked_at": NOW, "ours": 1, "theirs": 2}
    with tenant_session(acme.business.tenant_id) as session:
        for day, state in ((1, "differs"), (2, "uncompared"), (3, "equal")):
            session.execute(insert(DayCheck).values(**key, day=date(2026, 11, day), state=state))
    assert acme.ask(faults) == Faults(1, 2)


def test_a_product_that_sold_lately_and_has_no_unit_left_is_sold_out(acme: Shop) -> None:
    acme.receive(stocked(1, 0, -2), stocked(2, 0, 3), stocked(3, None), stocked(4, 0), stocked(5, 0))  # type: ignore[arg-type]
    acme.receive(sold(1, 1, 4), sold(2, 2, 9), sold(3, 3, 9), sold(4, 4, 6), sold(5, 5, 9, day=21))  # type: ignore[arg-type]
    assert acme.ask(sold_out, TODAY) == (SoldOut(4, "Product 4", 6), SoldOut(1, "Product 1", 4)), (
        "one with stock in another variant, one that is not counted and one that sold only today are none"
    )
