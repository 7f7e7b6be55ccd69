"""Cached reads of profit, taxes and the accountant's figures."""

from __future__ import annotations

from core.database import StoreKey
from core.domain.periods import Grain, Period
from core.metrics.money import finance as finances
from core.metrics.money import gift_cards as cards
from core.metrics.money import order_costs as line_costs
from core.metrics.money import payments, profit_orders, profit_products, variant_costs
from core.metrics.money import profit as profits
from core.metrics.money import taxes as tax_totals
from core.metrics.money.finance import FinanceReport
from core.metrics.money.gift_cards import GiftCards
from core.metrics.money.order_costs import LineCost
from core.metrics.money.payments import GatewayPayments
from core.metrics.money.profit import ProfitReport
from core.metrics.money.profit_orders import OrderProfit, OrderProfitKey
from core.metrics.money.profit_products import EarningKey, ProductProfit
from core.metrics.money.taxes import TaxTotal
from core.metrics.money.variant_costs import UncostedVariant
from core.metrics.sorting import Sort
from dashboard.reads.cache import cached, scope_of


@cached
def profit(store: StoreKey, revision: int, currency: str, period: Period, grain: Grain) -> ProfitReport:
    """See `core.metrics.profit.profit`."""
    with scope_of(store, currency) as (session, scope):
        return profits.profit(session, scope, period, grain)


@cached
def profit_beside(
    store: StoreKey, revision: int, currency: str, compared: Period, period: Period, grain: Grain
) -> ProfitReport:
    """See `core.metrics.profit.profit_beside`."""
    with scope_of(store, currency) as (session, scope):
        return profits.profit_beside(session, scope, compared, period, grain)


@cached
def profit_by_product(
    store: StoreKey,
    revision: int,
    currency: str,
    period: Period,
    limit: int | None = None,
    offset: int = 0,
    search: str = "",
    sort: Sort[EarningKey] = profit_products.MOST_EARNED_FIRST,
) -> tuple[ProductProfit, ...]:
    """See `core.metrics.profit_products.profit_by_product`."""
    with scope_of(store, currency) as (session, scope):
        return profit_products.profit_by_product(session, scope, period, limit, offset, search, sort)


@cached
def count_earnings(store: StoreKey, revision: int, currency: str, period: Period, search: str = "") -> int:
    """See `core.metrics.money.profit_products.count_earnings`."""
    with scope_of(store, currency) as (session, scope):
        return profit_products.count_earnings(session, scope, period, search)


@cached
def profit_by_order(
    store: StoreKey,
    revision: int,
    currency: str,
    period: Period,
    limit: int | None = None,
    offset: int = 0,
    sort: Sort[OrderProfitKey] = profit_orders.NEWEST_FIRST,
) -> tuple[OrderProfit, ...]:
    """See `core.metrics.profit_orders.profit_by_order`."""
    with scope_of(store, currency) as (session, scope):
        return profit_orders.profit_by_order(session, scope, period, limit, offset, sort)


@cached
def finance(store: StoreKey, revision: int, currency: str, period: Period, grain: Grain) -> FinanceReport:
    """See `core.metrics.finance.finance`."""
    with scope_of(store, currency) as (session, scope):
        return finances.finance(session, scope, period, grain)


@cached
def taxes(store: StoreKey, revision: int, currency: str, period: Period) -> tuple[TaxTotal, ...]:
    """See `core.metrics.taxes.taxes`."""
    with scope_of(store, currency) as (session, scope):
        return tax_totals.taxes(session, scope, period)


@cached
def payments_by_gateway(store: StoreKey, revision: int, currency: str, period: Period) -> tuple[GatewayPayments, ...]:
    """See `core.metrics.payments.payments_by_gateway`."""
    with scope_of(store, currency) as (session, scope):
        return payments.payments_by_gateway(session, scope, period)


@cached
def uncosted_variants(
    store: StoreKey, revision: int, currency: str, period: Period, limit: int
) -> tuple[UncostedVariant, ...]:
    """See `core.metrics.money.variant_costs.uncosted_variants`."""
    with scope_of(store, currency) as (session, scope):
        return variant_costs.uncosted_variants(session, scope, period, limit)


@cached
def order_profit(store: StoreKey, revision: int, currency: str, order_id: int) -> OrderProfit | None:
    """See `core.metrics.money.profit_orders.order_profit`."""
    with scope_of(store, currency) as (session, scope):
        return profit_orders.order_profit(session, scope, order_id)


@cached
def order_costs(store: StoreKey, revision: int, currency: str, order_id: int) -> tuple[LineCost, ...]:
    """See `core.metrics.order_costs.order_costs`."""
    with scope_of(store, currency) as (session, scope):
        return line_costs.order_costs(session, scope, order_id)


@cached
def gift_cards(store: StoreKey, revision: int, currency: str, period: Period) -> GiftCards:
    """See `core.metrics.gift_cards.gift_cards`."""
    with scope_of(store, currency) as (session, scope):
        return cards.gift_cards(session, scope, period)
