"""Xeno's shared package: ingest Shopify's commerce exactly, keep the ledger, answer the questions.

Imports neither Streamlit nor Flask; the dashboard and the webhook receiver are two doors into it.
"""
