"""Nodes in the form that the documents request, with the fields of most orders, for tests to change."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

Node = dict[str, Any]


def gid(kind: str, number: int) -> str:
    return f"gid://shopify/{kind}/{number}"


def bag(amount: str, currency: str = "EUR") -> Node:
    return {"shopMoney": {"amount": amount, "currencyCode": currency}}


def connection(nodes: list[Node] | None = None, next_cursor: str | None = None) -> Node:
    return {
        "pageInfo": {"hasNextPage": next_cursor is not None, "endCursor": next_cursor},
        "nodes": list(nodes or []),
    }


def tax(amount: str, rate: str | None = "0.19", title: str = "VAT") -> Node:
    return {"title": title, "rate": Decimal(rate) if rate else None, "priceSet": bag(amount)}


def allocated(*amounts: str) -> list[Node]:
    return [{"allocatedAmountSet": bag(amount)} for amount in amounts]


def line(number: int, price: str = "10.00", quantity: int = 1, **changes: Any) -> Node:
    return {
        "id": gid("LineItem", number),
        "title": f"Line {number}",
        "variantTitle": None,
        "sku": f"SKU-{number}",
        "vendor": None,
        "quantity": quantity,
        "currentQuantity": quantity,
        "isGiftCard": False,
        "product": {"id": gid("Product", 100 + number)},
        "variant": None,
        "originalUnitPriceSet": bag(price),
        "discountAllocations": [],
        "taxLines": [],
    } | changes


def shipping_line(number: int, price: str = "4.90", **changes: Any) -> Node:
    return {
        "id": gid("ShippingLine", number),
        "title": "Parcel",
        "isRemoved": False,
        "originalPriceSet": bag(price),
        "discountAllocations": [],
        "taxLines": [],
    } | changes


def refund_line(number: int, of: int, subtotal: str = "10.00", tax: str = "0.00", **changes: Any) -> Node:
    return {
        "id": gid("RefundLineItem", number),
        "quantity": 1,
        "restockType": "RETURN",
        "lineItem": {"id": gid("LineItem", of)},
        "subtotalSet": bag(subtotal),
        "totalTaxSet": bag(tax),
    } | changes


def shipping_refund(number: int, subtotal: str, tax: str = "0.00") -> Node:
    amounts = {"subtotalAmountSet": bag(subtotal), "taxAmountSet": bag(tax)}
    return {"id": gid("RefundShippingLine", number)} | amounts


def adjustment(number: int, amount: str, reason: str | None = "REFUND_DISCREPANCY", tax: str = "0.00") -> Node:
    amounts = {"amountSet": bag(amount), "taxAmountSet": bag(tax)}
    return {"id": gid("OrderAdjustment", number), "reason": reason} | amounts


def refund(number: int, refunded: str = "10.00", **changes: Any) -> Node:
    return {
        "id": gid("Refund", number),
        "createdAt": "2026-03-04T09:00:00Z",
        "processedAt": "2026-03-04T10:00:00Z",
        "updatedAt": "2026-03-04T10:00:00Z",
        "note": "",
        "totalRefundedSet": bag(refunded),
        "refundLineItems": connection(),
        "refundShippingLines": connection(),
        "orderAdjustments": connection(),
    } | changes


def sale(number: int, total: str, tax: str = "0.00", discount: str = "0.00", **changes: Any) -> Node:
    return {
        "__typename": "ProductSale",
        "id": gid("Sale", number),
        "actionType": "ORDER",
        "lineType": "PRODUCT",
        "quantity": 1,
        "totalAmount": bag(total),
        "totalDiscountAmountBeforeTaxes": bag(discount),
        "totalDiscountAmountAfterTaxes": bag(discount),
        "totalTaxAmount": bag(tax),
    } | changes


def agreement(number: int, sales: list[Node], reason: str = "ORDER", **changes: Any) -> Node:
    return {
        "__typename": "OrderAgreement",
        "id": gid("SalesAgreement", number),
        "happenedAt": "2026-03-01T10:00:00Z",
        "reason": reason,
        "sales": connection(sales),
    } | changes


def refunds(many: int, **changes: Any) -> list[Node]:
    return [refund(number, f"{number}.00", **changes) for number in range(1, many + 1)]


def ledger(agreements: int, sales: int = 1) -> Node:
    """Make agreements with this number of sales of 1.00 each; the ids say where each belongs."""
    return connection(
        [
            agreement(number, [sale(number * 1000 + each, "1.00") for each in range(sales)])
            for number in range(1, agreements + 1)
        ]
    )


def order(number: int = 1, **changes: Any) -> Node:
    return {
        "id": gid("Order", number),
        "name": f"#{1000 + number}",
        "number": 1000 + number,
        "test": False,
        "edited": False,
        "returnStatus": "NO_RETURN",
        "originalTotalDutiesSet": None,
        "originalTotalAdditionalFeesSet": None,
        "createdAt": "2026-03-01T10:00:00Z",
        "processedAt": "2026-03-01T10:00:00Z",
        "updatedAt": "2026-03-01T10:00:05Z",
        "cancelledAt": None,
        "cancelReason": None,
        "currencyCode": "EUR",
        "presentmentCurrencyCode": "EUR",
        "taxesIncluded": False,
        "displayFinancialStatus": "PAID",
        "displayFulfillmentStatus": "UNFULFILLED",
        "sourceName": "web",
        "discountCodes": [],
        "email": None,
        "customer": None,
        "shippingAddress": None,
        "billingAddress": None,
        "subtotalPriceSet": bag("10.00"),
        "totalDiscountsSet": bag("0.00"),
        "totalTaxSet": bag("0.00"),
        "totalShippingPriceSet": bag("0.00"),
        "totalTipReceivedSet": bag("0.00"),
        "totalPriceSet": bag("10.00") | {"presentmentMoney": {"amount": "10.00", "currencyCode": "EUR"}},
        "currentTotalPriceSet": bag("10.00"),
        "totalRefundedSet": bag("0.00"),
        "shippingLines": connection(),
        "lineItems": connection([line(1)]),
        "refunds": [],
    } | changes


def variant(number: int, price: str = "10.00", **changes: Any) -> Node:
    return {
        "id": gid("ProductVariant", number),
        "title": f"Variant {number}",
        "sku": f"SKU-{number}",
        "barcode": None,
        "price": price,
        "compareAtPrice": None,
        "position": 1,
        "inventoryQuantity": 3,
        "createdAt": "2026-01-01T00:00:00Z",
        "updatedAt": "2026-01-01T00:00:00Z",
        "inventoryItem": {"id": gid("InventoryItem", 9000 + number), "tracked": True, "unitCost": None},
    } | changes


def product(number: int = 1, variants: list[Node] | None = None, **changes: Any) -> Node:
    return {
        "id": gid("Product", number),
        "title": f"Product {number}",
        "handle": f"product-{number}",
        "vendor": "Acme",
        "productType": "",
        "status": "ACTIVE",
        "tags": [],
        "isGiftCard": False,
        "totalInventory": 3,
        "createdAt": "2026-01-01T00:00:00Z",
        "updatedAt": "2026-02-01T00:00:00Z",
        "publishedAt": None,
        "variants": connection([variant(1)] if variants is None else variants),
    } | changes


def customer(number: int = 1, **changes: Any) -> Node:
    return {
        "id": gid("Customer", number),
        "firstName": "Alice",
        "lastName": "Example",
        "state": "ENABLED",
        "tags": [],
        "locale": "en",
        "createdAt": "2026-01-01T00:00:00Z",
        "updatedAt": "2026-02-01T00:00:00Z",
        "numberOfOrders": "2",
        "amountSpent": {"amount": "20.0", "currencyCode": "EUR"},
        "defaultEmailAddress": {"emailAddress": "alice@example.com", "marketingState": "SUBSCRIBED"},
        "defaultAddress": {"countryCodeV2": "DE", "provinceCode": None, "city": "Berlin"},
    } | changes
