"""Define each metric in one sentence, for the "i" beside the figure and the glossary. Names are those of the code."""

from __future__ import annotations

from core.metrics.definition import Definition, Unit
from core.metrics.money_definitions import MONEY

__all__ = ["DEFINITIONS", "Definition", "Unit"]

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
    "new_sales": Definition(
        "Sales to new customers", "Net sales of orders that were their customer's first of all, less their returns."
    ),
    "returning_sales": Definition(
        "Sales to returning customers",
        "Net sales of all other orders, less their returns: the customer had ordered before.",
    ),
    "repeat_rate": Definition("Repeat rate", "The share of new customers who ordered again to date.", Unit.SHARE),
    "days_to_second_order": Definition("Days to second order", "Median, of new customers who came back.", Unit.COUNT),
    "customer_value": Definition(
        "Net sales per new customer",
        "Net sales of the orders within so many days of the first one, per customer who is known that long.",
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
    "stock_units": Definition("Units in stock", "Units that can be sold now; oversold stock is none.", Unit.COUNT),
    "inventory_value": Definition(
        "Inventory value", "Units in stock times their present unit cost, where a cost is known."
    ),
    "sell_through": Definition(
        "Sell-through",
        "Units sold in the period, by the units sold in it and left in stock now.",
        Unit.SHARE,
    ),
    "out_of_stock": Definition(
        "Sold out",
        "Variants without stock that sold in the last 28 whole days.",
        Unit.COUNT,
        more_is_better=False,
    ),
    "to_reorder": Definition(
        "To reorder",
        "Variants whose stock ends before a delivery would arrive, at the rate of the last 28 whole days.",
        Unit.COUNT,
        more_is_better=False,
    ),
    "discount_rate": Definition(
        "Discount share",
        "Discounts of the period, by the gross sales of the period.",
        Unit.SHARE,
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
    **MONEY,
    "checkouts_started": Definition(
        "Checkouts started",
        "Checkouts that began in the period; an order whose checkout is not stored counts as one, too.",
        Unit.COUNT,
    ),
    "checkouts_completed": Definition(
        "Completed", "Checkouts of the period that became an order within the store's delay.", Unit.COUNT
    ),
    "checkouts_pending": Definition("Pending", "Open checkouts that are younger than the store's delay.", Unit.COUNT),
    "checkouts_abandoned": Definition(
        "Abandoned",
        "Checkouts of the period that are still open after the store's delay.",
        Unit.COUNT,
        more_is_better=False,
    ),
    "checkouts_recovered": Definition(
        "Recovered", "Checkouts of the period that were abandoned, and became an order later.", Unit.COUNT
    ),
    "abandonment_rate": Definition(
        "Abandonment rate",
        "Checkouts that were abandoned, recovered later or not, by all of the period that are older than the delay.",
        Unit.SHARE,
        more_is_better=False,
    ),
    "recovery_rate": Definition(
        "Recovery rate", "Recovered checkouts by all that were abandoned, recovered or not.", Unit.SHARE
    ),
    "abandoned_value": Definition(
        "Abandoned value",
        "The total of the abandoned checkouts of the period, with taxes and shipping.",
        more_is_better=False,
    ),
    "recovered_value": Definition(
        "Recovered value", "Net sales to date of the orders that came of recovered checkouts of the period."
    ),
    "carts_filled": Definition(
        "Carts filled",
        "Carts of the Online Store that began in the period, and hold goods or reached a checkout.",
        Unit.COUNT,
    ),
    "carts_to_checkout": Definition(
        "Reached a checkout", "Carts of the period that a checkout or an order names.", Unit.COUNT
    ),
    "carts_left": Definition(
        "Carts left",
        "Carts of the period with goods, without a checkout, and unchanged for longer than the store's delay.",
        Unit.COUNT,
        more_is_better=False,
    ),
    "carts_open": Definition(
        "Still open", "Carts of the period with goods that changed within the store's delay.", Unit.COUNT
    ),
    "cart_checkout_rate": Definition(
        "Checkout rate", "Carts that reached a checkout by all of the period that are not open any more.", Unit.SHARE
    ),
    "carts_left_value": Definition(
        "Value of carts left",
        "The price of the goods in the carts that were left, after the discounts on their lines.",
        more_is_better=False,
    ),
    "discount_given": Definition(
        "Discount given",
        "What discounts took off the goods and the shipping of the orders placed in the period.",
        more_is_better=False,
    ),
    "discount_margin": Definition(
        "Margin",
        "The gross margin of the goods of these orders as first placed, after the discount; only known costs count.",
        Unit.SHARE,
    ),
    "discounted_orders": Definition(
        "Discounted orders",
        "Orders placed in the period that used the discount, or any discount where none is named.",
        Unit.COUNT,
    ),
    "discounted_share": Definition(
        "Orders with a discount",
        "The share of the orders placed in the period that used a discount of any kind.",
        Unit.SHARE,
        more_is_better=False,
    ),
    "discounted_order_value": Definition(
        "Order value with a discount", "The average order value of orders that used a discount, as first placed."
    ),
    "new_share": Definition(
        "From new customers", "The share of these orders that were a customer's first.", Unit.SHARE
    ),
    "repeat_share": Definition(
        "Repeat in 90 days",
        "The share followed by another order of the customer within 90 days, of those at least 90 days old.",
        Unit.SHARE,
    ),
    "full_price_order_value": Definition(
        "Order value without", "The average order value of orders that used no discount, as first placed."
    ),
}
"""By metric. Where Shopify's own reports define a metric, that definition holds, so that figures can be compared."""
