"""The form that connects a Shopify store, with where to find its entries in Shopify."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from core.config import DEMO_CLIENT_ID, DEMO_SECRET, DEMO_TOKENS, settings
from core.connections import connect
from core.errors import XenoError
from core.shopify.auth import NEEDED_SCOPES, WANTED_SCOPES, AdminToken, ClientCredentials
from core.stores import StoreView
from dashboard.parts.stores import install_form
from dashboard.state import Viewer, forms, messages

SECTION = "connect-section"
"""The key of the expander around the form."""
_FORM = "connect"
_CLIENT = "Client id and secret"
_TOKEN = "Admin API token"  # noqa: S105  # a label
_INSTALL = "Install from Shopify (recommended)"


def draw_form(viewer: Viewer, now: datetime) -> None:
    """Draw the form; after a refusal the entries stay, except the secrets."""
    kinds = [_INSTALL, _CLIENT, _TOKEN] if settings().offers_install else [_CLIENT, _TOKEN]
    kind = st.segmented_control(
        "How do you want to connect?",
        kinds,
        default=kinds[0],
        required=True,
        key="connect-kind",
        help="Apps of the Dev Dashboard have a client id and secret. Custom apps made before 2026 have a token.",
    )
    if kind == _INSTALL:
        install_form.draw_form(viewer, now)
        return
    with st.form(_FORM):
        domain = st.text_input(
            "Store address",
            key="connect-domain",
            placeholder="your-store.myshopify.com",
            help="The myshopify.com address, or the link of any page of your store's admin.",
        )
        entries = _draw_token_entries() if kind == _TOKEN else _draw_client_entries()
        if st.form_submit_button("Connect store", type="primary", icon=":material/add_link:"):
            _connect(viewer, domain, kind or _CLIENT, entries, now)
    messages.show(_FORM)
    if settings().demo:
        _draw_demo_hint(kind or _CLIENT)
    with st.expander("Where do I find these?", icon=":material/help:"):
        st.markdown(_steps(kind or _CLIENT))


def open_section(store: StoreView) -> None:
    """Open the form with the address of a store that is to be connected again. A callback."""
    forms.open_expander(SECTION)
    forms.fill("connect-domain", store.shop_domain)
    forms.fill("install-domain", store.shop_domain)


def _draw_client_entries() -> tuple[str, str]:
    client_id = st.text_input("Client id", key="connect-client-id")
    return client_id, _draw_secret("Client secret", "secret")


def _draw_token_entries() -> tuple[str, str]:
    token = _draw_secret("Admin API access token", "token")
    return token, _draw_secret("API secret key", "secret")


def _draw_secret(label: str, name: str) -> str:
    return st.text_input(label, type="password", key=f"{forms.widget_key(_FORM)}-{name}", autocomplete="off")


def _connect(viewer: Viewer, domain: str, kind: str, entries: tuple[str, str], now: datetime) -> None:
    # A success stands at the top, beside the new card: the form of a first store is no longer there.
    success, refusal = messages.reserve(), messages.reserve(_FORM)
    # After a refusal too: a secret must not stay in the tab.
    forms.empty(_FORM)
    with st.spinner("Asking Shopify…"):
        try:
            credentials = AdminToken(*entries) if kind == _TOKEN else ClientCredentials(*entries)
            store = connect.connect(viewer.actor, domain, credentials, now)
            success.leave_success(install_form.connected_text(store))
        except XenoError as error:
            refusal.leave_error(error)
    st.rerun()


def _draw_demo_hint(kind: str) -> None:
    if kind == _TOKEN:
        shops = "; ".join(f"address `{shop}` with token `{token}`" for shop, token in DEMO_TOKENS.items())
        hint = f"{shops}; secret `{DEMO_SECRET}`."
    else:
        addresses = " or ".join(f"`{shop}`" for shop in DEMO_TOKENS)
        hint = f"address {addresses}, client id `{DEMO_CLIENT_ID}`, client secret `{DEMO_SECRET}`."
    st.info(f"To try it with a demo store: {hint}", icon=":material/science:")


def _steps(kind: str) -> str:
    scopes = "\n".join(
        f"    - `{scope}` – without it, {cost}" for scope, cost in {**NEEDED_SCOPES, **WANTED_SCOPES}.items()
    )
    if kind == _TOKEN:
        return (
            "1. In your store's admin: **Settings → Apps → Develop apps**, then your app.\n"
            f"2. **Configuration → Admin API integration** must grant these scopes:\n{scopes}\n"
            "3. **API credentials** shows the API secret key. The access token (`shpat_…`) was shown once, when the "
            "app was installed; uninstall and install the app again if you did not keep it.\n\n"
            "Shopify no longer accepts new apps of this kind. Existing ones go on working."
        )
    return (
        "1. At **dev.shopify.com**, in the organisation of your store: **Apps → Create app**.\n"
        f"2. In a **version** of the app, grant these scopes, and release it:\n{scopes}\n"
        "3. **Install** the app on your store.\n"
        "4. **Settings** of the app shows the client id and the secret.\n\n"
        "The secret is encrypted here and never shown again."
    )
