"""The made-up shop: the same for the same seed, of the requested size, and plausible."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from statistics import mean

import pytest

from core.simulator.life.history import make_shop
from core.simulator.shop.demand import cyber_week
from core.simulator.shop.formats import OrderFigures
from core.simulator.shop.model import ZERO
from core.simulator.shop.shop import Shop, ShopSpec
from core.simulator.webhooks.export import write

SPEC = ShopSpec(seed=7, customers=400, orders=1500, until=date(2026, 11, 20))


@pytest.fixture(scope="module")
def shop() -> Shop:
    return make_shop(SPEC)


def written(spec: ShopSpec) -> str:
    out = io.StringIO()
    write(make_shop(spec), out)
    return out.getvalue()


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    spec = ShopSpec(customers=20, orders=60)
    assert written(spec) == written(spec)
    assert written(spec) != written(replace(spec, seed=2))


@pytest.mark.parametrize(("customers", "orders"), [(100, 300), (1, 1), (50, 5), (3, 40), (500, 100)])
def test_there_are_exactly_as_many_customers_and_orders_as_requested(customers: int, orders: int) -> None:
    shop = make_shop(ShopSpec(customers=customers, orders=orders))
    assert (len(shop.customers), len(shop.orders)) == (customers, orders)


def test_the_history_has_some_of_every_kind_of_order(shop: Shop) -> None:
    orders = list(shop.orders.values())
    assert 0 < sum(order.test for order in orders) < 40
    assert any(order.customer_id is None and order.email for order in orders)
    assert any(order.customer_id is None and not order.email for order in orders)
    assert any(order.cancelled_at for order in orders)
    assert any(order.is_edited for order in orders)
    assert any(order.tip for order in orders)
    assert any(order.duties and not order.fees and not order.refunds for order in orders)
    assert any(order.duties and order.fees and not order.refunds for order in orders)
    assert any(line.is_gift_card for order in orders for line in order.lines)
    assert any(refund.discrepancy > 0 for order in orders for refund in order.refunds)
    assert any(refund.discrepancy < 0 for order in orders for refund in order.refunds)
    assert any(refund.shipping for order in orders for refund in order.refunds)
    assert any(0 < line.current_quantity < line.quantity for order in orders for line in order.lines)
    assert {discount.kind for order in orders for discount in order.discounts} == {"line", "order", "shipping"}
    assert {"web", "pos", "shopify_draft_order"} == {order.source_name for order in orders}
    assert len({order.address.country_code for order in orders if order.address}) >= 4
    assert any(order.created_at > order.processed_at for order in orders)
    assert any(not order.is_paid for order in orders)


def test_ids_are_long_unique_and_some_too_long_for_a_double(shop: Shop) -> None:
    orders = list(shop.orders.values())
    kinds = {
        "orders": list(shop.orders),
        "customers": list(shop.customers),
        "lines": [line.line_id for order in orders for line in order.lines],
        "refunds": [refund.refund_id for order in orders for refund in order.refunds],
        "sales": [sale.sale_id for order in orders for sale in order.sales()],
    }
    for kind, ids in kinds.items():
        assert len(set(ids)) == len(ids), kind
        assert all(13 <= len(str(number)) <= 18 for number in ids), kind
        assert any(number > 2**53 for number in ids), kind


def test_shops_of_two_domains_share_no_ids(shop: Shop) -> None:
    other = make_shop(replace(SPEC, domain="other.myshopify.com"))
    assert not set(shop.orders) & set(other.orders)
    assert not set(shop.customers) & set(other.customers)


@pytest.mark.parametrize("included", [False, True])
@pytest.mark.parametrize("currency", ["EUR", "USD", "JPY", "KWD"])
def test_every_order_adds_up_to_the_minor_unit(currency: str, included: bool) -> None:
    shop = make_shop(ShopSpec(customers=60, orders=200, currency=currency, taxes_included=included))
    coin = {"JPY": Decimal(1), "KWD": Decimal("0.001")}.get(currency, Decimal("0.01"))
    for order in shop.orders.values():
        figures = OrderFigures(shop, order)
        on_top = ZERO if included else figures.tax
        levied = order.duties + order.fees + order.surcharge + (order.surcharge_tax if included else ZERO)
        assert figures.total == figures.subtotal + figures.shipping + figures.tip + levied + on_top
        assert figures.total % coin == 0
        assert figures.original_total == sum(sale.total for sale in order.sales(("ORDER",)))
        assert figures.refunded <= figures.received
        for line in order.lines:
            assert 0 <= line.discount <= line.unit_price * line.quantity
            assert 0 <= line.current_quantity <= line.quantity


def test_nothing_happens_before_its_time_or_after_the_last_day(shop: Shop) -> None:
    end = SPEC.midnight(SPEC.until + timedelta(days=1))
    for order in shop.orders.values():
        moments = [agreement.happened_at for agreement in order.agreements]
        assert moments == sorted(moments)
        assert order.processed_at <= order.created_at == moments[0]
        assert order.created_at <= order.updated_at
        assert order.processed_at < end
        customer = shop.customers.get(order.customer_id or 0)
        assert customer is None or customer.created_at < order.created_at
    assert len({shop.local(order.processed_at).date() for order in shop.orders.values()}) > 500


def test_customers_have_the_totals_of_their_orders(shop: Shop) -> None:
    counts = Counter(order.customer_id for order in shop.orders.values())
    for customer in shop.customers.values():
        theirs = [order for order in shop.orders.values() if order.customer_id == customer.customer_id]
        assert customer.orders_count == counts[customer.customer_id]
        real = [order for order in theirs if not order.test and order.tender.currency == shop.currency]
        moved = {"SALE": 1, "REFUND": -1}
        paid = sum(money.amount * moved[money.kind] for order in real for money in order.transactions)
        assert customer.amount_spent == paid


def test_most_customers_buy_once_or_twice_and_a_few_very_often(shop: Shop) -> None:
    counts = sorted(Counter(order.customer_id for order in shop.orders.values() if order.customer_id).values())
    assert counts[len(counts) // 2] <= 3
    assert counts[-1] >= 15
    assert any(customer.orders_count == 0 for customer in shop.customers.values())


def test_the_shop_grows_and_sells_most_on_black_friday(shop: Shop) -> None:
    days = Counter(shop.local(order.processed_at).date() for order in shop.orders.values())
    first = sum(count for day, count in days.items() if day <= date(2025, 5, 20))
    second = sum(count for day, count in days.items() if day >= date(2025, 11, 21) and day <= date(2026, 5, 20))
    assert second > 1.3 * first
    black_friday = [days[day] for day in cyber_week(2025)]
    assert mean(black_friday) > 2 * mean(days[date(2025, 11, 3) + timedelta(days=i)] for i in range(14))
    assert next(iter(cyber_week(2025))) == date(2025, 11, 28)


def test_people_are_made_up_and_unreachable(shop: Shop) -> None:
    emails = [customer.email for customer in shop.customers.values()]
    emails += [order.email.lower() for order in shop.orders.values() if order.email]
    assert all(email.isascii() and email.endswith(("@example.com", "@example.org")) for email in emails)


def test_products_have_up_to_four_variants_and_some_costs_are_unknown(shop: Shop) -> None:
    variants = [variant for product in shop.products.values() for variant in product.variants]
    assert all(1 <= len(product.variants) <= 4 for product in shop.products.values())
    assert len({variant.sku for variant in variants}) == len(variants)
    costs = [variant.unit_cost for variant in variants]
    assert None in costs
    assert all(variant.unit_cost < variant.price for variant in variants if variant.unit_cost)
    assert all(variant.stock >= 0 for variant in variants)


def test_a_history_is_as_long_as_requested() -> None:
    shop = make_shop(ShopSpec(customers=20, orders=200, days=30, until=date(2026, 3, 31), time_zone="Asia/Tokyo"))
    days = {shop.local(order.processed_at).date() for order in shop.orders.values()}
    assert min(days) >= date(2026, 3, 2)
    assert max(days) <= date(2026, 3, 31)
