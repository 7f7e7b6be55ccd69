"""Pages of a shop: every record whole, however long its lists, and no page too costly for Shopify."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
import requests

from core.domain import Customer, Kind, Order, Product, Unreadable
from core.errors import QueryRefused, ShopifyDown
from core.shopify import pages, record_ids
from tests.core.shopify import nodes
from tests.core.shopify.fakes import ScriptedShopify, data, make_client
from tests.core.shopify.nodes import connection, gid, ledger, refunds
from tests.core.shopify.paged_shop import PagedShop, orders_of


def test_pages_follow_each_other_to_the_end() -> None:
    shop = PagedShop(orders=[nodes.order(number) for number in range(1, 8)])
    assert [order.order_id for order in orders_of(shop, first=3)] == [1, 2, 3, 4, 5, 6, 7]
    assert shop.names() == ["Orders"] * 3


def test_a_page_says_up_to_which_change_everything_was_listed() -> None:
    times = ["2026-03-01T10:00:00Z", "2026-03-01T10:00:09Z", "2026-03-01T10:00:07Z"]
    shop = PagedShop(orders=[nodes.order(number, updatedAt=at) for number, at in enumerate(times)])
    page = pages.orders_page(make_client(shop), "", None)
    assert page.last_updated_at == datetime(2026, 3, 1, 10, 0, 9, tzinfo=UTC)


def test_an_empty_shop_is_one_empty_page() -> None:
    shop = PagedShop()
    for read in (pages.orders_page, pages.customers_page, pages.products_page):
        page = read(make_client(shop), "", None, 50)
        assert (page.records, page.has_next, page.end_cursor, page.last_updated_at) == ((), False, None, None)


def test_a_plain_order_is_read_once_and_has_no_ledger() -> None:
    shop = PagedShop(orders=[nodes.order(1, agreements=ledger(1))])
    (order,) = orders_of(shop)
    assert order.agreements is None
    assert shop.names() == ["Orders"]


@pytest.mark.parametrize(
    "more",
    [
        {"returnStatus": "RETURN_REQUESTED"},
        {"cancelledAt": "2026-11-05T18:00:00Z"},
        {"originalTotalDutiesSet": nodes.bag("6.00")},
        {"originalTotalAdditionalFeesSet": nodes.bag("1.50")},
        {"totalPriceSet": nodes.bag("13.00")},
    ],
    ids=["a return", "a cancellation", "duties", "fees", "a charge of no known kind"],
)
def test_sales_missing_from_an_orders_lines_are_read_from_its_ledger(more: dict[str, Any]) -> None:
    shop = PagedShop(orders=[nodes.order(1, **more, agreements=ledger(1)), nodes.order(2)])
    whole, plain = orders_of(shop)
    assert (len(whole.agreements or ()), plain.agreements) == (1, None)


def test_edited_and_refunded_orders_are_read_again_whole() -> None:
    shop = PagedShop(
        orders=[
            nodes.order(1),
            nodes.order(2, edited=True, agreements=ledger(2)),
            nodes.order(3, refunds=refunds(1), agreements=ledger(2)),
        ]
    )
    plain, edited, refunded = orders_of(shop)
    assert plain.agreements is None
    assert [len(order.agreements or ()) for order in (edited, refunded)] == [2, 2]
    assert [refund.refunded for refund in refunded.refunds] == [Decimal("1.00")]
    assert shop.asked[1][1]["ids"] == [gid("Order", 2), gid("Order", 3)]


def test_many_refunded_orders_are_read_in_small_batches() -> None:
    shop = PagedShop(orders=[nodes.order(number, edited=True) for number in range(12)])
    assert len(orders_of(shop)) == 12
    batches = [len(asked["ids"]) for name, asked in shop.asked if name == "OrderDetails"]
    assert sum(batches) == 12
    assert max(batches) <= pages.DETAILED_AT_ONCE


def test_an_order_that_is_deleted_while_its_page_is_read_is_left_out() -> None:
    shop = PagedShop(orders=[nodes.order(1), nodes.order(2, edited=True), nodes.order(3)])
    shop.deleted.add(gid("Order", 2))
    assert [order.order_id for order in orders_of(shop)] == [1, 3]


# Nothing is silently cut.


@pytest.mark.parametrize("edited", [False, True])
@pytest.mark.parametrize("many", [1, 20, 21, 70, 71, 500])
def test_an_order_of_any_length_has_all_of_its_lines(many: int, edited: bool) -> None:
    lines = connection([nodes.line(number) for number in range(many)])
    (order,) = orders_of(PagedShop(orders=[nodes.order(lineItems=lines, edited=edited)]))
    assert [line.line_item_id for line in order.line_items] == list(range(many))


def test_an_order_with_many_shipping_lines_has_all_of_them() -> None:
    lines = connection([nodes.shipping_line(number) for number in range(12)])
    (order,) = orders_of(PagedShop(orders=[nodes.order(shippingLines=lines)]))
    assert [line.shipping_line_id for line in order.shipping_lines] == list(range(12))


@pytest.mark.parametrize("many", [1, 4, 5, 6, 23])
def test_an_order_with_many_refunds_has_all_of_them(many: int) -> None:
    (order,) = orders_of(PagedShop(orders=[nodes.order(refunds=refunds(many))]))
    assert [refund.refund_id for refund in order.refunds] == list(range(1, many + 1))
    assert sum(refund.refunded for refund in order.refunds) == many * (many + 1) // 2


@pytest.mark.parametrize("many", [10, 11, 130])
def test_a_refund_of_many_lines_has_all_of_them(many: int) -> None:
    lines = connection([nodes.refund_line(number, of=number) for number in range(many)])
    shipping = connection([nodes.shipping_refund(number, "1.00") for number in range(8)])
    differences = connection([nodes.adjustment(number, "0.01") for number in range(100, 107)])
    changes = {"refundLineItems": lines, "refundShippingLines": shipping, "orderAdjustments": differences}
    (order,) = orders_of(PagedShop(orders=[nodes.order(refunds=refunds(7, **changes))]))
    for refund in order.refunds:
        assert [line.refund_line_id for line in refund.lines] == list(range(many))
        assert [each.adjustment_id for each in refund.adjustments] == [*range(8), *range(100, 107)]


@pytest.mark.parametrize(("agreements", "sales"), [(1, 1), (10, 20), (11, 1), (1, 21), (12, 60)])
def test_a_ledger_of_any_length_is_read_to_its_last_sale(agreements: int, sales: int) -> None:
    shop = PagedShop(orders=[nodes.order(edited=True, agreements=ledger(agreements, sales))])
    (order,) = orders_of(shop)
    assert order.agreements is not None
    assert [each.agreement_id for each in order.agreements] == list(range(1, agreements + 1))
    for agreement in order.agreements:
        expected = [agreement.agreement_id * 1000 + each for each in range(sales)]
        assert [sale.sale_id for sale in agreement.sales] == expected


@pytest.mark.parametrize("many", [1, 20, 21, 171])
def test_a_product_has_all_of_its_variants(many: int) -> None:
    shop = PagedShop(products=[nodes.product(1, [nodes.variant(number) for number in range(many)]), nodes.product(2)])
    large, small = pages.products_page(make_client(shop), "", None).records
    assert isinstance(large, Product)
    assert isinstance(small, Product)
    assert [variant.variant_id for variant in large.variants] == list(range(many))
    assert large.variants_complete
    assert small.variants_complete


def test_a_record_that_vanishes_between_its_pages_is_worth_another_try() -> None:
    shop = PagedShop(orders=[nodes.order(1, lineItems=connection([nodes.line(number) for number in range(30)]))])
    shop.deleted.add(gid("Order", 1))
    with pytest.raises(ShopifyDown, match="deleted while Xeno read its pages"):
        pages.orders_page(make_client(shop), "", None)


def test_customers_are_read_page_by_page() -> None:
    shop = PagedShop(customers=[nodes.customer(number) for number in range(5)])
    client = make_client(shop)
    first = pages.customers_page(client, "updated_at:>='2026-01-01T00:00:00Z'", None, 3)
    second = pages.customers_page(client, "", first.end_cursor, 3)
    found = [record.customer_id for record in (*first.records, *second.records) if isinstance(record, Customer)]
    assert found == [0, 1, 2, 3, 4]
    assert shop.asked[0][1]["query"] == "updated_at:>='2026-01-01T00:00:00Z'"


def test_a_shop_with_more_customers_than_shopify_lists_is_read_to_the_end() -> None:
    """Shopify pages a list to 25,000; 60 of these customers changed in each second."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    stamps = [(start + timedelta(seconds=number // 60)).strftime("%Y-%m-%dT%H:%M:%SZ") for number in range(30_000)]
    shop = PagedShop(customers=[{"id": gid("Customer", number), "updatedAt": at} for number, at in enumerate(stamps)])
    client, after, found = make_client(shop), None, set()
    while True:
        page = pages.customers_page(client, "updated_at:>='2025-01-01T00:00:00Z'", after, 250)
        found |= {record.customer_id for record in page.records if isinstance(record, Customer)}
        after = page.end_cursor
        if not page.has_next:
            break
    assert found == set(range(30_000))
    searches = [asked["query"] for _, asked in shop.asked if asked["after"] is None]
    assert searches == [
        "updated_at:>='2025-01-01T00:00:00Z'",
        "updated_at:>='2025-01-01T00:00:00Z' updated_at:>='2026-01-01T00:06:52Z'",
    ]


def test_a_page_with_a_next_page_but_no_cursor_raises() -> None:
    page = {"pageInfo": {"hasNextPage": True, "endCursor": None}, "nodes": []}
    with pytest.raises(QueryRefused, match="not after which"):
        pages.customers_page(make_client(ScriptedShopify(data({"customers": page}))), "", None)


def test_an_unmappable_record_is_listed_with_the_reason_and_stops_no_other() -> None:
    shop = PagedShop(orders=[nodes.order(1, totalPriceSet=None), nodes.order(2)])
    page = pages.orders_page(make_client(shop), "", None)
    bad, good = sorted(page.records, key=lambda record: isinstance(record, Order))
    assert bad == Unreadable(Kind.ORDER, 1, "the API's order: totalPriceSet is missing")
    assert isinstance(good, Order)
    assert good.order_id == 2


def test_a_record_without_id_and_time_is_listed_too() -> None:
    shop = PagedShop(orders=[nodes.order(1) | {"id": None, "updatedAt": None}, nodes.order(2)])
    page = pages.orders_page(make_client(shop), "", None)
    assert [record.shopify_id for record in page.records if isinstance(record, Unreadable)] == [0]
    assert page.last_updated_at is not None


def test_an_unmappable_order_fetched_by_id_is_listed_with_the_reason() -> None:
    shop = PagedShop(orders=[nodes.order(1, totalPriceSet=None, agreements=ledger(1))])
    (record,) = pages.orders_by_ids(make_client(shop), [1])
    assert record == Unreadable(Kind.ORDER, 1, "the API's order: totalPriceSet is missing")


def test_a_list_that_never_ends_is_given_up() -> None:
    endless = {"pageInfo": {"hasNextPage": True, "endCursor": "same"}, "nodes": [nodes.line(1)]}
    listed = {"orders": connection([nodes.order(lineItems=endless)])}
    shopify = ScriptedShopify(data(listed), data({"order": {"lineItems": endless}}))
    with pytest.raises(ShopifyDown, match="the same page twice"):
        pages.orders_page(make_client(shopify), "", None)


def test_an_answer_without_the_requested_ids_can_be_retried() -> None:
    with pytest.raises(ShopifyDown, match="left out records that Xeno asked for by id"):
        record_ids.missing_ids(make_client(ScriptedShopify(data({"nodes": []}))), Kind.CUSTOMER, [5])


# By id, counts, windows, the shop.


def test_one_order_is_read_back_with_its_ledger() -> None:
    shop = PagedShop(orders=[nodes.order(820982911946154508, agreements=ledger(1))])
    (order,) = pages.orders_by_ids(make_client(shop), [820982911946154508])
    assert isinstance(order, Order)
    assert order.order_id == 820982911946154508
    assert order.agreements is not None


def test_a_deleted_order_is_left_out() -> None:
    assert pages.orders_by_ids(make_client(PagedShop()), [5]) == ()


def test_one_order_that_shopify_cannot_answer_for_keeps_no_other_out() -> None:
    shop = PagedShop(orders=[nodes.order(number) for number in range(10)])
    shop.unanswerable.add(gid("Order", 4))
    found = pages.orders_by_ids(make_client(shop), range(10))
    assert [one.order_id for one in found if isinstance(one, Order)] == [0, 1, 2, 3, 5, 6, 7, 8, 9]
    (odd,) = (one for one in found if isinstance(one, Unreadable))
    assert odd == Unreadable(Kind.ORDER, 4, "Shopify does not answer when it is asked for this order", may_heal=True)


def test_one_order_that_shopify_cannot_answer_for_keeps_no_page_out() -> None:
    edited = [nodes.order(number, edited=True) for number in range(3)]
    shop = PagedShop(orders=[*edited, nodes.order(3)])
    shop.unanswerable.add(gid("Order", 1))
    page = pages.orders_page(make_client(shop), "", None)
    assert [type(one) for one in page.records] == [Order, Unreadable, Order, Order]


def test_while_shopify_answers_nothing_no_order_is_blamed_for_it() -> None:
    shop = ScriptedShopify(requests.ConnectionError())
    with pytest.raises(ShopifyDown):
        pages.orders_by_ids(make_client(shop), [1, 2, 3])


def test_orders_by_ids_keep_their_order_and_leave_out_deleted_ones() -> None:
    shop = PagedShop(orders=[nodes.order(number) for number in range(10)])
    shop.deleted.add(gid("Order", 4))
    found = pages.orders_by_ids(make_client(shop), [9, 4, 0, 8, 1, 7, 2, 11])
    assert [one.order_id for one in found if isinstance(one, Order)] == [9, 0, 8, 1, 7, 2]


def test_no_ids_ask_nothing() -> None:
    shop = PagedShop()
    assert pages.orders_by_ids(make_client(shop), []) == ()
    assert shop.asked == []


def test_counts_give_the_size_of_a_sync() -> None:
    shop = PagedShop(orders=[nodes.order(1), nodes.order(2)], customers=[nodes.customer(1)])
    assert pages.counts(make_client(shop)) == pages.Totals(orders=2, customers=1, products=0)


def test_a_kind_without_a_scope_is_not_counted() -> None:
    shop = PagedShop(orders=[nodes.order(1)], customers=[nodes.customer(1)])
    totals = pages.counts(make_client(shop), orders="updated_at:>='x'", customers=None)
    assert totals == pages.Totals(orders=1, customers=0, products=0)
    assert shop.asked[0][1]["withCustomers"] is False
    assert shop.asked[0][1]["orders"] == "updated_at:>='x'"


def test_a_window_is_written_in_utc_with_quoted_times() -> None:
    since = datetime(2026, 1, 1, 1, 0, tzinfo=timezone(timedelta(hours=2)))
    until = datetime(2026, 2, 1, 12, 30, 15, 999999, tzinfo=UTC)
    assert pages.updated_query(since, until) == (
        "updated_at:>='2025-12-31T23:00:00Z' updated_at:<='2026-02-01T12:30:15Z'"
    )
    assert pages.updated_query(since=since) == "updated_at:>='2025-12-31T23:00:00Z'"
    assert pages.updated_query(until=until) == "updated_at:<='2026-02-01T12:30:15Z'"
    assert pages.updated_query() == ""


def test_a_window_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        pages.updated_query(datetime(2026, 1, 1))


def test_the_shop_gives_its_own_data_and_the_apps_scopes() -> None:
    answer = {
        "shop": {
            "id": gid("Shop", 548380009),
            "name": "Acme Toys",
            "myshopifyDomain": "acme-toys.myshopify.com",
            "currencyCode": "EUR",
            "ianaTimezone": "Europe/Berlin",
            "taxesIncluded": True,
            "createdAt": "2024-05-01T08:00:00Z",
            "plan": {"publicDisplayName": "Basic", "partnerDevelopment": False, "shopifyPlus": False},
        },
        "currentAppInstallation": {"accessScopes": [{"handle": "read_orders"}, {"handle": "write_products"}]},
    }
    assert pages.shop(make_client(ScriptedShopify(data(answer)))) == pages.ShopInfo(
        shopify_id=548380009,
        name="Acme Toys",
        domain="acme-toys.myshopify.com",
        currency="EUR",
        time_zone="Europe/Berlin",
        taxes_included=True,
        created_at=datetime(2024, 5, 1, 8, tzinfo=UTC),
        plan="Basic",
        scopes=("read_orders", "write_products"),
    )
