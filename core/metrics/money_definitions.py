"""Define the metrics of the pages Profit and Finance."""

from __future__ import annotations

from core.metrics.definition import Definition, Unit

MONEY = {
    "net_sales_with_cost": Definition(
        "Net sales with a cost", "Net sales of the products whose unit cost is known; profit is computed of these."
    ),
    "net_sales_without_cost": Definition(
        "Net sales without a cost",
        "Net sales of products without a known unit cost, custom items and adjustments; in no profit figure.",
        more_is_better=False,
    ),
    "cost_of_goods_sold": Definition(
        "Cost of goods sold",
        "Units sold times their unit cost, less units that came back into stock; unknown costs are left out.",
        more_is_better=False,
    ),
    "not_restocked": Definition(
        "Lost on returns",
        "The cost of units that were refunded and not put back into stock; a part of the cost of goods sold.",
        more_is_better=False,
    ),
    "gross_profit": Definition(
        "Gross profit", "Net sales of products with a known cost, less the cost of goods sold."
    ),
    "gross_margin": Definition(
        "Gross margin", "Gross profit as a share of the net sales of products with a known cost.", Unit.SHARE
    ),
    "cost_coverage": Definition(
        "Cost coverage",
        "The share of net sales whose unit cost is known; the rest is in no profit figure.",
        Unit.SHARE,
    ),
    "payment_fees": Definition(
        "Payment fees",
        "What the payment provider kept, where Shopify says it; of other paid orders what you entered.",
        more_is_better=False,
    ),
    "shipping_cost": Definition(
        "Shipping cost",
        "What you entered as your cost of sending an order, for every order that was not cancelled.",
        more_is_better=False,
    ),
    "packaging": Definition("Packaging", "What you entered per order that was not cancelled.", more_is_better=False),
    "contribution": Definition(
        "Contribution", "Gross profit plus shipping charged, less shipping cost, payment fees and packaging."
    ),
    "advertising": Definition(
        "Advertising",
        "What you entered per order, day or month; a month is spread evenly over its days, and today counts in full.",
        more_is_better=False,
    ),
    "other_costs": Definition(
        "Other costs", "Your own costs as you entered them, per order, day or month.", more_is_better=False
    ),
    "net_profit": Definition("Net profit", "Contribution less advertising and other costs."),
    "marketing_efficiency": Definition(
        "Sales per advertising (MER)",
        "Total sales divided by advertising: 4.00 means that each 1.00 of advertising came with 4.00 of sales.",
        Unit.RATIO,
    ),
    "acquisition_cost": Definition(
        "Advertising per new customer",
        "Advertising of the period divided by its new customers (CAC).",
        more_is_better=False,
    ),
    "payments_received": Definition(
        "Received", "Successful payments on the day the money moved; without authorizations and tests."
    ),
    "payments_refunded": Definition(
        "Paid back", "Successful refunds on the day the money went back.", more_is_better=False
    ),
    "payment_balance": Definition("Balance", "Payments received less refunds: money, not sales."),
    "provider_fees": Definition(
        "Provider fees",
        "What the payment provider kept of these payments, before tax, where Shopify says it: of Shopify Payments.",
        more_is_better=False,
    ),
    "fee_coverage": Definition(
        "With known fees", "The share of the money received whose fees Shopify says.", Unit.SHARE
    ),
    "gift_cards_sold": Definition(
        "Gift cards sold", "Gift cards sold less those refunded: a debt to customers, in no sales figure."
    ),
    "gift_cards_used": Definition(
        "Gift cards used", "What customers paid by gift card, less what was paid back to cards."
    ),
    "gift_cards_outstanding": Definition(
        "Gift cards outstanding",
        "Gift cards sold less those used, from the first order to the end of the period; not cards given away.",
        more_is_better=False,
    ),
}
"""By metric; a part of `definitions.DEFINITIONS`."""
