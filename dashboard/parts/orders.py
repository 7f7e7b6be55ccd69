"""Parts of an order's page: its head, its notes, and the tables of its lines, ledger and refunds."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from core.domain.periods import Period
from core.metrics.definitions import DEFINITIONS
from core.metrics.orders.details import OrderDetails
from dashboard import addresses, live_reads
from dashboard.drawing import formats, order_words
from dashboard.drawing.words import plain
from dashboard.parts import deliveries, links
from dashboard.parts.columns import Column, Kind
from dashboard.parts.figures import draw_values
from dashboard.parts.order_profit import profit_values
from dashboard.parts.records import RecordPage, draw_shopify_link
from dashboard.parts.tables import draw_badges, draw_records

MOST_WEBHOOKS = 20


def draw_head(page: RecordPage, order: OrderDetails) -> None:
    """Draw the order's name, statuses, time and customer, and the link to Shopify's admin."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.title(plain(f"Order {order.name}"), anchor=False)
        draw_shopify_link(page, "orders", order.order_id)
    statuses = (order.financial_status, order.fulfillment_status or "unfulfilled")
    draw_badges([*(["cancelled"] if order.cancelled_at else []), *filter(None, statuses)])
    placed = formats.instant(order.placed_at, page.store.time_zone)
    st.caption(f"Placed {placed} · {plain(page.store.name)}, in the store’s time ({page.store.time_zone.key})")
    address = addresses.customer_address(page.shop_domain, order.customer_key, page.query)
    links.draw_page_link(address, plain(order.customer or "Guest"), ":material/person:")


def draw_amounts(page: RecordPage, order: OrderDetails) -> None:
    """Draw what the customer was charged, what changed since, what the order is worth, and what is left of it."""
    amounts: list[tuple[str, Decimal, str]] = [("Order total", order.total, "As placed, with taxes and shipping.")]
    if order.current_total not in (None, order.total):
        amounts.append(("Total now", order.current_total or Decimal(0), "After edits and returns."))
    if order.refunded:
        amounts.append(("Refunded", order.refunded, "Paid back to the customer."))
    amounts.append(("Net sales", order.sums.net_sales, DEFINITIONS["net_sales"].meaning))
    drawn = [(label, formats.money(amount, order.currency), meaning) for label, amount, meaning in amounts]
    draw_values("Amounts", [*drawn, *profit_values(page, order)])


def draw_notes(page: RecordPage, order: OrderDetails) -> None:
    """Draw what a merchant must know to read the amounts."""
    notes = []
    if order.test:
        notes.append("Test order: it counts in no figure.")
    if order.currency != page.store.currency:
        notes.append(f"This order is in {order.currency}: the figures in {page.store.currency} leave it out.")
    if order.presentment_currency not in (None, order.currency):
        paid = formats.money(order.presentment_total, order.presentment_currency or "")
        notes.append(f"The customer paid {paid}.")
    if order.cancelled_at:
        reason = f" Reason: {plain(formats.status_text(order.cancel_reason).lower())}." if order.cancel_reason else ""
        notes.append(f"Cancelled {formats.instant(order.cancelled_at, page.store.time_zone)}.{reason}")
    if order.refunds_undated:
        amount = formats.money(order.refunds_undated, order.currency)
        notes.append(f"{amount} was refunded on days that the imported file lacks: it is in no day’s returns.")
    if order.is_redacted:
        notes.append("Shopify asked to erase the customer’s personal data: name and contact are no longer stored.")
    if order.tags:
        notes.append(f"Tags: {plain(', '.join(order.tags))}.")
    if order.location:
        notes.append(f"Sold at {plain(order.location)}.")
    if order.discount_codes:
        notes.append(f"Discount codes: {plain(', '.join(order.discount_codes))}.")
    for note in notes:
        st.markdown(f":material/info: {note}")


def draw_lines(page: RecordPage, order: OrderDetails) -> None:
    """Draw what was ordered, with a link to each product of the catalogue."""
    tax = "with tax" if order.taxes_included else "before tax"
    columns = {
        "name": Column("Item", link=lambda line: _product_address(page, line["product_id"])),
        "sku": Column("SKU", Kind.CODE),
        "quantity": Column("Quantity", Kind.COUNT),
        "kept": Column("Now", Kind.COUNT, "After edits and returns, where it changed."),
        "unit_price": Column("Price", Kind.MONEY, f"Of one unit, {tax}."),
        "discount": Column("Discount", Kind.MONEY),
        "charged": Column("Charged", Kind.MONEY, f"Price times quantity less discounts, {tax}."),
    }
    draw_records("Items", order_words.line_records(order), columns, page.store, _file("items", page, order))


def draw_sums(page: RecordPage, order: OrderDetails) -> None:
    """Draw the order's sales from gross to total."""
    if order.ledger:
        columns = {"figure": Column("Figure"), "amount": Column("Amount", Kind.MONEY), "meaning": Column("Meaning")}
        draw_records("Sales of this order", order_words.sum_records(order), columns, page.store)


def draw_ledger(page: RecordPage, order: OrderDetails) -> None:
    """Draw each dated change of sales, and where it was read."""
    if not order.ledger:
        return
    columns = {
        "day": Column("Counts on"),
        "what": Column("Change"),
        "subject": Column("Item"),
        "quantity": Column("Units", Kind.COUNT),
        "net": Column("Net", Kind.MONEY, "After discounts, before tax."),
        "discount": Column("Discount", Kind.MONEY, "Taken off before tax."),
        "tax": Column("Tax", Kind.MONEY),
        "counts_in": Column("Counts in", help="The figure that adds the net amount; its tax is in Taxes."),
    }
    draw_records(
        "Sales, day by day", order_words.ledger_records(order), columns, page.store, _file("sales", page, order)
    )
    source = "This is Shopify’s own record of the order."
    if not order.is_ledger_read:
        source = "Computed from the items and refunds until Shopify’s own record of the order is read."
    st.caption(source)


def draw_refunds(page: RecordPage, order: OrderDetails) -> None:
    """Draw the refunds, if there are any."""
    if not order.refunds:
        return
    columns = {
        "day": Column("Counts on"),
        "processed_at": Column("Refunded at", Kind.INSTANT),
        "units": Column("Units returned", Kind.COUNT),
        "refunded": Column("Paid back", Kind.MONEY),
        "note": Column("Reason", help="As written on the refund in Shopify."),
    }
    draw_records(
        "Refunds and returns", order_words.refund_records(order), columns, page.store, _file("refunds", page, order)
    )


def draw_returns(page: RecordPage, order: OrderDetails) -> None:
    """Draw what the customer asked to return, and why, if there is anything."""
    if not order.returns:
        return
    columns = {
        "requested_at": Column("Requested", Kind.INSTANT),
        "title": Column("Item"),
        "quantity": Column("Units", Kind.COUNT),
        "reason": Column("Reason", note="note"),
        "status": Column("State", Kind.STATUS),
    }
    draw_records(
        "Returns requested", order_words.return_records(order), columns, page.store, _file("returns", page, order)
    )


def draw_visits(page: RecordPage, order: OrderDetails) -> None:
    """Draw the visits that led to the order, if Shopify knows any."""
    if not order.visits:
        return
    columns = {
        "which": Column("Visit"),
        "occurred_at": Column("At", Kind.INSTANT),
        "source": Column("Came from", note="referrer"),
        "campaign": Column("Campaign", note="medium"),
        "landing_page": Column("Landed on"),
    }
    draw_records("How the customer came", order_words.visit_records(order), columns, page.store)


def draw_webhooks(page: RecordPage, order: OrderDetails) -> None:
    """Draw the latest webhooks about the order, each with a link to its details."""
    rows = live_reads.deliveries_of_order(page.store.key, order.order_id, MOST_WEBHOOKS)
    if not rows:
        st.caption("No webhook about this order is stored: it came with a sync, a file, or an older version of Xeno.")
        return
    columns = deliveries.list_columns(page.shop_domain, page.query)
    del columns["record"]
    draw_records("Webhooks", deliveries.delivery_records(rows), columns, page.store)


def _file(parts: str, page: RecordPage, order: OrderDetails) -> str:
    """The address of the file of these parts of the order."""
    day = Period(order.day, order.day, page.store.time_zone)
    return addresses.csv_address(f"{parts}-of-order", page.store.store_id, day, order=order.order_id)


def _product_address(page: RecordPage, product_id: int | None) -> str | None:
    return addresses.product_address(page.shop_domain, product_id, page.query) if product_id else None
