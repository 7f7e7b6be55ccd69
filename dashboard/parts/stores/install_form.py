"""The form that installs the operator's app, and the confirmation after the return from Shopify."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from core.config import DEMO_TOKENS, settings
from core.connections import connect, install
from core.errors import XenoError
from core.stores import StoreView
from dashboard.drawing.words import plain, sentence
from dashboard.state import Viewer, browser, messages

CLAIM = "claim"
"""The parameter of the address that names the installation to confirm."""
_FORM = "install"


def draw_form(viewer: Viewer, now: datetime) -> None:
    """Draw the form that begins an installation."""
    with st.form(_FORM):
        domain = st.text_input(
            "Store address",
            key="install-domain",
            placeholder="your-store.myshopify.com",
            help="The myshopify.com address, or the link of any page of your store's admin.",
        )
        if st.form_submit_button("Install with Shopify", type="primary", icon=":material/install_desktop:"):
            _begin(viewer, domain, now)
    messages.show(_FORM)
    if settings().demo:
        addresses = " or ".join(f"`{shop}`" for shop in DEMO_TOKENS)
        st.info(f"To try it with a demo store: address {addresses}.", icon=":material/science:")
    st.caption("Shopify asks you to agree and brings you back here to confirm. There is nothing to copy.")


def draw_install_again(viewer: Viewer, store: StoreView, now: datetime) -> None:
    """Draw the button that installs the app again on a store that was connected before."""
    if st.button(
        "Install again with Shopify", key=f"install-{store.store_id}", icon=":material/restart_alt:", type="primary"
    ):
        _begin(viewer, store.shop_domain, now)
    messages.show(_FORM)


def draw_confirmation(viewer: Viewer, now: datetime) -> bool:
    """Draw the question whether to connect the shop that the address names; return whether there is one."""
    claim = st.query_params.get(CLAIM)
    if not claim:
        return False
    try:
        shop = install.waiting_shop(viewer.actor, claim, now)
    except XenoError as error:
        st.warning(sentence(error), icon=":material/warning:")
        return False
    with st.container(border=True):
        st.subheader(f"Connect {plain(shop)}?", anchor=False)
        st.markdown(
            f"The app is installed on **{plain(shop)}**. Its orders, customers and products will be shown to the "
            f"members of **{plain(viewer.tenant_name)}**."
        )
        if len(viewer.tenants) > 1:
            st.caption("For another of your businesses? Switch to it first, then install the app again.")
        _draw_answers(viewer, claim, shop, now)
    return True


def _draw_answers(viewer: Viewer, claim: str, shop: str, now: datetime) -> None:
    with st.container(horizontal=True):
        if st.button("Connect it", key="confirm-install", type="primary", icon=":material/add_link:"):
            _finish(viewer, claim, now)
        if st.button("Not now", key="decline-install"):
            _decline(viewer, claim, shop, now)


def _decline(viewer: Viewer, claim: str, shop: str, now: datetime) -> None:
    try:
        install.decline(viewer.actor, claim, now)
        messages.leave_info(f"{plain(shop)} was not connected. The app stays installed there until you remove it.")
    except XenoError as error:
        messages.leave_error(error)
    del st.query_params[CLAIM]
    st.rerun()


def connected_text(store: StoreView) -> str:
    """The news that a store is connected."""
    return f"{plain(store.name)} is connected. A sync has begun; you can go on working."


def _finish(viewer: Viewer, claim: str, now: datetime) -> None:
    slot = messages.reserve()
    # Before: pushed news of the new store may end this run, and the next one would find the claim used.
    del st.query_params[CLAIM]
    with st.spinner("Asking Shopify…"):
        try:
            slot.leave_success(connected_text(connect.confirm(viewer.actor, claim, now)))
        except XenoError as error:
            slot.leave_error(error)
    if slot.tone == messages.Tone.ERROR:
        # Another click works if Shopify was only briefly unavailable.
        st.query_params[CLAIM] = claim
    st.rerun()


def _begin(viewer: Viewer, domain: str, now: datetime) -> None:
    try:
        state = install.begin(viewer.actor, domain, now)
    except XenoError as error:
        messages.leave_error(error, _FORM)
        st.rerun()
    browser.go_to_shopify(state)
