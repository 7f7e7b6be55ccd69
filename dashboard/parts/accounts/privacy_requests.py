"""Privacy requests on the Settings page: their outcomes, and the exports for customers."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from zoneinfo import ZoneInfo

import streamlit as st

from core import privacy
from core.errors import XenoError
from core.privacy import Receipt
from dashboard.addresses import undated_csv_address
from dashboard.drawing.records import Record
from dashboard.drawing.words import plain, sentence
from dashboard.parts.card_head import draw_download
from dashboard.parts.columns import Column, Kind
from dashboard.parts.tables import draw_rows
from dashboard.state import Viewer

_REQUESTS = {
    "customers/data_request": "A customer’s data",
    "customers/redact": "Erase a customer",
    "shop/redact": "Erase a store",
}
_COLUMNS = {
    # In UTC, because the stores of a business differ in their time zones.
    "received_at": Column("Received (UTC)", Kind.INSTANT),
    "request": Column("Request"),
    "customer": Column("Customer", help="Shopify’s id of the customer."),
    "outcome": Column("Outcome"),
    "shop_domain": Column("Store"),
}


def draw_requests(viewer: Viewer, now: datetime) -> None:
    """Draw the requests as a table, and a download for each export. For owners."""
    try:
        receipts = privacy.receipts(viewer.actor)
    except XenoError as error:
        st.error(sentence(error))
        return
    if not receipts:
        with st.container(border=True):
            st.markdown("**Privacy requests**")
            st.markdown(":material/check_circle: No privacy requests.")
            st.caption(
                "Shopify sends one when a customer asks for their data or its deletion, or after a store was "
                "disconnected. Xeno answers it by itself, and lists the outcome here."
            )
        return
    with st.container(border=True):
        draw_rows("Privacy requests", [_record(receipt) for receipt in receipts], _COLUMNS, ZoneInfo("UTC"), "")
        if viewer.stores:
            address = undated_csv_address("privacy-requests", viewer.stores[0], now)
            draw_download("Privacy requests", address)
    for receipt in receipts:
        if receipt.has_export:
            _draw_download(viewer, receipt)


def _record(receipt: Receipt) -> Record:
    # Text, because a number would get commas.
    customer = None if receipt.customer_id is None else str(receipt.customer_id)
    return asdict(receipt) | {"request": _REQUESTS[receipt.topic], "customer": customer}


def _draw_download(viewer: Viewer, receipt: Receipt) -> None:
    customer = receipt.customer_id or "guest"
    st.download_button(
        f"Download the data of customer {customer} ({plain(receipt.shop_domain)})",
        data=lambda: privacy.download(viewer.actor, receipt.request_id),
        file_name=f"customer-{customer}.json",
        mime="application/json",
        key=f"privacy-{receipt.request_id}",
        icon=":material/download:",
        on_click="ignore",
    )
