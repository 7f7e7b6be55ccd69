"""Sales channels by name, from the `source_name` of an order. Pure."""

from __future__ import annotations

_NAMES = {
    "web": "Online store",
    "pos": "Point of sale",
    "shopify_draft_order": "Draft orders",
    "iphone": "Shopify app (iPhone)",
    "android": "Shopify app (Android)",
    "checkout_one": "Online store",
    "subscription_contract": "Subscriptions",
    "subscription_contract_checkout_one": "Subscriptions",
    "amazon-us": "Amazon",
}


def channel_name(source: str) -> str:
    """Return Shopify's name of a channel; an app that has only a number is "App 580111"."""
    return _NAMES.get(source.lower()) or (
        f"App {source}" if source.isdigit() else source.replace("_", " ").capitalize()
    )
