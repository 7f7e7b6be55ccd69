"""All questions of `core.metrics`, with what each needs to be asked about a shop with orders in November 2026."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from core.domain.periods import Grain, Period
from core.metrics import Scope, attention, currencies, deliveries, health, imported
from core.metrics.bridges import known_customers as bridge_customers
from core.metrics.bridges import known_figures, late_changes, period_sums, split_orders, splits
from core.metrics.bridges.split_rows import Split
from core.metrics.checkouts import carts
from core.metrics.checkouts import listing as checkout_listing
from core.metrics.checkouts import report as checkouts
from core.metrics.checkouts.report import Aging
from core.metrics.customers import cohort_profits, cohorts, ranking, repeats, segments, timeline, values
from core.metrics.customers import details as customer_details
from core.metrics.customers import listing as customers
from core.metrics.explore.answer import answer, values_of
from core.metrics.explore.question import Dimension, Measure, Question
from core.metrics.money import (
    finance,
    gift_cards,
    order_costs,
    payments,
    profit,
    profit_orders,
    profit_products,
    taxes,
    variant_costs,
)
from core.metrics.orders import days, discount, discounts
from core.metrics.orders import details as order_details
from core.metrics.orders import listing as orders
from core.metrics.products import baskets, changes, movers, stock
from core.metrics.products import details as product_details
from core.metrics.products import listing as products
from core.metrics.returns import causes, return_reasons
from core.metrics.returns import orders as returned_orders
from core.metrics.returns import report as returns
from core.metrics.returns.later_sales import Basis
from core.metrics.sales import contents, daily, origins, overview, pace, week_hours
from core.metrics.sorting import Sort
from tests import factories as made
from tests.core.metrics.conftest import NOW, Shop
from tests.core.metrics.sales.test_headline import NOVEMBER

CHECKOUT_ID = 91
CUSTOMER = "c:81"
DISCOUNT = discount.DiscountKey("code", "save10")
AGING = Aging(timedelta(hours=1), NOW)
_PLACED_ON = made.PLACED.date()

Arguments = Callable[[Shop], tuple[Any, ...]]


def _given(*arguments: Any) -> Arguments:
    """These arguments, whatever the shop."""
    return lambda _: arguments


def _in_november(*further: Any) -> Arguments:
    """November as the period, and further arguments."""
    return lambda shop: (shop.days(*NOVEMBER), *further)


def _by_days(*further: Any) -> Arguments:
    """November as the period, further arguments, and the beginnings of its days."""
    return lambda shop: (shop.days(*NOVEMBER), *further, shop.days(*NOVEMBER).points(Grain.DAY))


def _beside_october(shop: Shop) -> tuple[Any, ...]:
    return shop.days(*NOVEMBER), shop.days("2026-10-01", "2026-10-31")


def _kept_since(shop: Shop) -> datetime | None:
    return shop.ask(known_figures.kept_since)


def _delivery_id(shop: Shop) -> int:
    return shop.ask(deliveries.deliveries_of_order, made.ORDER_ID, 1)[0].delivery_id


def _stock(shop: Shop) -> tuple[Any, ...]:
    return (stock.StockQuestion(shop.days(*NOVEMBER), date(2026, 11, 30)),)


def ranked_keys(session: Session, scope: Scope, period: Period, search: str, many_orders: int) -> list[str]:
    """Ask for the customers of a period, by net sales."""
    by_net_sales = Sort(ranking.BuyerKey.NET_SALES, is_descending=True)
    question = ranking.Ranking(scope, period, by_net_sales, search, many_orders)
    return ranking.ranked_keys(session, question, ranking.extent_of(session, scope, period), 10, 0)


def count_found(session: Session, scope: Scope, period: Period) -> int:
    """Count the customers of a period that a search finds."""
    by_name = Sort(ranking.BuyerKey.NAME, is_descending=False)
    return ranking.count_found(session, ranking.Ranking(scope, period, by_name, "ada"), 10)


ARGUMENTS: dict[Callable[..., Any], Arguments] = {
    overview.report: _in_november(Grain.MONTH),
    overview.report_beside: lambda shop: (shop.days(*NOVEMBER), shop.days(*NOVEMBER), Grain.MONTH),
    pace.paces: lambda shop: ((shop.days(_PLACED_ON.isoformat()),),),
    products.sales_by_product: _in_november(),
    products.sales_by_variant: _in_november(),
    products.count_products: _in_november(),
    products.count_variants: _in_november(),
    customers.buyers: _in_november(),
    customers.count_buyers: _in_november(),
    orders.orders: lambda shop: (orders.OrderQuestion(shop.days(*NOVEMBER)),),
    orders.orders_page: lambda shop: (orders.OrderQuestion(shop.days(*NOVEMBER)),),
    orders.count_orders: lambda shop: (orders.OrderQuestion(shop.days(*NOVEMBER)),),
    orders.summary: _in_november(),
    orders.first_day: _given(),
    profit.profit: _in_november(Grain.MONTH),
    profit.profit_beside: lambda shop: (shop.days(*NOVEMBER), shop.days(*NOVEMBER), Grain.MONTH),
    profit_products.profit_by_product: _in_november(),
    profit_products.count_earnings: _in_november(),
    profit_orders.profit_by_order: _in_november(),
    profit_orders.order_profit: _given(made.ORDER_ID),
    payments.payments_by_gateway: _in_november(),
    taxes.taxes: _in_november(),
    gift_cards.gift_cards: _in_november(),
    movers.movers: lambda shop: (shop.days(*NOVEMBER), shop.days("2025-11-01", "2025-11-30"), 5),
    attention.sold_out: _given(_PLACED_ON + timedelta(days=1)),
    attention.faults: _given(),
    origins.sales_by_origin: _in_november(origins.Origin.COUNTRY),
    origins.sales_by_kind: _in_november(Grain.MONTH),
    week_hours.week_hours: _in_november(),
    finance.finance: _in_november(Grain.MONTH),
    variant_costs.uncosted_variants: _in_november(),
    variant_costs.catalogue_variants: _given([71], []),
    order_costs.order_costs: _given(made.ORDER_ID),
    carts.carts: _in_november(AGING),
    carts.carts_over_time: _by_days(AGING),
    checkouts.checkouts: _in_november(AGING),
    checkouts.checkouts_over_time: _by_days(AGING),
    checkout_listing.checkout_list: _in_november(AGING),
    checkout_listing.count_checkouts: _in_november(AGING),
    checkout_listing.checkout_details: _given(AGING, CHECKOUT_ID),
    cohorts.cohorts: _given(cohorts.Width.MONTH, date(2026, 11, 21)),
    repeats.repeats: _in_november(),
    values.customer_values: _given(date(2027, 11, 21)),
    segments.segment_build: _given(),
    segments.shopify_readings: _given(),
    segments.segments: _given(),
    segments.members: lambda shop: (shop.ask(segments.segment_of, CUSTOMER),),
    segments.segment_of: _given(CUSTOMER),
    timeline.timeline: _given(CUSTOMER, 10),
    timeline.months: _given(CUSTOMER),
    customer_details.customer_details: _given(CUSTOMER, 10),
    order_details.order_details: _given(made.ORDER_ID),
    product_details.product_details: lambda shop: (7, shop.days(*NOVEMBER)),
    product_details.product_report: lambda shop: (7, *_by_days()(shop)),
    causes.returns_by_product: _in_november(Basis.RETURN_DAY),
    causes.returns_by_reason: _in_november(Basis.RETURN_DAY),
    returned_orders.returned_orders: _in_november(Basis.RETURN_DAY),
    returned_orders.count_returned_orders: _in_november(Basis.RETURN_DAY),
    returns.returns: _in_november(),
    returns.cohort_returns: _in_november(),
    returns.difference: _in_november(),
    returns.over_time: _by_days(Basis.RETURN_DAY),
    returns.settled_share: _given(date(2027, 6, 1)),
    contents.contents: _given(),
    daily.daily: _given(_PLACED_ON, _PLACED_ON),
    bridge_customers.customers_since: lambda shop: (shop.days(*NOVEMBER), _kept_since(shop)),
    known_figures.kept_since: _given(),
    known_figures.figures_since: lambda shop: (shop.days(*NOVEMBER), _kept_since(shop)),
    late_changes.changed_days: lambda shop: (shop.zone, _kept_since(shop)),
    late_changes.kinds_of_change: lambda shop: (shop.days(*NOVEMBER), _kept_since(shop)),
    late_changes.late_changes: lambda shop: (shop.days(*NOVEMBER), _kept_since(shop)),
    period_sums.period_sums: _in_november(),
    split_orders.split_orders: lambda shop: (*_beside_october(shop), Split.PRODUCT, "7"),
    split_orders.count_split_orders: lambda shop: (*_beside_october(shop), Split.PRODUCT, "7"),
    splits.split_change: lambda shop: (*_beside_october(shop), Split.COUNTRY),
    currencies.left_out: _in_november(),
    cohort_profits.cohort_profits: _given(cohorts.Width.MONTH, date(2026, 11, 21)),
    ranking.extent_of: _in_november(),
    deliveries.counts: lambda shop: (shop.days("2020-01-01", "2027-12-31"),),
    deliveries.deliveries: lambda shop: (shop.days("2020-01-01", "2027-12-31"),),
    deliveries.deliveries_page: lambda shop: (shop.days("2020-01-01", "2027-12-31"),),
    deliveries.deliveries_of_order: _given(made.ORDER_ID, 10),
    deliveries.delivery: lambda shop: (_delivery_id(shop),),
    deliveries.failed_by_topic: _given(),
    deliveries.received_since: _given(datetime(2020, 1, 1, tzinfo=UTC)),
    deliveries.refusals: lambda shop: (shop.days("2020-01-01", "2027-12-31"),),
    deliveries.topics: lambda shop: (shop.days("2020-01-01", "2027-12-31"),),
    answer: _in_november(Question((Measure.NET_SALES, Measure.ORDERS), (Dimension.PRODUCT,))),
    values_of: _in_november(Dimension.PRODUCT, 10),
    health.arrivals: _in_november(),
    health.count_faulty_outside: lambda shop: (shop.days("2026-01-01"),),
    health.day_figures: _in_november(),
    health.days: _in_november(),
    health.last_audit: _given(),
    health.unknown_sales: _given(10),
    health.unreadable: _given(10),
    imported.undated_refunds: _given(),
    days.orders_by_day: _in_november(),
    discount.discount: _in_november(date(2026, 11, 30), DISCOUNT),
    discount.discount_series: _by_days(DISCOUNT),
    discount.discounted_orders: _in_november(DISCOUNT),
    discounts.discount_summary: _in_november(),
    discounts.discounts: _in_november(date(2026, 11, 30)),
    baskets.basket_build: _given(),
    baskets.count_pairs: _given(),
    baskets.first_products: _given(),
    baskets.product_pairs: _given(),
    changes.product_rows: lambda shop: (changes.Question(*_beside_october(shop), date(2026, 11, 30)),),
    changes.variant_rows: lambda shop: (changes.Question(*_beside_october(shop), date(2026, 11, 30)),),
    changes.trends: lambda shop: (*_by_days()(shop), [7]),
    stock.count_stock: _stock,
    stock.stock: _stock,
    stock.stock_locations: _given(),
    stock.stock_summary: _stock,
    return_reasons.return_reasons: _in_november(),
}
"""Every question that takes a scope, with its arguments after the session and the scope."""

RANKED: tuple[tuple[Callable[..., Any], Arguments], ...] = (
    (ranked_keys, _in_november("", 1_000_000)),
    (ranked_keys, _in_november("", 0)),
    (ranked_keys, _in_november("ada", 1_000_000)),
    (count_found, _in_november()),
)
"""Customers grouped, walked, found and counted: the scope of these questions is within a ranking."""
