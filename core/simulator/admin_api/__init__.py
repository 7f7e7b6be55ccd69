"""Shopify's Admin API over a made-up shop."""
