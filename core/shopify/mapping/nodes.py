"""Map nodes of the Admin API's GraphQL answers, as the documents of queries/ request them, to records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from core.domain import (
    AdjustmentKind,
    Agreement,
    AgreementSale,
    Customer,
    LineItem,
    Order,
    OrderAnswer,
    Product,
    Refund,
    RefundAdjustment,
    RefundLine,
    ShippingLine,
    Source,
    TaxLine,
    Variant,
    tips,
)
from core.shopify.mapping import discounts, journeys, payments, plain_fields, returns, withholding
from core.shopify.mapping.fields import Fields

_ZERO = Decimal(0)


def order(node: Mapping[str, object]) -> Order:
    """Map an order node; `refunds` and `agreements` if the document requested them with their contents.

    Raises:
        UnmappableError: the node lacks a field that a record needs.
    """
    fields = Fields(node, "the API's order")
    # As placed: `totalPriceSet` is rewritten by edits.
    placed = "originalTotalPriceSet" if fields.has("originalTotalPriceSet") else "totalPriceSet"
    presentment = fields.object(placed).object_or_none("presentmentMoney")
    place = _place(fields)
    location = fields.object_or_none("retailLocation")
    tip = _money_or_none(fields, "totalTipReceivedSet")
    refunds = tuple(_refunds(fields))
    agreements = tuple(map(_agreement, fields.nodes("agreements"))) if fields.has("agreements") else None
    return Order(
        order_id=fields.gid(),
        name=fields.text("name"),
        number=fields.integer_or_none("number"),
        currency=fields.text("currencyCode"),
        created_at=fields.time("createdAt"),
        processed_at=fields.time("processedAt"),
        updated_at=fields.time("updatedAt"),
        test=fields.flag("test"),
        cancelled_at=fields.time_or_none("cancelledAt"),
        taxes_included=fields.flag("taxesIncluded"),
        fulfillment_status=fields.lower_or_none("displayFulfillmentStatus"),
        tags=fields.texts("tags"),
        location_id=location.gid() if location else None,
        location_name=location.text_or_none("name") if location else None,
        journey=journeys.of_order(fields),
        customer_id=fields.gid_of("customer"),
        withheld=withholding.of_order(fields, place),
        email=fields.text_or_none("email"),
        country=place.text_or_none("countryCodeV2") if place else None,
        province=place.text_or_none("provinceCode") if place else None,
        city=place.text_or_none("city") if place else None,
        discount_codes=fields.texts("discountCodes"),
        presentment_total=presentment.decimal("amount") if presentment else None,
        total=_money(fields, placed),
        subtotal=_money_or_none(fields, "subtotalPriceSet"),
        discounts=_money_or_none(fields, "totalDiscountsSet"),
        tax=_money_or_none(fields, "totalTaxSet"),
        shipping=_money_or_none(fields, "totalShippingPriceSet"),
        tip=tip,
        duties=_money_or_none(fields, "originalTotalDutiesSet"),
        fees=_money_or_none(fields, "originalTotalAdditionalFeesSet"),
        current_total=_money_or_none(fields, "currentTotalPriceSet"),
        line_items=tips.marked([_line_item(line) for line in fields.nodes("lineItems")], tip, agreements or ()),
        shipping_lines=tuple(_shipping_line(line) for line in fields.nodes("shippingLines")),
        refunds=refunds,
        return_lines=returns.of_order(fields),
        transactions=payments.of_order(fields),
        agreements=agreements,
        agreed_refunds=tuple(refund.refund_id for refund in refunds) if agreements is not None else (),
        source=Source.API,
        answer=OrderAnswer(node),
        **plain_fields.from_api(fields),
    )


def customer(node: Mapping[str, object]) -> Customer:
    """Map a customer node; personal fields that Shopify withheld are None.

    Raises:
        UnmappableError: the node lacks a field that a record needs.
    """
    fields = Fields(node, "the API's customer")
    email = fields.object_or_none("defaultEmailAddress")
    address = fields.object_or_none("defaultAddress")
    spent = fields.object_or_none("amountSpent")
    statistics = fields.object_or_none("statistics")
    return Customer(
        customer_id=fields.gid(),
        created_at=fields.time_or_none("createdAt"),
        updated_at=fields.time("updatedAt"),
        withheld=withholding.of_customer(fields, email, address),
        first_name=fields.text_or_none("firstName"),
        last_name=fields.text_or_none("lastName"),
        email=email.text_or_none("emailAddress") if email else None,
        state=fields.lower_or_none("state"),
        tags=fields.texts("tags") if fields.has("tags") else None,
        locale=fields.text_or_none("locale"),
        country=address.text_or_none("countryCodeV2") if address else None,
        province=address.text_or_none("provinceCode") if address else None,
        city=address.text_or_none("city") if address else None,
        orders_count=fields.integer_or_none("numberOfOrders"),
        amount_spent=spent.decimal("amount") if spent else None,
        currency=spent.text("currencyCode") if spent else None,
        rfm_group=statistics.lower_or_none("rfmGroup") if statistics else None,
        predicted_spend_tier=statistics.lower_or_none("predictedSpendTier") if statistics else None,
        has_statistics=statistics is not None,
        source=Source.API,
    )


def product(node: Mapping[str, object]) -> Product:
    """Map a product node with its variants; they are complete unless the connection has another page.

    Raises:
        UnmappableError: the node lacks a field that a record needs.
    """
    fields = Fields(node, "the API's product")
    page = fields.object("variants").object_or_none("pageInfo")
    return Product(
        product_id=fields.gid(),
        title=fields.text("title"),
        created_at=fields.time_or_none("createdAt"),
        updated_at=fields.time("updatedAt"),
        published_at=fields.time_or_none("publishedAt"),
        handle=fields.text_or_none("handle"),
        vendor=fields.text_or_none("vendor"),
        product_type=fields.text_or_none("productType"),
        status=fields.lower_or_none("status"),
        tags=fields.texts("tags"),
        withheld=withholding.of_product(fields),
        variants=tuple(_variant(variant) for variant in fields.nodes("variants")),
        variants_complete=not (page and page.flag("hasNextPage")),
        source=Source.API,
    )


def _line_item(line: Fields) -> LineItem:
    return LineItem(
        line_item_id=line.gid(),
        title=line.text("title"),
        variant_title=line.text_or_none("variantTitle"),
        sku=line.text_or_none("sku"),
        vendor=line.text_or_none("vendor"),
        quantity=line.integer("quantity"),
        current_quantity=line.integer_or_none("currentQuantity"),
        unit_price=_money(line, "originalUnitPriceSet"),
        discount=discounts.total_in_api(line),
        allocations=discounts.shares_in_api(line),
        taxes=_taxes(line),
        product_id=line.gid_of("product"),
        variant_id=line.gid_of("variant"),
        is_gift_card=line.flag("isGiftCard"),
    )


def _shipping_line(line: Fields) -> ShippingLine:
    return ShippingLine(
        shipping_line_id=line.gid(),
        title=line.text("title"),
        price=_money(line, "originalPriceSet"),
        discount=discounts.total_in_api(line),
        allocations=discounts.shares_in_api(line),
        taxes=_taxes(line),
        is_removed=line.flag("isRemoved"),
    )


def _taxes(line: Fields) -> tuple[TaxLine, ...]:
    return tuple(
        TaxLine(tax.text("title"), tax.decimal_or_none("rate") or _ZERO, _money(tax, "priceSet"))
        for tax in line.each("taxLines")
    )


def _refunds(fields: Fields) -> Iterable[Refund]:
    """Map refunds that were fetched whole; a list of bare ids only proves that there are some."""
    order_id, taxes_included = fields.gid(), fields.flag("taxesIncluded")
    for refund in fields.each("refunds"):
        if refund.has("processedAt"):
            yield _refund(refund, order_id, taxes_included)


def _refund(refund: Fields, order_id: int, taxes_included: bool) -> Refund:
    return Refund(
        refund_id=refund.gid(),
        order_id=order_id,
        processed_at=refund.time("processedAt"),
        created_at=refund.time_or_none("createdAt"),
        note=refund.text_or_none("note"),
        # By its schema text the sum of all its transactions; 0 for a restock without money.
        refunded=_money(refund, "totalRefundedSet"),
        lines=tuple(_refund_line(line) for line in refund.nodes("refundLineItems")),
        adjustments=(
            *(_shipping_refund(line, taxes_included) for line in refund.nodes("refundShippingLines")),
            *(_discrepancy(adjustment) for adjustment in refund.nodes("orderAdjustments")),
        ),
    )


def _refund_line(line: Fields) -> RefundLine:
    return RefundLine(
        refund_line_id=line.gid(),
        line_item_id=line.object("lineItem").gid(),
        quantity=line.integer("quantity"),
        subtotal=_money(line, "subtotalSet"),
        tax=_money(line, "totalTaxSet"),
        restock_type=line.text("restockType").lower(),
    )


def _shipping_refund(line: Fields, taxes_included: bool) -> RefundAdjustment:
    """Map refunded shipping, positive. Like the price of its shipping line, it contains included taxes."""
    subtotal, tax = _money(line, "subtotalAmountSet"), _money(line, "taxAmountSet")
    return RefundAdjustment(line.gid(), AdjustmentKind.SHIPPING, subtotal - tax if taxes_included else subtotal, tax)


def _discrepancy(adjustment: Fields) -> RefundAdjustment:
    """Map a discrepancy, with Shopify's sign. Since 2024-10, `orderAdjustments` has no shipping, only
    discrepancies."""
    return RefundAdjustment(
        adjustment.gid(),
        AdjustmentKind.DISCREPANCY,
        _money(adjustment, "amountSet"),
        _money(adjustment, "taxAmountSet"),
    )


def _agreement(agreement: Fields) -> Agreement:
    return Agreement(
        agreement_id=agreement.gid(),
        happened_at=agreement.time("happenedAt"),
        reason=agreement.text("reason").lower(),
        sales=tuple(_sale(sale) for sale in agreement.nodes("sales")),
        refund_id=agreement.gid_of("refund"),
    )


def _sale(sale: Fields) -> AgreementSale:
    line_type = sale.text("lineType").lower()
    return AgreementSale(
        sale_id=sale.gid(),
        action=sale.text("actionType").lower(),
        line_type="fee" if line_type == "additional_fee" else line_type,
        # Null where a sale has no units, such as an adjustment.
        quantity=sale.integer_or_none("quantity") or 0,
        total=_money(sale, "totalAmount"),
        discount_before_tax=_money(sale, "totalDiscountAmountBeforeTaxes"),
        tax=_money(sale, "totalTaxAmount"),
        line_item_id=sale.gid_of("lineItem"),
    )


def _variant(variant: Fields) -> Variant:
    stock = variant.object_or_none("inventoryItem")
    cost = stock.object_or_none("unitCost") if stock else None
    return Variant(
        variant_id=variant.gid(),
        title=variant.text("title"),
        sku=variant.text_or_none("sku"),
        barcode=variant.text_or_none("barcode"),
        price=variant.decimal("price"),
        compare_at_price=variant.decimal_or_none("compareAtPrice"),
        position=variant.integer_or_none("position"),
        inventory_item_id=stock.gid() if stock else None,
        inventory_quantity=variant.integer_or_none("inventoryQuantity"),
        unit_cost=cost.decimal("amount") if cost else None,
    )


def _place(fields: Fields) -> Fields | None:
    """Return the shipping address, or the billing address of an order that ships nothing."""
    return fields.object_or_none("shippingAddress") or fields.object_or_none("billingAddress")


def _money(fields: Fields, name: str) -> Decimal:
    return fields.shop_amount(name)


def _money_or_none(fields: Fields, name: str) -> Decimal | None:
    return fields.shop_amount(name) if fields.has(name) else None
