"""On a store's card: the owner's attention, missing scopes, denied fields, and missing history, each with a cure."""

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
from dashboard.parts.stores import install_form
from dashboard.state import Viewer

_COSTS = (
    (frozenset({"customer"}), "orders have no customer, so new and returning customers cannot be told apart"),
    (
        frozenset({"firstName", "lastName", "displayName", "phone", "email", "defaultEmailAddress", "emailAddress"})
        | {"defaultPhoneNumber", "phoneNumber"},
        "customers have no names or email addresses, and orders of the same guest cannot be linked",
    ),
    (
        frozenset({"defaultAddress", "shippingAddress", "billingAddress", "city", "provinceCode", "countryCodeV2"}),
        "orders and customers have no place",
    ),
    (frozenset({"unitCost"}), "the cost of goods is not known"),
    (frozenset({"product", "variant"}), "sales are not known to be of a product"),
    (frozenset({"inventory", "locations"}), "stock by location is known from webhooks alone"),
    (frozenset({"checkouts"}), "abandoned checkouts are known from webhooks alone"),
)
"""Fields that Shopify gives only to approved apps, and the cost of doing without them."""


def draw_access(viewer: Viewer, store: StoreView, now: datetime) -> None:
    """Draw everything that keeps data from this store, with the cure; nothing if all is well."""
    if store.state_reason:
        st.warning(plain(store.state_reason.rstrip(".") + "."), icon=":material/warning:")
    if store.state != StoreState.CONNECTED:
        _draw_reconnect(viewer, store, now)
    if store.state == StoreState.DISCONNECTED:
        return
    _draw_missing_scopes(store)
    denied = denied_text({*store.withheld_fields, *store.refused_entities})
    if denied:
        st.warning(denied, icon=":material/visibility_off:")
    _draw_webhook_note(store, now)
    cut = history.find_cut(store)
    if cut:
        st.info(history_text(store, cut), icon=":material/history_toggle_off:")


def history_text(store: StoreView, cut: Cut) -> str:
    """Which orders are missing, how that shows, and the two cures."""
    opened = formats.day(cut.shop_opened_at.astimezone(store.time_zone))
    oldest = (
        f"The oldest order here is of {formats.day(cut.oldest.astimezone(store.time_zone))}. " if cut.oldest else ""
    )
    again = "install the app again" if store.has_installed_app else "connect the store again below"
    if cut.scope_is_missing:
        text = (
            "**Orders older than 60 days are missing.** Shopify did not grant "
            f"**{plain(history.SCOPE)}**. {oldest}The shop was opened on {opened}."
        )
    else:
        text = (
            f"**Older orders may be missing.** {oldest}The shop was opened on {opened}. "
            "If it sold before that day, Shopify shows this app the last 60 days only."
        )
    return (
        f"{text} To get the others, request “Read all orders” for the app (Shopify's Dev Dashboard, API access "
        f"requests), add the scope, and {again}. Or import Shopify's own orders CSV here (in Shopify: "
        "Orders → Export)."
    )


def denied_text(fields: Collection[str]) -> str | None:
    """The fields that Shopify denies, their cost, and the cure; None without any."""
    costs = [cost for kind, cost in _COSTS if not kind.isdisjoint(fields)]
    if not costs:
        return None
    return (
        f"**Shopify denies some fields to this app** ({plain(', '.join(sorted(fields)))}): {'; '.join(costs)}. "
        "Request the approval for the app (Shopify's Dev Dashboard, API access requests, “Protected customer data”; "
        "for costs, the staff permission to view them), then connect the store again."
    )


def _draw_webhook_note(store: StoreView, now: datetime) -> None:
    if store.webhook_note:
        st.info(plain(store.webhook_note), icon=":material/webhook:")
    elif store.webhooks_missed_at:
        synced = formats.clock(store.webhooks_missed_at, store.time_zone, now)
        st.info(
            f"A new order came without a webhook; the sync at {synced} found it. Until webhooks work again, new "
            "orders appear with each sync. If this message stays, check that Shopify can reach the webhook address.",
            icon=":material/webhook:",
        )


def _draw_reconnect(viewer: Viewer, store: StoreView, now: datetime) -> None:
    """Draw how to connect the store again: its data is here all the time."""
    may_connect = may(viewer.role, Action.CONNECT)
    if store.state == StoreState.RECONNECT:
        cure = "you connect it again below" if may_connect else "an owner connects it again"
        st.markdown(
            ":material/inventory_2: Everything that was synced is still here. "
            f"New orders wait in Shopify until {cure}."
        )
    if store.has_installed_app and settings().offers_install and may_connect:
        install_form.draw_install_again(viewer, store, now)


def _draw_missing_scopes(store: StoreView) -> None:
    if store.has_installed_app:
        cure = "Install the app again and grant it."
    else:
        cure = "Add it to the app's Admin API scopes in Shopify, then connect the store again below."
    for scope in store.missing_scopes:
        purpose = NEEDED_SCOPES.get(scope, "")
        st.warning(f"Shopify did not grant **{plain(scope)}** ({plain(purpose)}). {cure}", icon=":material/key_off:")
    for scope in missing_scopes(store.scopes, WANTED_SCOPES):
        # The scope of the history is left to `history_text`, which shows its cost in orders.
        if scope != history.SCOPE:
            st.caption(f":material/key_off: Not granted: **{plain(scope)}** – {plain(WANTED_SCOPES[scope])}.")
