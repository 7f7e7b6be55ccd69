"""Permissions of a store's app: missing scopes and denied fields, each with its cost and cure, as Markdown."""

from __future__ import annotations

from collections.abc import Collection

import streamlit as st

from core.shopify.auth import NEEDED_SCOPES, WANTED_SCOPES, missing_scopes
from core.stores import StoreView
from dashboard.drawing import formats
from dashboard.drawing.words import plain

_COSTS = (
    (frozenset({"customer"}), "orders have no customer, so no customer counts as returning"),
    (
        frozenset({"firstName", "lastName", "displayName", "phone", "email", "defaultEmailAddress", "emailAddress"})
        | {"defaultPhoneNumber", "phoneNumber"},
        "customers have no names or email addresses, and a guest's orders are not linked",
    ),
    (
        frozenset({"defaultAddress", "shippingAddress", "billingAddress", "city", "provinceCode", "countryCodeV2"}),
        "orders and customers have no place",
    ),
    (frozenset({"unitCost"}), "the cost of goods is not known"),
    (frozenset({"product", "variant"}), "sales have no product"),
    (frozenset({"inventory", "locations"}), "stock by location comes from webhooks only"),
    (frozenset({"checkouts"}), "abandoned checkouts come from webhooks only"),
)
"""Fields that Shopify gives only to approved apps, and the cost of each group."""


def draw_permissions(store: StoreView) -> None:
    """Draw each missing permission with its cost, and how to grant them."""
    missing, denied = missing_scopes(store.scopes, NEEDED_SCOPES | WANTED_SCOPES), denied_text(store)
    if missing:
        st.markdown("\n".join(f"- {scope_text(scope)}" for scope in missing))
        st.caption(grant_text(store, missing))
    if denied:
        st.markdown(denied)
    if not missing and not denied:
        st.markdown("Shopify granted everything that Xeno can use.")


def summary(store: StoreView) -> str:
    """How many scopes and groups of fields Shopify does not grant: "2 missing", "5 optional ones missing"."""
    needed = len(missing_scopes(store.scopes, NEEDED_SCOPES)) + len(_denied_costs(store))
    optional = len(missing_scopes(store.scopes, WANTED_SCOPES))
    if needed:
        return f"{needed + optional} missing"
    return f"{optional} optional missing" if optional else "all granted"


def scope_text(scope: str) -> str:
    """The cost of a scope that is missing: "Without read_customers, orders have no names." """
    cost = (NEEDED_SCOPES | WANTED_SCOPES).get(scope, "Xeno cannot read everything that it shows")
    return f"Without **{plain(scope)}**, {plain(cost)}."


def grant_text(store: StoreView, scopes: Collection[str]) -> str:
    """How the merchant grants these scopes."""
    them = "it" if len(scopes) == 1 else "them"
    if store.has_installed_app:
        return f"To grant {them}, install the app again and agree in Shopify."
    return f"Add {them} to the app in Shopify (Admin API scopes), then connect the store again."


def denied_text(store: StoreView) -> str | None:
    """The fields that Shopify denies, their cost, and the cure; None without any."""
    costs = _denied_costs(store)
    if not costs:
        return None
    fields = plain(", ".join(sorted({*store.withheld_fields, *store.refused_entities})))
    cost = formats.listed(costs)
    return (
        f"{cost[0].upper()}{cost[1:]}: Shopify hides fields from this app ({fields}). Request “Protected customer "
        "data” for the app (dev.shopify.com, API access requests), then connect the store again. For costs, grant "
        "the staff permission to view them."
    )


def _denied_costs(store: StoreView) -> list[str]:
    fields = {*store.withheld_fields, *store.refused_entities}
    return [cost for kind, cost in _COSTS if not kind.isdisjoint(fields)]
