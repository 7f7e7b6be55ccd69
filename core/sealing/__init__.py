"""Encryption of credentials."""
