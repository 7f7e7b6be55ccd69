"""Stores: connect a Shopify store, see how fresh its data is, sync it now."""

from __future__ import annotations

import streamlit as st

from core.accounts import Action, may
from core.config import settings
from core.stores import StoreState
from dashboard.parts.page import begin
from dashboard.parts.stores import card, connect_form, install_form

viewer, now = begin("Stores", follows_stores=True)
asks = install_form.draw_confirmation(viewer, now)

for store in viewer.stores:
    card.draw_card(viewer, store, now)

if asks:
    st.stop()  # a form below the question would be a second thing to decide
if not may(viewer.role, Action.CONNECT):
    if not viewer.stores:
        st.info("No store is connected yet. Ask an owner of the business to connect one.", icon=":material/info:")
elif viewer.stores:
    has_lost = any(store.state == StoreState.RECONNECT for store in viewer.stores)
    with st.expander(
        "Connect a store",
        icon=":material/add:",
        expanded=has_lost,
        key=connect_form.SECTION,
        on_change="rerun",
    ):
        connect_form.draw_form(viewer, now)
else:
    st.subheader("Connect your first store", anchor=False)
    st.markdown(
        "1. Type your store's address"
        f"{', and agree in Shopify' if settings().offers_install else ' and the credentials of an app in Shopify'}.\n"
        "2. Xeno checks the connection at once, and reads your products, customers and orders.\n"
        "3. From then on every order appears here within seconds."
    )
    connect_form.draw_form(viewer, now)
