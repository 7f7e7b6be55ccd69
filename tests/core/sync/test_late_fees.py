"""Fees of payments that Shopify computes days after the order: the order is re-read until they are known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import update

from core.database import tenant_session
from core.database.models import Order, Transaction, UnsettledOrder
from core.simulator.http.simulator import Simulator
from core.sync import late_parts, refetch
from tests.cast import Cast
from tests.core.sync.syncing import ask, work
from tests.core.sync.test_scopes import connect
from tests.stored import rows

FEE = Decimal("1.23")


@pytest.fixture
def late(cast: Cast, shopify: Simulator) -> int:
    """An order of yesterday whose fee was not known when it was read, 21 hours ago; all others have one."""
    connect(cast, shopify)
    orders = shopify.live_shop().shop.orders
    order_id = shopify.sell(at=datetime.now(UTC) - timedelta(days=1))
    while len(orders[order_id].transactions) != 1:  # by chance some are not paid
        order_id = shopify.sell(at=datetime.now(UTC) - timedelta(days=1))
    for order in orders.values():
        for paid in order.transactions:
            paid.fee = None if order.order_id == order_id else Decimal("0.50") if paid.kind == "SALE" else None
    work(cast.acme, ask(cast.acme), slice_length=timedelta(minutes=1))
    read_before(cast, timedelta(hours=21))
    return order_id


def read_before(cast: Cast, age: timedelta) -> None:
    """Let all orders count as read so long ago."""
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(update(Order).values(read_at=datetime.now(UTC) - age))


def fee(cast: Cast, order_id: int) -> Decimal | None:
    (paid,) = [each for each in rows(cast.acme, Transaction) if each["order_id"] == order_id]
    amount: Decimal | None = paid["fee"]
    return amount


def requested(cast: Cast, now: datetime) -> set[int]:
    late_parts.request_fees(cast.acme.key, now)
    return {each["order_id"] for each in rows(cast.acme, UnsettledOrder)}


def refetch_now(cast: Cast) -> None:
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(update(UnsettledOrder).values(due_at=datetime.now(UTC)))
    refetch.work_on(cast.acme.key)


def test_a_fee_that_comes_later_is_read_without_a_new_version_of_its_order(
    cast: Cast, shopify: Simulator, late: int
) -> None:
    assert fee(cast, late) is None
    assert requested(cast, datetime.now(UTC)) == {late}
    shopify.live_shop().shop.orders[late].transactions[0].fee = FEE

    refetch_now(cast)

    assert fee(cast, late) == FEE
    read_before(cast, timedelta(hours=21))
    assert requested(cast, datetime.now(UTC)) == set()


def test_an_unknown_fee_is_asked_for_again_after_a_day_and_given_up_in_the_end(cast: Cast, late: int) -> None:
    assert requested(cast, datetime.now(UTC) + late_parts.FEES_WITHIN + timedelta(days=2)) == set()
    assert requested(cast, datetime.now(UTC)) == {late}
    refetch_now(cast)

    assert fee(cast, late) is None
    assert requested(cast, datetime.now(UTC)) == set()
    assert requested(cast, datetime.now(UTC) + timedelta(hours=21)) == {late}


@pytest.mark.parametrize("unlike", [{"gateway": "paypal"}, {"test": True}, {"status": "failure"}, {"kind": "void"}])
def test_a_payment_that_has_no_fee_causes_no_re_fetch(cast: Cast, late: int, unlike: dict[str, object]) -> None:
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(update(Transaction).where(Transaction.order_id == late).values(unlike))

    assert requested(cast, datetime.now(UTC)) == set()
