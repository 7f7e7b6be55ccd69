"""Shopify: who a shop is, how to speak with it, and what its answers mean. No database in here."""

API_VERSION = "2026-10"
"""The Admin API version that every document was checked against. Shopify answers it until 2027-10-16."""
