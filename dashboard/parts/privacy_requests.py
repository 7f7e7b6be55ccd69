"""On the Settings page: what customers asked Shopify for, what was done, and the exports to hand over."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core import privacy
from core.errors import XenoError
from core.privacy import Receipt
from dashboard.drawing.words import plain, sentence
from dashboard.state import Viewer

_ASKED = {
    "customers/data_request": "A customer's data",
    "customers/redact": "Forget a customer",
    "shop/redact": "Erase a store",
}


def draw(viewer: Viewer) -> None:
    """The requests as a table, and a download for each export; for owners."""
    try:
        receipts = privacy.receipts(viewer.actor)
    except XenoError as error:
        st.error(sentence(error))
        return
    if not receipts:
        st.caption("Nobody has asked for their data, or to be forgotten. Shopify passes such requests on to us.")
        return
    st.dataframe(
        table(receipts),
        hide_index=True,
        column_config={"Received (UTC)": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm", timezone="UTC")},
    )
    for receipt in receipts:
        if receipt.has_export:
            _download(viewer, receipt)


def table(receipts: tuple[Receipt, ...]) -> pd.DataFrame:
    """The receipts as shown, newest first."""
    return pd.DataFrame(
        {
            "Received (UTC)": [each.received_at for each in receipts],
            "Asked for": [_ASKED[each.topic] for each in receipts],
            "Customer": ["" if each.customer_id is None else str(each.customer_id) for each in receipts],
            "Done": [each.outcome for each in receipts],
            "Store": [each.shop_domain for each in receipts],
        }
    )


def _download(viewer: Viewer, receipt: Receipt) -> None:
    who = receipt.customer_id or "guest"
    st.download_button(
        f"Download the data of customer {who} ({plain(receipt.shop_domain)})",
        data=lambda: privacy.download(viewer.actor, receipt.request_id),
        file_name=f"customer-{who}.json",
        mime="application/json",
        key=f"privacy-{receipt.request_id}",
        icon=":material/download:",
        on_click="ignore",
    )
