"""Parts of one checkout's page: its state and contact, its amounts, the way back into it, and its lines."""

from __future__ import annotations

from dataclasses import asdict

import streamlit as st

from core.domain.checkouts import CheckoutState
from core.metrics.checkouts.listing import CheckoutDetails
from dashboard import addresses
from dashboard.drawing import formats
from dashboard.drawing.words import plain
from dashboard.parts import links
from dashboard.parts.columns import Column, Kind
from dashboard.parts.figures import draw_values
from dashboard.parts.records import RecordPage
from dashboard.parts.tables import draw_badges, draw_records


def draw_head(page: RecordPage, checkout: CheckoutDetails) -> None:
    """Draw when it began, its state, who began it, and the order that came of it."""
    row, zone = checkout.row, page.store.time_zone
    st.title("Checkout", anchor=False)
    draw_badges([row.state])
    ended = f" · completed {formats.instant(row.ended_at, zone)}" if row.ended_at else ""
    started = formats.instant(row.started_at, zone)
    st.caption(f"Started {started}{ended} · {plain(page.store.name)}, in the store’s time ({zone.key})")
    with st.container(horizontal=True):
        if row.customer_id and row.customer:
            address = addresses.customer_address(page.shop_domain, f"c:{row.customer_id}", page.query)
            links.draw_page_link(address, plain(row.customer), ":material/person:")
        if row.order_id:
            address = addresses.order_address(page.shop_domain, row.order_id, page.query)
            links.draw_page_link(address, plain(f"Order {row.order_name or ''}"), ":material/receipt_long:")
    if row.email and row.email != row.customer:
        st.markdown(f":material/mail: {plain(row.email)}")
    if checkout.is_customer_withheld:
        st.caption("Shopify withholds the customer from this app. Data health names the approval that is missing.")


def draw_amounts(checkout: CheckoutDetails) -> None:
    """Draw what it came to, and what its order is worth."""
    row = checkout.row
    amounts = [
        ("Total", row.total, "With taxes and shipping."),
        ("Discounts", checkout.discounts, "What codes and automatic discounts took off."),
        ("Net sales", row.order_net, "Net sales to date of the order that came of it."),
    ]
    drawn = [
        (label, formats.money(amount, row.currency), text) for label, amount, text in amounts if amount is not None
    ]
    draw_values("Amounts", drawn)
    if checkout.discount_codes:
        st.markdown(f":material/sell: Discount codes: {plain(', '.join(checkout.discount_codes))}.")


def draw_recovery(page: RecordPage, checkout: CheckoutDetails) -> None:
    """Draw the link by which the customer continues the checkout, while it is open."""
    address = addresses.recovery_address(page.shop_domain, checkout.recovery_path)
    if checkout.row.state not in (CheckoutState.ABANDONED, CheckoutState.PENDING):
        return
    if address is None:
        st.caption("There is no recovery link: Shopify gave none, or the customer’s data was erased.")
        return
    # Streamlit opens it in a new tab, with rel="noopener noreferrer".
    st.link_button("Open recovery link", address, icon=":material/open_in_new:")
    st.caption("Send it to this customer only: it opens the checkout with the address that was typed in.")


def draw_lines(page: RecordPage, checkout: CheckoutDetails) -> None:
    """Draw what was in it, with a link to each product of the catalogue."""
    tax = "with tax" if checkout.taxes_included else "before tax"
    columns = {
        "name": Column("Item", link=lambda line: _product_address(page, line["product_id"])),
        "sku": Column("SKU", Kind.CODE),
        "quantity": Column("Quantity", Kind.COUNT),
        "unit_price": Column("Price", Kind.MONEY, f"Of one unit, {tax}."),
        "total": Column("Total", Kind.MONEY, f"All units, less discounts, {tax}."),
    }
    lines = [
        asdict(line)
        | {"name": " · ".join(filter(None, (line.title, line.variant))), "currency": checkout.row.currency}
        for line in checkout.lines
    ]
    draw_records("Items", lines, columns, page.store, empty="Shopify listed no items.")


def _product_address(page: RecordPage, product_id: int | None) -> str | None:
    return addresses.product_address(page.shop_domain, product_id, page.query) if product_id else None
