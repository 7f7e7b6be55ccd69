"""Privacy requests on the Settings page: their outcomes, and the exports for customers."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core import privacy
from core.errors import XenoError
from core.privacy import Receipt
from dashboard.drawing.words import plain, sentence
from dashboard.state import Viewer

_REQUESTS = {
    "customers/data_request": "A customer's data",
    "customers/redact": "Erase a customer",
    "shop/redact": "Erase a store",
}


def draw_requests(viewer: Viewer) -> None:
    """Draw the requests as a table, and a download for each export. For owners."""
    try:
        receipts = privacy.receipts(viewer.actor)
    except XenoError as error:
        st.error(sentence(error))
        return
    if not receipts:
        st.caption("No customer has asked for their data or its deletion. Shopify sends such requests to Xeno.")
        return
    st.dataframe(
        table(receipts),
        hide_index=True,
        column_config={"Received (UTC)": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm", timezone="UTC")},
    )
    for receipt in receipts:
        if receipt.has_export:
            _draw_download(viewer, receipt)


def table(receipts: tuple[Receipt, ...]) -> pd.DataFrame:
    """The receipts, newest first."""
    return pd.DataFrame(
        {
            "Received (UTC)": [receipt.received_at for receipt in receipts],
            "Request": [_REQUESTS[receipt.topic] for receipt in receipts],
            # Text, because a column of numbers would put commas into ids.
            "Customer": ["" if receipt.customer_id is None else str(receipt.customer_id) for receipt in receipts],
            "Outcome": [receipt.outcome for receipt in receipts],
            "Store": [receipt.shop_domain for receipt in receipts],
        }
    )


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
