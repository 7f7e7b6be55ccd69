"""The API's answers become records: recorded answers of a real store, and each field to the cent."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.domain import (
    Agreement,
    AgreementSale,
    Customer,
    LineItem,
    Product,
    Refund,
    RefundAdjustment,
    RefundLine,
    ShippingLine,
    Source,
    TaxLine,
    Variant,
)
from core.domain.ledger import sale_rows
from core.errors import UnmappableError
from core.shopify import mapping
from tests.core.shopify import nodes
from tests.core.shopify.nodes import bag, connection, gid

# Each field, to the cent.


def test_every_field_of_an_order_has_its_place() -> None:
    order = mapping.order(
        nodes.order(
            820982911946154508,
            test=True,
            cancelReason="FRAUD",
            cancelledAt="2026-03-02T00:00:00Z",
            taxesIncluded=True,
            displayFinancialStatus="PARTIALLY_REFUNDED",
            discountCodes=["SPRING10"],
            presentmentCurrencyCode="CHF",
            email="Bob@Example.com",
            customer={"id": gid("Customer", 115310627314723954)},
            shippingAddress={"countryCodeV2": "AT", "provinceCode": None, "city": "Wien"},
            billingAddress={"countryCodeV2": "DE", "provinceCode": "BE", "city": "Berlin"},
            subtotalPriceSet=bag("95.10"),
            totalDiscountsSet=bag("5.00"),
            totalTaxSet=bag("15.97"),
            totalShippingPriceSet=bag("4.90"),
            totalTipReceivedSet=bag("2.00"),
            totalPriceSet=bag("100.00") | {"presentmentMoney": {"amount": "93.4", "currencyCode": "CHF"}},
            currentTotalPriceSet=bag("50.00"),
        )
    )
    assert order.order_id == 820982911946154508
    assert (order.test, order.taxes_included, order.cancel_reason) == (True, True, "fraud")
    assert order.cancelled_at == datetime(2026, 3, 2, tzinfo=UTC)
    assert order.financial_status == "partially_refunded"
    assert order.discount_codes == ("SPRING10",)
    assert (order.presentment_currency, order.presentment_total) == ("CHF", Decimal("93.4"))
    assert (order.email, order.customer_id) == ("Bob@Example.com", 115310627314723954)
    assert (order.country, order.province, order.city) == ("AT", None, "Wien")
    assert (order.total, order.current_total) == (Decimal("100.00"), Decimal("50.00"))
    assert (order.subtotal, order.discounts, order.tax) == (Decimal("95.10"), Decimal("5.00"), Decimal("15.97"))
    assert (order.shipping, order.tip) == (Decimal("4.90"), Decimal("2.00"))
    assert order.agreements is None
    assert order.source is Source.API


def test_lines_and_shipping_keep_discounts_and_taxes_apart() -> None:
    line = nodes.line(
        5,
        "19.99",
        3,
        currentQuantity=2,
        isGiftCard=True,
        product=None,
        variant={"id": gid("ProductVariant", 7)},
        variantTitle="Small",
        vendor="Acme",
        discountAllocations=nodes.allocated("2.00", "1.50"),
        taxLines=[nodes.tax("9.58"), nodes.tax("0.10", None, "City")],
    )
    shipping = nodes.shipping_line(
        6, isRemoved=True, discountAllocations=nodes.allocated("4.90"), taxLines=[nodes.tax("0.00")]
    )
    order = mapping.order(nodes.order(lineItems=connection([line]), shippingLines=connection([shipping])))
    assert order.line_items == (
        LineItem(
            line_item_id=5,
            title="Line 5",
            quantity=3,
            current_quantity=2,
            unit_price=Decimal("19.99"),
            discount=Decimal("3.50"),
            taxes=(
                TaxLine("VAT", Decimal("0.19"), Decimal("9.58")),
                TaxLine("City", Decimal(0), Decimal("0.10")),
            ),
            variant_title="Small",
            sku="SKU-5",
            vendor="Acme",
            product_id=None,
            variant_id=7,
            is_gift_card=True,
        ),
    )
    assert order.shipping_lines == (
        ShippingLine(
            6, "Parcel", Decimal("4.90"), Decimal("4.90"), (TaxLine("VAT", Decimal("0.19"), Decimal(0)),), True
        ),
    )


def refunded(**changes: Any) -> Refund:
    order = {name: changes.pop(name) for name in ("taxesIncluded",) if name in changes}
    return mapping.order(nodes.order(7, refunds=[nodes.refund(8, **changes)], **order)).refunds[0]


def test_a_refund_read_whole_has_goods_shipping_and_discrepancies() -> None:
    refund = refunded(
        refunded="21.00",
        refundLineItems=connection([nodes.refund_line(1, of=1, subtotal="10.00", tax="1.90", restockType="CANCEL")]),
        refundShippingLines=connection([nodes.shipping_refund(2, "4.90", "0.93")]),
        orderAdjustments=connection([nodes.adjustment(3, "-3.27"), nodes.adjustment(4, "1.00", None, "0.19")]),
    )
    assert refund == Refund(
        refund_id=8,
        order_id=7,
        processed_at=datetime(2026, 3, 4, 10, tzinfo=UTC),
        created_at=datetime(2026, 3, 4, 9, tzinfo=UTC),
        note=None,
        refunded=Decimal("21.00"),
        lines=(RefundLine(1, 1, 1, Decimal("10.00"), Decimal("1.90"), "cancel"),),
        adjustments=(
            RefundAdjustment(2, "shipping", Decimal("4.90"), Decimal("0.93")),
            RefundAdjustment(3, "discrepancy", Decimal("-3.27"), Decimal("0.00")),
            RefundAdjustment(4, "discrepancy", Decimal("1.00"), Decimal("0.19")),
        ),
    )


def test_refunded_shipping_is_before_tax_even_if_prices_contain_it() -> None:
    refund = refunded(taxesIncluded=True, refundShippingLines=connection([nodes.shipping_refund(2, "5.95", "0.95")]))
    assert refund.adjustments == (RefundAdjustment(2, "shipping", Decimal("5.00"), Decimal("0.95")),)


def test_the_ledger_of_an_order_is_taken_as_it_stands() -> None:
    ledger = [
        nodes.agreement(
            1,
            [
                nodes.sale(1, "11.90", "1.90", "2.00", lineItem={"id": gid("LineItem", 1)}),
                nodes.sale(2, "4.90", lineType="SHIPPING", __typename="ShippingLineSale"),
                nodes.sale(3, "0.50", lineType="ADDITIONAL_FEE", quantity=None),
            ],
        ),
        nodes.agreement(
            2,
            [nodes.sale(4, "-11.90", "-1.90", "-2.00", actionType="RETURN", quantity=-1)],
            reason="REFUND",
            happenedAt="2026-03-04T10:00:00Z",
            refund={"id": gid("Refund", 8)},
        ),
    ]
    order = mapping.order(nodes.order(agreements=connection(ledger)))
    assert order.agreements is not None
    placed, given_back = order.agreements
    assert placed.sales == (
        AgreementSale(1, "order", "product", 1, Decimal("11.90"), Decimal("2.00"), Decimal("1.90"), 1),
        AgreementSale(2, "order", "shipping", 1, Decimal("4.90"), Decimal(0), Decimal(0), None),
        AgreementSale(3, "order", "fee", 0, Decimal("0.50"), Decimal(0), Decimal(0), None),
    )
    assert given_back == Agreement(
        agreement_id=2,
        happened_at=datetime(2026, 3, 4, 10, tzinfo=UTC),
        reason="refund",
        sales=(
            AgreementSale(4, "return", "product", -1, Decimal("-11.90"), Decimal("-2.00"), Decimal("-1.90"), None),
        ),
        refund_id=8,
    )


def test_an_order_without_a_ledger_is_sold_by_its_lines() -> None:
    order = mapping.order(nodes.order(lineItems=connection([nodes.line(1, "10.00", 2)])))
    assert sum(row.net for row in sale_rows(order)) == Decimal("20.00")


def test_every_field_of_a_customer_has_its_place() -> None:
    segments = {"rfmGroup": "AT_RISK", "predictedSpendTier": "HIGH"}
    node = nodes.customer(5, tags=["VIP"], numberOfOrders="12", state="INVITED", statistics=segments)
    assert mapping.customer(node) == Customer(
        customer_id=5,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        updated_at=datetime(2026, 2, 1, tzinfo=UTC),
        first_name="Alice",
        last_name="Example",
        email="alice@example.com",
        state="invited",
        tags=("VIP",),
        locale="en",
        country="DE",
        province=None,
        city="Berlin",
        orders_count=12,
        amount_spent=Decimal("20.0"),
        currency="EUR",
        rfm_group="at_risk",
        predicted_spend_tier="high",
        has_statistics=True,
        source=Source.API,
    )


def test_a_customer_whose_personal_fields_are_withheld_is_still_a_customer() -> None:
    withheld = dict.fromkeys(("firstName", "lastName", "defaultEmailAddress", "defaultAddress"))
    customer = mapping.customer(nodes.customer(**withheld))
    assert (customer.first_name, customer.last_name, customer.email, customer.country) == (None, None, None, None)


def test_every_field_of_a_product_has_its_place() -> None:
    cost = {"id": gid("InventoryItem", 77), "tracked": True, "unitCost": {"amount": "4.25", "currencyCode": "EUR"}}
    small = nodes.variant(1, "19.99", compareAtPrice="24.99", barcode="4006381333931", inventoryItem=cost)
    product = mapping.product(nodes.product(3, [small, nodes.variant(2, sku="")], tags=["a", "b"], status="DRAFT"))
    assert product == Product(
        product_id=3,
        title="Product 3",
        handle="product-3",
        vendor="Acme",
        product_type=None,
        status="draft",
        tags=("a", "b"),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        updated_at=datetime(2026, 2, 1, tzinfo=UTC),
        variants=(
            Variant(
                1,
                "Variant 1",
                Decimal("19.99"),
                "SKU-1",
                "4006381333931",
                Decimal("24.99"),
                1,
                77,
                3,
                Decimal("4.25"),
            ),
            Variant(2, "Variant 2", Decimal("10.00"), None, None, None, 1, 9002, 3, None),
        ),
        variants_complete=True,
        source=Source.API,
    )


def test_a_product_with_more_variants_than_were_read_says_so() -> None:
    assert (
        mapping.product(nodes.product() | {"variants": connection([nodes.variant(1)], "more")}).variants_complete
        is False
    )


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"id": "gid://shopify/Order/abc"}, "the API's order: id is not an id of Shopify's"),
        ({"id": None}, "the API's order: id is missing"),
        ({"updatedAt": None}, "the API's order: updatedAt is missing"),
        ({"totalPriceSet": None}, "the API's order: totalPriceSet is missing"),
        ({"lineItems": {"nodes": [None]}}, r"the API's order: lineItems.nodes\[0\] is not an object"),
    ],
)
def test_the_error_for_a_missing_field_names_the_node(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(UnmappableError, match=complaint):
        mapping.order(nodes.order(**change))


def test_the_total_is_the_one_as_placed_and_not_after_edits() -> None:
    placed = nodes.bag("10.00") | {"presentmentMoney": {"amount": "8.50", "currencyCode": "GBP"}}
    edited = nodes.bag("17.00") | {"presentmentMoney": {"amount": "14.45", "currencyCode": "GBP"}}
    order = mapping.order(nodes.order(1, originalTotalPriceSet=placed, totalPriceSet=edited))
    assert (order.total, order.presentment_total) == (Decimal("10.00"), Decimal("8.50"))
    assert mapping.order(nodes.order(1, totalPriceSet=edited)).total == Decimal("17.00"), "where it alone is told"
