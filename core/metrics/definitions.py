"""What each number means, in one sentence: the "i" beside it, and the glossary. Names are those of the code."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Definition:
    """A metric's name on pages and in exports, and what it counts."""

    label: str
    meaning: str


DEFINITIONS = {
    "total_sales": Definition(
        "Total sales",
        "Net sales plus shipping, taxes, duties and fees, each on the day it happened; without gift cards and tips.",
    ),
    "gross_sales": Definition(
        "Gross sales", "Price times quantity of the products sold, before discounts, returns, taxes and shipping."
    ),
    "discounts": Definition("Discounts", "What discounts took off the products sold, before taxes."),
    "returns": Definition(
        "Returns", "The value of goods that came back, before taxes, on the day of the refund and not of the order."
    ),
    "net_sales": Definition("Net sales", "Gross sales less discounts and returns, before taxes and shipping."),
    "shipping": Definition("Shipping", "Shipping charged less shipping discounted and refunded, before taxes."),
    "taxes": Definition("Taxes", "Taxes on products and shipping, less those refunded."),
    "duties": Definition("Duties", "Import duties charged, less those refunded."),
    "fees": Definition("Fees", "Additional fees charged, less those refunded."),
    "orders": Definition(
        "Orders", "Orders placed in the period, cancelled ones too; test and deleted orders are out."
    ),
    "average_order_value": Definition(
        "Average order value",
        "Product sales less discounts of the orders placed, as first placed (before edits and returns), per order.",
    ),
    "customers": Definition(
        "Customers",
        "People who ordered in the period: by customer account, else by email, else each order is its own.",
    ),
    "new_customers": Definition("New customers", "Customers of the period who had never ordered before."),
    "returning_customers": Definition(
        "Returning customers", "Customers of the period with two or more orders by its end, whenever the first was."
    ),
    "returning_customer_rate": Definition(
        "Returning customer rate", "The share of the period's customers with two or more orders by its end."
    ),
    "units_sold": Definition("Units sold", "Products sold in the period, before returns."),
    "units_returned": Definition("Units returned", "Products that came back in the period."),
    "items_per_order": Definition("Items per order", "Units ordered per order, as first placed."),
    "cancelled_orders": Definition("Cancelled orders", "Orders placed in the period that were cancelled since."),
    "cancelled_rate": Definition("Cancelled rate", "The share of the orders placed that were cancelled since."),
    "order_total": Definition(
        "Order total", "What the order came to when it was placed, with taxes, shipping and tips."
    ),
    "net_sales_to_date": Definition("Net sales to date", "All net sales of the customer by the end of the period."),
}
"""By metric. Where Shopify's own reports define a metric, that definition holds, so that figures can be compared."""


def label(metric: str) -> str:
    """The metric's name as a person reads it."""
    return DEFINITIONS[metric].label


def meaning(metric: str) -> str:
    """The metric in one sentence."""
    return DEFINITIONS[metric].meaning
