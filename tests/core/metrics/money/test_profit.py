"""Profit on orders small enough to be added up by hand: an unknown cost is never zero."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from msgspec.structs import replace
from sqlalchemy import text

from core import rollups
from core.database import tenant_session
from core.database.models import Cost, CostBasis, CostKind, UnitCost
from core.domain import Transaction
from core.domain.periods import Grain, Period
from core.metrics.money.order_costs import order_costs
from core.metrics.money.profit import Profit, profit
from core.metrics.money.profit_orders import order_profit, profit_by_order
from core.metrics.money.profit_products import count_earnings, profit_by_product
from tests import factories as made
from tests.cast import NOW
from tests.core.metrics.conftest import Shop
from tests.core.metrics.sales.test_headline import NOVEMBER, at, utc
from tests.factories import PLACED

START = date(1970, 1, 1)


def figures(shop: Shop, period: Period | None = None) -> Profit:
    return shop.ask(profit, period or shop.days(*NOVEMBER), Grain.DAY).whole


def enter(shop: Shop, kind: CostKind, basis: CostBasis, amount: str, **changes: Any) -> None:
    """Enter a cost of all days, in euros."""
    fields = {"name": "", "currency": "EUR", "valid_from": START, "entered_at": NOW, "amount": Decimal(amount)}
    with tenant_session(shop.business.tenant_id) as session:
        session.add(Cost(**shop.business.key.parameters, kind=kind, basis=basis, **fields | changes))


def enter_unit_cost(shop: Shop, amount: str, valid_from: date = START) -> None:
    """Enter the cost of one shirt."""
    fields = {"variant_id": 71, "currency": "EUR", "valid_from": valid_from, "entered_at": NOW}
    with tenant_session(shop.business.tenant_id) as session:
        session.add(UnitCost(**shop.business.key.parameters, unit_cost=Decimal(amount), **fields))


def shirt(cost: str | None = "8.00", **changes: Any) -> Any:
    return made.product(variants=(made.variant(71, unit_cost=Decimal(cost) if cost else None, **changes),))


def test_two_shirts_earn_their_price_less_their_cost(acme: Shop) -> None:
    acme.receive(shirt(), made.order())
    whole = figures(acme)
    assert (whole.net_sales, whole.cost_of_goods_sold, whole.gross_profit) == (40, 16, 24)
    assert (whole.gross_margin, whole.cost_coverage) == (Decimal("0.6"), 1)


def test_a_product_without_a_cost_is_in_no_profit_and_lowers_the_coverage(acme: Shop) -> None:
    mug = made.line(12, "60.00", 1, "0", title="Mug", product_id=8, variant_id=81)
    acme.receive(shirt(), made.order(line_items=(made.line(), mug)))
    whole = figures(acme)
    assert (whole.net_sales, whole.net_sales_without_cost, whole.gross_profit) == (100, 60, 24)
    assert whole.cost_coverage == Decimal("0.4")


def test_without_any_cost_profit_is_unknown_and_not_zero(acme: Shop) -> None:
    acme.receive(shirt(None), made.order())
    whole = figures(acme)
    assert (whole.cost_of_goods_sold, whole.gross_profit, whole.gross_margin, whole.net_profit) == (None,) * 4
    assert whole.cost_coverage == 0


def test_a_cost_of_zero_is_a_known_cost(acme: Shop) -> None:
    acme.receive(shirt("0"), made.order())
    assert (figures(acme).gross_profit, figures(acme).cost_coverage) == (40, 1)


def test_a_cost_in_another_currency_is_no_cost(acme: Shop) -> None:
    acme.receive(shirt(), made.order())
    with tenant_session(acme.business.tenant_id) as session:
        session.execute(text("UPDATE variants SET currency = 'USD'"))
        session.execute(text("DELETE FROM former_unit_costs"))
    assert figures(acme).gross_profit is None


def test_a_returned_shirt_gives_its_cost_back_on_the_day_of_the_return(acme: Shop) -> None:
    acme.receive(shirt(), made.order(refunds=(made.refund(),)))
    whole = figures(acme, acme.days("2026-11-11"))
    assert (whole.net_sales, whole.cost_of_goods_sold, whole.not_restocked, whole.gross_profit) == (-20, -8, 0, -12)


def test_a_refunded_shirt_that_is_not_restocked_stays_a_cost(acme: Shop) -> None:
    lost = made.refund(lines=(made.refund_line(restock="no_restock"),))
    acme.receive(shirt(), made.order(refunds=(lost,)))
    whole = figures(acme, acme.days("2026-11-11"))
    assert (whole.cost_of_goods_sold, whole.not_restocked, whole.gross_profit) == (0, 8, -20)
    assert figures(acme).cost_of_goods_sold == 16


def test_an_entered_unit_cost_counts_from_its_day_on_and_a_return_has_the_cost_of_its_sale(acme: Shop) -> None:
    enter_unit_cost(acme, "5.00")
    enter_unit_cost(acme, "6.00", date(2026, 11, 5))
    acme.receive(shirt(None), made.order(refunds=(made.refund(),)), at(utc(2026, 11, 5, 12), 2))
    assert figures(acme, acme.days("2026-11-02")).cost_of_goods_sold == 10
    assert figures(acme, acme.days("2026-11-05")).cost_of_goods_sold == 12
    assert figures(acme, acme.days("2026-11-11")).cost_of_goods_sold == -5


def test_the_way_from_gross_to_net_profit(acme: Shop) -> None:
    """24 of goods + 5 of shipping - fees (1 % of 52.60 + 0.25) - parcel 4 - box 0.50 - ads 60 - rent 30."""
    acme.receive(shirt(), made.order())
    enter(acme, CostKind.PAYMENT_FEES, CostBasis.ORDER, "0.25", percent=Decimal("1"))
    enter(acme, CostKind.SHIPPING, CostBasis.ORDER, "4.00")
    enter(acme, CostKind.PACKAGING, CostBasis.ORDER, "0.50")
    enter(acme, CostKind.ADVERTISING, CostBasis.DAY, "2.00")
    enter(acme, CostKind.OTHER, CostBasis.MONTH, "30.00", name="Rent")
    whole = figures(acme)
    assert (whole.payment_fees, whole.shipping_cost, whole.packaging) == (Decimal("0.776"), 4, Decimal("0.50"))
    assert whole.contribution == Decimal("23.724")
    assert (whole.advertising, whole.other_costs) == (60, 30)
    assert whole.net_profit == Decimal("-66.276")
    assert whole.marketing_efficiency == Decimal("52.60") / 60


def test_fees_that_nobody_entered_leave_the_contribution_unknown(acme: Shop) -> None:
    acme.receive(shirt(), made.order())
    enter(acme, CostKind.SHIPPING, CostBasis.ORDER, "4.00")
    whole = figures(acme)
    assert (whole.gross_profit, whole.payment_fees, whole.contribution, whole.net_profit) == (24, None, None, None)
    assert (whole.days_without_fees, whole.days_without_shipping_cost) == (1, 0)


def test_fees_that_begin_later_leave_the_days_before_unknown(acme: Shop) -> None:
    acme.receive(shirt(), made.order(), at(utc(2026, 11, 20, 12), 2))
    enter(acme, CostKind.SHIPPING, CostBasis.ORDER, "4.00")
    enter(acme, CostKind.PAYMENT_FEES, CostBasis.ORDER, "1.00", valid_from=date(2026, 11, 10))
    assert figures(acme).days_without_fees == 1
    assert figures(acme, acme.days("2026-11-10", "2026-11-30")).payment_fees == 1


def test_a_months_cost_is_spread_over_its_days_and_is_whole_over_the_month(acme: Shop) -> None:
    enter(acme, CostKind.ADVERTISING, CostBasis.MONTH, "100.00", valid_to=date(2026, 11, 30))
    assert figures(acme).advertising == 100
    assert figures(acme, acme.days("2026-11-01", "2026-11-03")).advertising == 10
    assert figures(acme, acme.days("2026-12-01", "2026-12-31")).advertising == 0
    points = acme.ask(profit, acme.days(*NOVEMBER), Grain.WEEK).points
    assert sum(point.figures.advertising for point in points).quantize(Decimal("0.000001")) == 100


def test_a_replaced_cost_counts_no_more(acme: Shop) -> None:
    enter(acme, CostKind.ADVERTISING, CostBasis.DAY, "2.00", replaced_at=NOW)
    assert figures(acme).advertising == 0


def test_an_unpaid_or_cancelled_order_costs_no_fee_or_no_parcel(acme: Shop) -> None:
    enter(acme, CostKind.PAYMENT_FEES, CostBasis.ORDER, "1.00")
    enter(acme, CostKind.SHIPPING, CostBasis.ORDER, "4.00")
    acme.receive(
        at(utc(2026, 11, 3), 1, financial_status="pending"),
        at(utc(2026, 11, 3), 2, financial_status="paid", cancelled_at=utc(2026, 11, 4)),
    )
    assert (figures(acme).payment_fees, figures(acme).shipping_cost) == (1, 4)


def test_the_running_day_counts_up_to_the_hour(acme: Shop) -> None:
    acme.receive(shirt(), made.order(), at(utc(2026, 11, 2, 15), 2))
    enter(acme, CostKind.ADVERTISING, CostBasis.DAY, "2.00")
    cut = figures(acme, acme.days("2026-11-01", "2026-11-30", utc(2026, 11, 2, 12)))
    assert (cut.cost_of_goods_sold, cut.advertising) == (16, 4)


def test_points_add_up_to_the_whole(acme: Shop) -> None:
    acme.receive(shirt(), made.order(refunds=(made.refund(),)), at(utc(2026, 11, 20, 12), 2))
    report = acme.ask(profit, acme.days(*NOVEMBER), Grain.WEEK)
    for name in ("net_sales", "cost_of_goods", "shipping", "total_sales"):
        assert sum(getattr(point.figures, name) for point in report.points) == getattr(report.whole, name)


def test_products_and_orders_add_up_to_the_profit(acme: Shop) -> None:
    mug = made.line(12, "60.00", 1, "0", title="Mug", product_id=8, variant_id=81)
    acme.receive(shirt(), made.order(line_items=(made.line(), mug), refunds=(made.refund(),)))
    enter(acme, CostKind.PAYMENT_FEES, CostBasis.ORDER, "1.00")
    enter(acme, CostKind.SHIPPING, CostBasis.ORDER, "4.00")
    whole, november = figures(acme), acme.days(*NOVEMBER)
    products = acme.ask(profit_by_product, november)
    assert [(row.title, row.units, row.net_sales, row.gross_profit) for row in products] == [
        ("Shirt", 1, 20, 12),
        ("Mug", 1, 60, None),
    ]
    assert [row.cost_coverage for row in products] == [1, 0]
    assert acme.ask(count_earnings, november, "MUG") == 1
    (order,) = acme.ask(profit_by_order, november)
    assert (order.net_sales, order.gross_profit, order.contribution) == (80, 12, 12 + 5 - 4 - 1)
    assert (order.gross_profit, order.contribution) == (whole.gross_profit, whole.contribution)


def test_an_order_opens_down_to_the_cost_of_its_lines(acme: Shop) -> None:
    """Two shirts at 8.00: one is kept, one was refunded and lost. The mug's cost is unknown."""
    mug = made.line(12, "60.00", 1, "0", title="Mug", product_id=8, variant_id=81)
    lost = made.refund(lines=(made.refund_line(restock="no_restock"),))
    acme.receive(shirt(), made.order(line_items=(made.line(), mug), refunds=(lost,)))
    lines = acme.ask(order_costs, made.ORDER_ID)
    assert [(line.title, line.units, line.net_sales, line.unit_cost, line.cost) for line in lines] == [
        ("Shirt", 1, 20, 8, 16),
        ("Mug", 1, 60, None, None),
    ]
    order = acme.ask(order_profit, made.ORDER_ID)
    assert order is not None
    assert order == acme.ask(profit_by_order, acme.days(*NOVEMBER))[0]
    assert order.gross_profit == sum(line.gross_profit or 0 for line in lines) == 4
    assert acme.ask_in("USD", order_profit, made.ORDER_ID) is None


def test_fees_that_shopify_says_come_before_those_that_were_entered(acme: Shop) -> None:
    """Of two paid orders Shopify says the fee of one, 1.03; the other one has the entered fee of 1.00."""
    known = Transaction(1, "sale", "success", PLACED, Decimal("52.60"), fee=Decimal("1.03"), fee_currency="EUR")
    acme.receive(shirt(), at(utc(2026, 11, 2, 9), 1, transactions=(known,)), at(utc(2026, 11, 3, 9), 2))
    assert figures(acme).payment_fees is None, "the fee of the second one is unknown"
    enter(acme, CostKind.PAYMENT_FEES, CostBasis.ORDER, "1.00")
    for _ in range(2):
        whole = figures(acme)
        assert (whole.payment_fees, whole.known_fees, whole.known_fee_share) == (
            *(Decimal("2.03"), Decimal("1.03"), Decimal("0.5")),
        )
        rollups.refresh_money(acme.business.key)
    orders = acme.ask(profit_by_order, acme.days(*NOVEMBER))
    assert [row.payment_fees for row in orders] == [Decimal("1.00"), Decimal("1.03")]


def test_a_fee_that_shopify_says_late_makes_the_day_of_its_order_stale(acme: Shop) -> None:
    paid = Transaction(1, "sale", "success", PLACED, Decimal("52.60"))
    acme.receive(shirt(), at(utc(2026, 11, 2, 9), 1, transactions=(paid,)))
    rollups.refresh_money(acme.business.key)
    assert figures(acme).payment_fees is None
    known = replace(paid, fee=Decimal("1.03"), fee_currency="EUR")
    read = at(utc(2026, 11, 2, 9), 1, transactions=(known,))
    acme.receive(replace(read, updated_at=utc(2026, 11, 4, 9)))
    assert figures(acme).payment_fees == Decimal("1.03"), "nothing else has to be entered"
