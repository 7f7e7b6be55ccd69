"""The description of every file: what the pages show as a table or a chart can be downloaded by its name."""

from __future__ import annotations

from core.accounts import Action
from core.errors import NotFound
from core.exports import (
    all_stores,
    baskets,
    changes,
    checkouts,
    cohorts,
    discounts,
    history,
    one_order,
    returns,
    segments,
    stock,
    syncs,
)
from core.exports import customers as customer_files
from core.exports import overview as overview_files
from core.exports import targets as target_files
from core.exports.files import Export
from core.exports.money import MONEY
from core.metrics import deliveries, health
from core.metrics.customers import listing as customers
from core.metrics.orders import listing as orders
from core.metrics.orders.lines import ORDER_LINES
from core.metrics.products import changes as product_changes
from core.metrics.products import details as product_details
from core.metrics.sales import overview

_GOODS = """
    units_sold=count units_returned=count
    gross_sales=amount discounts=amount returns=amount net_sales=amount"""

_BESIDE = "earlier_net_sales=amount return_rate=share discount_rate=share abc=text"

EXPORTS = {
    "sales-over-time": Export(
        overview.OVER_TIME,
        """start=time gross_sales=amount discounts=amount returns=amount net_sales=amount shipping=amount taxes=amount
        duties=amount fees=amount total_sales=amount currency=currency orders=count compared_start=time
        compared_net_sales=amount compared_total_sales=amount compared_orders=count time_zone=zone""",
        title="Sales over time",
        row="{grain}",
    ),
    "customers-over-time": Export(
        overview.OVER_TIME,
        """start=time customers=number new_customers=count repeat_customers=number returning_customers=number
        time_zone=zone""",
        title="Customers over time",
        row="{grain}",
    ),
    "product-over-time": Export(
        product_details.OVER_TIME,
        """start=time gross_sales=amount discounts=amount returns=amount net_sales=amount currency=currency
        time_zone=zone""",
        title="Sales of a product over time",
        row="{grain}",
    ),
    "products": Export(
        product_changes.product_rows_statement,
        f"""product_id=id title=text vendor=text product_type=text {_GOODS} {_BESIDE}
        lowest_price=level highest_price=level currency=currency stock=count""",
        product_changes.BEST_FIRST,
        title="Products",
        row="product",
    ),
    "variants": Export(
        product_changes.variant_rows_statement,
        f"""product_id=id variant_id=id title=text variant=text sku=text vendor=text product_type=text
        {_GOODS} {_BESIDE} price=level currency=currency stock=count""",
        product_changes.BEST_FIRST,
        title="Variants",
        row="variant",
    ),
    "customers": Export(
        customers.buyers_statement,
        """customer_key=text name=text email=text country=text orders=count net_sales=amount orders_to_date=count
        net_sales_to_date=amount currency=currency first_order_at=time last_order_at=time is_new=flag
        time_zone=zone""",
        customers.BEST_FIRST,
        title="Customers",
        row="customer who ordered in the period",
        meanings={"net_sales": "net_in_period", "name": "customer"},
    ),
    **customer_files.EXPORTS,
    **MONEY,
    "orders": Export(
        orders.orders_statement,
        """order_id=id name=text processed_at=time customer=text country=text items=count net_sales=own_amount
        total=own_amount currency=text financial_status=text fulfillment_status=text cancelled_at=time
        discounts=own_amount returns=own_amount shipping=own_amount taxes=own_amount discount_codes=text tags=text
        time_zone=zone""",
        orders.NEWEST_FIRST,
        title="Orders",
        row="order placed in the period",
        meanings={
            "items": "units_ordered",
            "net_sales": "net_of_order",
            **{name: f"{name}_of_order" for name in ("discounts", "returns", "shipping", "taxes")},
        },
    ),
    "order-lines": Export(
        ORDER_LINES,
        """order_id=id name=text processed_at=time line_type=text title=text variant=text sku=text vendor=text
        product_id=id variant_id=id unit_price=own_level units_sold=count units_returned=count
        gross_sales=own_amount discounts=own_amount returns=own_amount net_sales=own_amount charged=own_amount
        taxes=own_amount currency=text financial_status=text fulfillment_status=text cancelled_at=time
        time_zone=zone""",
        title="Order lines",
        row="line of an order placed in the period; shipping, tips, duties, fees and adjustments have lines too",
        meanings={
            "title": "title_of_line",
            "net_sales": "net_of_line",
            **{
                name: f"{name}_of_line"
                for name in ("units_sold", "units_returned", "gross_sales", "discounts", "returns", "taxes")
            },
        },
    ),
    "deliveries": Export(
        deliveries.deliveries_statement,
        """delivery_id=number topic=text record_id=record order_name=text state=text
        received_at=time triggered_at=time applied_at=time retry_at=time
        attempts=count size=count reason=text time_zone=zone""",
        deliveries.NEWEST_FIRST,
        title="Webhooks",
        row="webhook that arrived in the period",
        meanings={"size": "bytes"},
    ),
    "webhooks-not-applied": Export(
        deliveries.REFUSALS,
        "day=text_of_day refusal=text deliveries=count time_zone=zone",
        title="Webhooks not applied",
        row="day and reason",
    ),
    "checked-days": Export(
        health.DAYS,
        """day=text_of_day state=text ours=count theirs=count our_total=own_amount their_total=own_amount
        currency=text
        orders=named reason=text checked_at=time repaired_at=time time_zone=zone""",
        title="Days compared with Shopify",
        row="day",
        meanings={"orders": "checked_orders"},
    ),
    **changes.EXPORTS,
    **overview_files.EXPORTS,
    **returns.EXPORTS,
    **stock.EXPORTS,
    **baskets.EXPORTS,
    **cohorts.EXPORTS,
    **segments.EXPORTS,
    **checkouts.EXPORTS,
    **discounts.EXPORTS,
    **all_stores.EXPORTS,
    **syncs.EXPORTS,
    **target_files.EXPORTS,
    **history.EXPORTS,
    **one_order.EXPORTS,
}
"""Every file, by its name."""


def find(name: str) -> Export:
    """Return the description of the file `name`.

    Raises:
        NotFound: there is no such file.
    """
    try:
        return EXPORTS[name]
    except KeyError:
        raise NotFound("There is no such file; download it from the page that shows its rows.") from None


def action_of(name: str) -> Action:
    """Return what a user's role must allow for the file `name`."""
    export = EXPORTS.get(name)
    return export.action if export else Action.DOWNLOAD
