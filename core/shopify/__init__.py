"""Shopify without a database: addresses, sign-in, the client, its documents, and the mapping of answers to
records."""

API_VERSION = "2026-10"
"""The Admin API version that every document was checked against. Shopify answers it until 2027-10-16."""
