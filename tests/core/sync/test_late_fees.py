"""Fees of payments that Shopify computes or adjusts days after the order, which is re-read for them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete, update

from core import rollups
from core.database import tenant_session
from core.database.models import Cost, CostBasis, CostKind, Order, Transaction, UnsettledOrder
from core.domain.periods import Grain, Period
from core.metrics.money.profit import Profit, profit
from core.simulator.http.simulator import Simulator
from core.sync import late_parts, refetch
from tests.cast import Cast
from tests.core.metrics.conftest import shop_of
from tests.core.sync.syncing import ask, work
from tests.core.sync.test_scopes import connect
from tests.stored import rows

FEE, ADJUSTMENT = Decimal("1.23"), Decimal("0.40")
FINAL = late_parts.FEES_FINAL_AFTER - timedelta(hours=23)
"""From now until the fee of yesterday's order is final, and an hour."""


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


def enter_costs(cast: Cast) -> None:
    """Let all costs of the profit be known: shipping costs 4.00 an order, other payments nothing."""
    fields = {"basis": CostBasis.ORDER, "name": "", "valid_from": date(1970, 1, 1), "entered_at": datetime.now(UTC)}
    with tenant_session(cast.acme.tenant_id) as session:
        for kind, amount in ((CostKind.SHIPPING, 4), (CostKind.PAYMENT_FEES, 0)):
            session.add(Cost(**cast.acme.key.parameters, kind=kind, amount=Decimal(amount), currency="EUR", **fields))


def profit_of_day(cast: Cast, shopify: Simulator, order_id: int) -> Profit:
    """The profit of the day of an order."""
    shop = shop_of(cast.acme)
    day = day_of(shopify, order_id)
    return shop.ask(profit, Period(day, day, shop.zone), Grain.DAY).whole


def true_fees_of_day(shopify: Simulator, order_id: int) -> Decimal:
    """The simulator's own sum of the fees of all orders of the day of an order."""
    day, orders = day_of(shopify, order_id), shopify.live_shop().shop.orders
    on_day = [order for order in orders.values() if day_of(shopify, order.order_id) == day and not order.test]
    return sum((paid.fee for order in on_day for paid in order.transactions if paid.fee), Decimal(0))


def day_of(shopify: Simulator, order_id: int) -> date:
    shop = shopify.live_shop().shop
    return shop.local(shop.orders[order_id].processed_at).date()


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
    assert late not in requested(cast, datetime.now(UTC) + late_parts.FEES_WITHIN + timedelta(days=2))
    assert late in requested(cast, datetime.now(UTC))
    refetch_now(cast)

    assert fee(cast, late) is None
    assert requested(cast, datetime.now(UTC)) == set()
    assert late in requested(cast, datetime.now(UTC) + timedelta(hours=21))


def test_a_fee_that_is_adjusted_later_is_read_again_and_the_profit_of_its_day_follows(
    cast: Cast, shopify: Simulator, late: int
) -> None:
    shopify.adjust_fee(late, FEE)
    requested(cast, datetime.now(UTC))
    refetch_now(cast)
    enter_costs(cast)
    before = profit_of_day(cast, shopify, late)
    assert (fee(cast, late), before.known_fees) == (FEE, true_fees_of_day(shopify, late))
    shopify.adjust_fee(late, FEE + ADJUSTMENT)
    read_before(cast, timedelta(hours=21))
    assert requested(cast, datetime.now(UTC)) == set(), "the fee is known"

    assert late in requested(cast, datetime.now(UTC) + FINAL)
    refetch_now(cast)

    assert fee(cast, late) == FEE + ADJUSTMENT
    assert before.contribution is not None
    for _ in range(2):
        after = profit_of_day(cast, shopify, late)
        assert after.known_fees == true_fees_of_day(shopify, late) == before.known_fees + ADJUSTMENT
        assert after.contribution == before.contribution - ADJUSTMENT
        rollups.refresh_money(cast.acme.key)
    assert rollups.audit(cast.acme.key, datetime.now(UTC)) == {}


def test_orders_are_read_for_adjusted_fees_once(cast: Cast, shopify: Simulator, late: int) -> None:
    now = datetime.now(UTC) + FINAL
    first_day = (now - timedelta(days=21)).date()
    paid = {
        order.order_id
        for order in shopify.live_shop().shop.orders.values()
        if not order.test
        for money in order.transactions
        if (money.kind, money.status) == ("SALE", "SUCCESS") and money.amount
        if money.processed_at < now - late_parts.FEES_FINAL_AFTER
        if shopify.live_shop().shop.local(money.processed_at).date() >= first_day
    }
    assert requested(cast, now) == paid >= {late}
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(delete(UnsettledOrder))
        session.execute(update(Order).where(Order.order_id.in_(paid)).values(read_at=now))

    assert requested(cast, now + timedelta(hours=1)).isdisjoint(paid)


@pytest.mark.parametrize("unlike", [{"gateway": "paypal"}, {"test": True}, {"status": "failure"}, {"kind": "void"}])
def test_a_payment_that_has_no_fee_causes_no_re_fetch(cast: Cast, late: int, unlike: dict[str, object]) -> None:
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(update(Transaction).where(Transaction.order_id == late).values(unlike))

    assert requested(cast, datetime.now(UTC)) == set()
