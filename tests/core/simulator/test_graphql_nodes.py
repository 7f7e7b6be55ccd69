"""Nodes of the Admin API: found by id, linked to each other, with Shopify's formats."""

from __future__ import annotations

from tests.core.simulator.admin_api import AdminApi


def test_nodes_are_found_by_id_and_a_missing_one_is_null(api: AdminApi) -> None:
    refunded = next(order for order in api.shop.orders.values() if order.refunds)
    variant = next(iter(api.shop.products.values())).variants[0]
    ids = [
        f"gid://shopify/Order/{refunded.order_id}",
        f"gid://shopify/Customer/{next(iter(api.shop.customers))}",
        f"gid://shopify/Product/{next(iter(api.shop.products))}",
        f"gid://shopify/ProductVariant/{variant.variant_id}",
        f"gid://shopify/Refund/{refunded.refunds[0].refund_id}",
    ]
    missing = [
        f"gid://shopify/{kind}/1" for kind in ("Order", "Refund", "ProductVariant", "WebhookSubscription", "Blog")
    ]
    nodes = api.data("query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", ids=ids + missing)["nodes"]
    assert [node and node["id"] for node in nodes] == ids + [None] * 5
    assert [node["__typename"] for node in nodes[:5]] == ["Order", "Customer", "Product", "ProductVariant", "Refund"]


def test_more_ids_than_250_are_too_many_at_once(small: AdminApi) -> None:
    ids = [f"gid://shopify/Order/{number}" for number in range(1, 252)]
    error = small.error("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)
    assert error["message"] == "The input array size of 251 is greater than the maximum allowed of 250."
    assert error["extensions"]["code"] == "MAX_INPUT_SIZE_EXCEEDED"


def test_an_id_of_another_kind_finds_nothing(small: AdminApi) -> None:
    product = next(iter(small.shop.products))
    assert small.data(f'{{ order(id: "gid://shopify/Product/{product}") {{ id }} }}')["order"] is None


def test_a_refund_leads_to_its_order_and_a_line_to_its_product(api: AdminApi) -> None:
    refunded = next(order for order in api.shop.orders.values() if any(refund.lines for refund in order.refunds))
    text = """query($id: ID!) { order(id: $id) { name
      lineItems(first: 1) { nodes { sku product { title vendor } variant { sku product { id } } } }
      refunds { order { id name } refundLineItems(first: 5) { nodes { lineItem { title } restocked } } }
      transactions { kind status amountSet { shopMoney { amount } } } } }"""
    node = api.data(text, id=f"gid://shopify/Order/{refunded.order_id}")["order"]
    assert node["refunds"][0]["order"]["name"] == node["name"]
    line = node["lineItems"]["nodes"][0]
    assert line["variant"]["sku"] == line["sku"]
    assert line["product"]["title"] == refunded.lines[0].title
    assert node["transactions"][0]["kind"] == "SALE"
    assert len(node["transactions"]) == len(refunded.transactions)


def test_the_ledger_consists_of_agreements_with_typed_sales(api: AdminApi) -> None:
    edited = next(order for order in api.shop.orders.values() if order.is_edited)
    sizes = {"lines": 20, "refunds": 5, "refundLines": 20, "agreements": 10, "sales": 50}
    node = api.run("order_details", ids=[f"gid://shopify/Order/{edited.order_id}"], **sizes)["nodes"][0]
    agreements = node["agreements"]["nodes"]
    assert agreements[0]["__typename"] == "OrderAgreement"
    assert "OrderEditAgreement" in {agreement["__typename"] for agreement in agreements}
    sale = agreements[0]["sales"]["nodes"][0]
    assert (sale["__typename"], sale["actionType"], sale["lineType"]) == ("ProductSale", "ORDER", "PRODUCT")
    assert sale["lineItem"]["id"] == node["lineItems"]["nodes"][0]["id"]


def test_amounts_are_written_as_shopify_writes_them(small: AdminApi) -> None:
    text = "{ orders(first: 2) { nodes { totalPriceSet { shopMoney { amount currencyCode } } } } }"
    nodes = small.data(text)["orders"]["nodes"]
    assert [node["totalPriceSet"]["shopMoney"]["amount"] for node in nodes] == ["11.9", "118.99"]


def test_the_shop_names_itself_and_its_scopes(small: AdminApi) -> None:
    data = small.run("shop")
    assert data["shop"]["myshopifyDomain"] == "tiny.myshopify.com"
    assert data["shop"]["ianaTimezone"] == "Europe/Berlin"
    assert {"handle": "read_orders"} in data["currentAppInstallation"]["accessScopes"]
    assert small.data("{ shop { timezoneOffsetMinutes } }")["shop"]["timezoneOffsetMinutes"] == 60
