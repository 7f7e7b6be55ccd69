"""A made-up shop's orders in the format of Shopify's own export: one row per line item, the order's columns in the
first alone."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import TextIO

from core.simulator.shop import order_fields
from core.simulator.shop.formats import OrderFigures, body_amount, own_discount
from core.simulator.shop.inventory import locations
from core.simulator.shop.model import Line, Order
from core.simulator.shop.shop import Shop

Row = dict[str, str]

COLUMNS = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,"
    "Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,"
    "Lineitem price,Lineitem compare at price,Lineitem sku,Lineitem requires shipping,Lineitem taxable,"
    "Lineitem fulfillment status,Billing Name,Billing Street,Billing Address1,Billing Address2,Billing Company,"
    "Billing City,Billing Zip,Billing Province,Billing Country,Billing Phone,Shipping Name,Shipping Street,"
    "Shipping Address1,Shipping Address2,Shipping Company,Shipping City,Shipping Zip,Shipping Province,"
    "Shipping Country,Shipping Phone,Notes,Note Attributes,Cancelled at,Payment Method,Payment Reference,"
    "Refunded Amount,Vendor,Outstanding Balance,Employee,Location,Device ID,Id,Tags,Risk Level,Source,"
    "Lineitem discount,Tax 1 Name,Tax 1 Value,Tax 2 Name,Tax 2 Value,Tax 3 Name,Tax 3 Value,Tax 4 Name,Tax 4 Value,"
    "Tax 5 Name,Tax 5 Value,Phone,Receipt Number,Duties,Billing Province Name,Shipping Province Name,Payment ID,"
    "Payment Terms Name,Next Payment Due At,Payment References"
).split(",")
"""Shopify's columns, in its order."""


def write(shop: Shop, out: TextIO, orders: Iterable[Order] | None = None) -> None:
    """Write these orders, or all orders of the shop. The newest come first and test orders are left out, as in the
    export."""
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    selected = shop.orders.values() if orders is None else orders
    for order in sorted(selected, key=lambda order: order.number, reverse=True):
        if not order.test:
            writer.writerows(rows(shop, order))


def rows(shop: Shop, order: Order) -> Iterator[Row]:
    """Yield the rows of one order. A tip is a line like any other."""
    lines = [_line_columns(order, line) for line in order.lines]
    repeated = {"Name": order.name, "Email": order.email or "", "Created at": _time(shop, order.created_at)}
    yield {**_order_columns(shop, order), **repeated, **lines[0]}
    for line in lines[1:]:
        yield {**repeated, **line}


def _order_columns(shop: Shop, order: Order) -> Row:
    figures, currency = OrderFigures(shop, order), order.tender.currency
    money = {
        "Subtotal": figures.subtotal,
        "Shipping": figures.shipping,
        "Taxes": figures.tax,
        "Total": figures.total,
        "Discount Amount": figures.discounts,
        "Refunded Amount": figures.refunded,
        "Outstanding Balance": figures.outstanding,
    }
    return {
        **order_fields.columns(shop, order),
        "Id": str(order.order_id),
        "Financial Status": figures.financial_status.lower(),
        "Paid at": _time(shop, order.processed_at) if order.is_paid else "",
        "Fulfillment Status": "fulfilled" if order.is_fulfilled else "unfulfilled",
        "Accepts Marketing": "no",
        "Duties": body_amount(currency, order.duties) if order.duties else "",
        **{column: body_amount(currency, amount) for column, amount in money.items()},
        "Discount Code": ", ".join(discount.code or discount.title for discount in order.discounts),
        "Shipping Method": order.shipping.title if order.shipping else "",
        "Cancelled at": _time(shop, order.cancelled_at) if order.cancelled_at else "",
        "Payment Method": "bogus",
        "Risk Level": "Low",
        "Location": _location(shop, order),
        "Tags": ", ".join(sorted(order.tags)),
        "Notes": 'Please ring twice.\nThe bell says "Müller, 2nd floor".' if order.number % 50 == 0 else "",
        **_address_columns(order, "Billing"),
        **_address_columns(order, "Shipping"),
        **_tax_columns(order),
    }


def _location(shop: Shop, order: Order) -> str:
    return next((each.name for each in locations(shop) if each.location_id == order.location_id), "")


def _address_columns(order: Order, kind: str) -> Row:
    address = order.address
    if address is None:
        return {}
    return {
        f"{kind} Street": address.street,
        f"{kind} Address1": address.street,
        f"{kind} City": address.city,
        f"{kind} Zip": f"'{address.zip}",
        f"{kind} Province": address.province_code or "",
        f"{kind} Country": address.country_code,
        f"{kind} Province Name": address.province or "",
    }


def _tax_columns(order: Order) -> Row:
    """The order's taxes by name and rate. The export has columns for five."""
    sums: dict[str, Decimal] = {}
    for tax in [tax for line in (*order.lines, order.shipping) if line for tax in line.taxes]:
        name = f"{tax.title} {(tax.rate * 100).normalize():f}%"
        sums[name] = sums.get(name, Decimal(0)) + tax.amount
    return _numbered({name: body_amount(order.tender.currency, amount) for name, amount in sums.items()})


def _numbered(taxes: Mapping[str, str]) -> Row:
    columns: Row = {}
    for place, (name, value) in enumerate(list(taxes.items())[:5], 1):
        columns |= {f"Tax {place} Name": name, f"Tax {place} Value": value}
    return columns


def _line_columns(order: Order, line: Line) -> Row:
    is_goods = "true" if line.is_goods else "false"
    return {
        "Lineitem quantity": str(line.quantity),
        "Lineitem name": f"{line.title} - {line.variant_title}" if line.variant_title else line.title,
        "Lineitem price": body_amount(order.tender.currency, line.unit_price),
        "Lineitem sku": line.sku or "",
        "Lineitem requires shipping": is_goods,
        "Lineitem taxable": is_goods,
        "Lineitem fulfillment status": "fulfilled" if order.is_fulfilled else "pending",
        "Lineitem discount": body_amount(order.tender.currency, own_discount(order, line)),
        "Vendor": line.vendor or "",
    }


def _time(shop: Shop, at: datetime) -> str:
    """Format a time for the export: 2024-05-02 11:04:33 +0200."""
    return shop.local(at).strftime("%Y-%m-%d %H:%M:%S %z")
