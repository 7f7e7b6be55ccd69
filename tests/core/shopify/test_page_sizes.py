"""Page sizes: a request that is too costly is retried in halves, and still every record is read."""

from __future__ import annotations

import pytest

from core.errors import QueryRefused
from core.shopify import pages
from tests.core.shopify import nodes
from tests.core.shopify.fakes import ScriptedShopify, graphql_error, make_client
from tests.core.shopify.nodes import connection, ledger, refunds
from tests.core.shopify.paged_shop import PagedShop, orders_of


def test_a_page_that_is_too_costly_is_halved_until_it_fits_and_stays_so() -> None:
    shop = PagedShop(orders=[nodes.order(number) for number in range(30)], most=100)
    assert [order.order_id for order in orders_of(shop)] == list(range(30))
    sizes = [(asked["first"], asked["lines"]) for name, asked in shop.asked if name == "Orders"]
    assert sizes == [(50, 20), (25, 10), (12, 5), (12, 5), (12, 5)]


def test_each_document_has_its_own_size() -> None:
    shop = PagedShop(orders=[nodes.order(1)], customers=[nodes.customer(1)], most=100)
    client = make_client(shop)
    pages.orders_page(client, "", None)
    pages.customers_page(client, "", None, 100)
    assert client.page_divisor("orders") == 4
    assert shop.asked[-1][1]["first"] == 100


@pytest.mark.parametrize("most", [1, 2, 40, 1000, 20000])
def test_whatever_fits_everything_is_read(most: int) -> None:
    whole = nodes.order(
        1,
        edited=True,
        lineItems=connection([nodes.line(number) for number in range(25)]),
        refunds=refunds(7, refundLineItems=connection([nodes.refund_line(number, of=1) for number in range(13)])),
        agreements=ledger(12, 3),
    )
    shop = PagedShop(orders=[whole, nodes.order(2), nodes.order(3, edited=True)], most=most)
    first, second, third = orders_of(shop)
    assert len(first.line_items) == 25
    assert [len(refund.lines) for refund in first.refunds] == [13] * 7
    assert [len(agreement.sales) for agreement in first.agreements or ()] == [3] * 12
    assert (second.order_id, third.order_id) == (2, 3)


def test_a_page_of_one_that_is_too_costly_raises() -> None:
    shopify = ScriptedShopify(graphql_error("MAX_COST_EXCEEDED"))
    with pytest.raises(QueryRefused) as caught:
        pages.orders_page(make_client(shopify), "", None)
    assert caught.value.code == "MAX_COST_EXCEEDED"
    assert len(shopify.requests) < 12


def test_another_refusal_does_not_shrink_anything() -> None:
    client = make_client(ScriptedShopify(graphql_error("INVALID_VARIABLE")))
    with pytest.raises(QueryRefused):
        pages.orders_page(client, "", None)
    assert [client.page_divisor(name) for name in ("orders", "order_details", "counts")] == [1, 1, 1]
