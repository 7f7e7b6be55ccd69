"""Questions of `core.metrics` with what each needs to be asked about a shop with an order in November 2026."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from types import ModuleType
from typing import Any

from core.domain.periods import Grain
from core.metrics import attention
from core.metrics.checkouts import carts
from core.metrics.checkouts import listing as checkout_listing
from core.metrics.checkouts import report as checkouts
from core.metrics.checkouts.report import Aging
from core.metrics.customers import cohorts, repeats, segments, timeline
from core.metrics.customers import details as customer_details
from core.metrics.customers import listing as customers
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
from core.metrics.orders import details as order_details
from core.metrics.orders import listing as orders
from core.metrics.products import details as product_details
from core.metrics.products import listing as products
from core.metrics.products import movers
from core.metrics.returns import causes
from core.metrics.returns import orders as returned_orders
from core.metrics.returns import report as returns
from core.metrics.returns.later_sales import Basis
from core.metrics.sales import contents, daily, origins, overview, pace, week_hours
from tests import factories as made
from tests.core.metrics.conftest import NOW, Shop
from tests.core.metrics.sales.test_headline import NOVEMBER

MODULES: tuple[ModuleType, ...] = (
    overview,
    pace,
    products,
    customers,
    orders,
    profit,
    profit_products,
    profit_orders,
    payments,
    taxes,
    variant_costs,
    finance,
    gift_cards,
    order_costs,
    movers,
    origins,
    week_hours,
    attention,
    carts,
    checkout_listing,
    checkouts,
    cohorts,
    repeats,
    segments,
    timeline,
    customer_details,
    order_details,
    product_details,
    causes,
    returned_orders,
    returns,
    contents,
    daily,
)
"""The modules whose every question is here."""

CHECKOUT_ID = 91
CUSTOMER = "c:81"
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
}
"""Every question of these modules, with its arguments after the session and the scope."""
