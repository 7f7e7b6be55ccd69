"""Define each metric in one sentence, for the "i" beside the figure and the glossary. Names are those of the code."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """The unit of a metric."""

    MONEY = "money"
    COUNT = "count"
    SHARE = "share"
    """A fraction, shown in percent."""
    RATIO = "ratio"


@dataclass(frozen=True, slots=True)
class Definition:
    """A metric's name on pages, its meaning, its unit, and whether a rise is good news."""

    label: str
    meaning: str
    unit: Unit = Unit.MONEY
    more_is_better: bool = True


DEFINITIONS = {
    "total_sales": Definition(
        "Total sales",
        "Net sales plus shipping, taxes, duties and fees, each on the day it happened; without gift cards and tips.",
    ),
    "gross_sales": Definition(
        "Gross sales", "Price times quantity of the products sold, before discounts, returns, taxes and shipping."
    ),
    "discounts": Definition(
        "Discounts", "What discounts took off the products sold, before taxes.", more_is_better=False
    ),
    "returns": Definition(
        "Returns",
        "The value of goods that came back, before taxes, on the day of the refund and not of the order.",
        more_is_better=False,
    ),
    "net_sales": Definition("Net sales", "Gross sales less discounts and returns, before taxes and shipping."),
    "shipping": Definition("Shipping", "Shipping charged less shipping discounted and refunded, before taxes."),
    "taxes": Definition("Taxes", "Taxes on products and shipping, less those refunded."),
    "duties": Definition("Duties", "Import duties charged, less those refunded."),
    "fees": Definition("Fees", "Additional fees charged, less those refunded."),
    "tips": Definition("Tips", "Tips that customers paid, less those refunded; in no sales figure."),
    "orders": Definition(
        "Orders", "Orders placed in the period, cancelled ones too; test and deleted orders are out.", Unit.COUNT
    ),
    "average_order_value": Definition(
        "Avg. order value",
        "Product sales less discounts of the orders placed, as first placed (before edits and returns), per order.",
    ),
    "customers": Definition(
        "Customers",
        "People who ordered in the period: by customer account, else by email, else each order is its own.",
        Unit.COUNT,
    ),
    "new_customers": Definition("New customers", "Customers whose first order of all is in the period.", Unit.COUNT),
    "repeat_customers": Definition(
        "Repeat customers", "Customers of the period who had ordered before it.", Unit.COUNT
    ),
    "returning_customers": Definition(
        "Returning customers",
        "Customers of the period with two or more orders by its end, whenever the first was.",
        Unit.COUNT,
    ),
    "returning_customer_rate": Definition(
        "Returning rate",
        "The share of the period's customers with two or more orders by its end.",
        Unit.SHARE,
    ),
    "units_sold": Definition("Units sold", "Products sold in the period, before returns.", Unit.COUNT),
    "units_returned": Definition(
        "Units returned", "Products that came back in the period.", Unit.COUNT, more_is_better=False
    ),
    "return_rate": Definition(
        "Return rate",
        "Returns dated in the period, by the gross sales of the period.",
        Unit.SHARE,
        more_is_better=False,
    ),
    "unit_return_rate": Definition(
        "Return rate by units",
        "Units that came back in the period, by the units sold in it.",
        Unit.SHARE,
        more_is_better=False,
    ),
    "orders_returned": Definition(
        "Orders with a return",
        "Orders of which goods or a part of their price came back in the period, whenever they were placed.",
        Unit.COUNT,
        more_is_better=False,
    ),
    "refunds": Definition("Refunds", "Refunds of the period that paid money back.", Unit.COUNT, more_is_better=False),
    "refunded": Definition(
        "Refunded",
        "Money paid back in the period, with taxes and shipping, so it differs from returns.",
        more_is_better=False,
    ),
    "average_refund": Definition(
        "Avg. refund", "Money paid back in the period, by the number of refunds.", more_is_better=False
    ),
    "cohort_returns": Definition(
        "Returns of these orders",
        "The value of goods that came back to date, before taxes, of the orders placed in the period.",
        more_is_better=False,
    ),
    "cohort_return_rate": Definition(
        "Return rate of these orders",
        "What came back to date of the orders placed in the period, by their gross sales.",
        Unit.SHARE,
        more_is_better=False,
    ),
    "cohort_unit_return_rate": Definition(
        "Return rate of these orders by units",
        "Units that came back to date of the orders placed in the period, by the units sold in them.",
        Unit.SHARE,
        more_is_better=False,
    ),
    "cohort_orders_returned": Definition(
        "Orders of the period with a return",
        "Orders placed in the period of which goods or a part of their price came back to date.",
        Unit.COUNT,
        more_is_better=False,
    ),
    "cohort_refunded": Definition(
        "Refunded of these orders",
        "Money paid back to date, with taxes and shipping, of the orders placed in the period.",
        more_is_better=False,
    ),
    "items_per_order": Definition("Items per order", "Units ordered per order, as first placed.", Unit.RATIO),
    "cancelled_orders": Definition(
        "Cancelled orders", "Orders placed in the period that were cancelled since.", Unit.COUNT, more_is_better=False
    ),
    "cancelled_rate": Definition(
        "Cancelled rate",
        "The share of the orders placed that were cancelled since.",
        Unit.SHARE,
        more_is_better=False,
    ),
    "order_total": Definition(
        "Order total", "What the order came to when it was placed, with taxes, shipping and tips."
    ),
    "net_sales_to_date": Definition("Net sales to date", "All net sales of the customer by the end of the period."),
}
"""By metric. Where Shopify's own reports define a metric, that definition holds, so that figures can be compared."""
