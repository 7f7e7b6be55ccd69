"""On a store's card: why it needs its owner, which scopes are missing and what they cost, and what history lacks."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import streamlit as st

from core.accounts import Action, may
from core.config import settings
from core.shopify.auth import NEEDED_SCOPES, WANTED_SCOPES, missing_scopes
from core.stores import StoreState, StoreView, history
from core.stores.history import Cut
from dashboard.drawing import formats
from dashboard.drawing.words import plain
from dashboard.parts import install_form
from dashboard.state import Viewer

_INSTALLED = "installed_app"
_COSTS = (
    (frozenset({"customer"}), "orders are nobody's, so new and returning customers cannot be told apart"),
    (
        frozenset({"firstName", "lastName", "displayName", "phone", "email", "defaultEmailAddress", "emailAddress"})
        | {"defaultPhoneNumber", "phoneNumber"},
        "customers have no names or email addresses, and a guest's orders are not known to be one person's",
    ),
    (
        frozenset({"defaultAddress", "shippingAddress", "billingAddress", "city", "provinceCode", "countryCodeV2"}),
        "orders and customers have no place",
    ),
    (frozenset({"unitCost"}), "what goods cost is not known"),
    (frozenset({"product", "variant"}), "what was sold is not known to be of a product"),
    (frozenset({"inventory", "locations"}), "stock by location is known from webhooks alone"),
    (frozenset({"checkouts"}), "checkouts that were left are known from webhooks alone"),
)
"""Fields that Shopify gives only to apps that it approved, and what is lost without them."""


def draw(viewer: Viewer, store: StoreView, now: datetime) -> None:
    """Draw what the card has to say of it; nothing where all is well."""
    if store.state_reason:
        st.warning(plain(store.state_reason.rstrip(".") + "."), icon=":material/warning:")
    if store.state != StoreState.CONNECTED:
        _reconnect(viewer, store, now)
    if store.state == StoreState.DISCONNECTED:
        return
    _missing(store)
    denied = denied_text(store.denied_fields)
    if denied:
        st.warning(denied, icon=":material/visibility_off:")
    if store.webhook_note:
        st.info(plain(store.webhook_note), icon=":material/webhook:")
    elif store.webhooks_missed_at:
        found = formats.clock(store.webhooks_missed_at, store.time_zone, now)
        st.info(
            f"Shopify sent no webhook for a new order, which the sync of {found} brought. New orders come with the "
            "syncs until a webhook arrives. If this stays, check that Shopify can reach the webhook address.",
            icon=":material/webhook:",
        )
    lacking = history.cut(viewer.tenant_id, store)
    if lacking:
        st.info(history_text(store, lacking), icon=":material/history_toggle_off:")


def history_text(store: StoreView, lacking: Cut) -> str:
    """What is cut off, how that shows, and the two ways out."""
    opened = formats.day(lacking.shop_opened_at.astimezone(store.time_zone))
    first = (
        f"the oldest order here is of {formats.day(lacking.oldest.astimezone(store.time_zone))}, "
        if (lacking.oldest)
        else ""
    )
    again = "install the app again" if store.credential_kind == _INSTALLED else "connect the store again below"
    if lacking.scope_is_missing:
        text = (
            f"**Orders older than 60 days are missing.** Shopify did not grant **{plain(history.SCOPE)}**: "
            f"{first}and the shop was opened on {opened}."
        )
    else:
        text = (
            f"**Older orders may be missing:** {first}though the shop was opened on {opened}. "
            "If it sold before that day, Shopify shows this app the last 60 days only."
        )
    return (
        f"{text} Two ways to the rest: request “Read all orders” for the app (Shopify's Dev Dashboard, the app's "
        f"API access requests), add the scope, and {again}; or import Shopify's own orders CSV here "
        "(in Shopify: Orders → Export)."
    )


def denied_text(fields: Collection[str]) -> str | None:
    """What Shopify keeps from the app, what that costs, and the cure; None where it keeps nothing."""
    costs = [cost for kind, cost in _COSTS if not kind.isdisjoint(fields)]
    if not costs:
        return None
    return (
        f"**Shopify keeps some fields from this app** ({plain(', '.join(sorted(fields)))}): {'; '.join(costs)}. "
        "Request the approval for the app (Shopify's Dev Dashboard, API access requests, “Protected customer data”; "
        "for costs, the staff permission to view them), then connect the store again."
    )


def _reconnect(viewer: Viewer, store: StoreView, now: datetime) -> None:
    """The way back: its data is here all the time."""
    if store.state == StoreState.RECONNECT:
        until = "you connect it again below" if may(viewer.role, Action.CONNECT) else "an owner connects it again"
        kept = "Everything that was synced is still here; new orders wait in Shopify"
        st.markdown(f":material/inventory_2: {kept} until {until}.")
    if store.credential_kind == _INSTALLED and settings().offers_install and may(viewer.role, Action.CONNECT):
        install_form.again(viewer, store, now)


def _missing(store: StoreView) -> None:
    if store.credential_kind == _INSTALLED:
        cure = "Install the app again and grant it."
    else:
        cure = "Add it to the app's Admin API scopes in Shopify, then connect the store again below."
    for scope in store.missing_scopes:
        what = NEEDED_SCOPES.get(scope, "")
        st.warning(f"Shopify did not grant **{plain(scope)}** ({plain(what)}). {cure}", icon=":material/key_off:")
    for scope in missing_scopes(store.scopes, WANTED_SCOPES):
        # What its absence costs in orders is told beside the history, where it can be seen.
        if scope != history.SCOPE:
            st.caption(f":material/key_off: Not granted: **{plain(scope)}** – {plain(WANTED_SCOPES[scope])}.")
