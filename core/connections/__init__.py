"""Connecting a shop: by credentials, by the operator's app, and its webhook subscriptions."""
