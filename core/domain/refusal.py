"""Why a record that Shopify sent was not written, or not in full, or is in no figure."""

from __future__ import annotations

from enum import StrEnum


class Refusal(StrEnum):
    """Why a record, or the delivery that brought it, was not written."""

    STALE = "stale"
    """The stored version is as new, or newer."""
    DELETED_BEFORE = "deleted before"
    """Its tombstone is stored: Shopify deleted it, or did not have it when asked."""
    REDACTED = "redacted"
    """It is about a person who was redacted: personal fields were left out."""
    UNMAPPED_TOPIC = "unmapped topic"
    """No record comes from this topic."""
    NO_KEY = "no key"
    """The body does not say which record it is about."""
    UNREADABLE = "unreadable"
    """The body lacks a field that the record needs, or has something else in its place."""
    OTHER_CURRENCY = "other currency"
    """It was written, but is in no figure: an order in another currency than the store's."""
    DENIED = "denied"
    """Shopify, when asked, did not confirm it."""
    GAVE_UP = "gave up"
    """It could not be written: PostgreSQL gave up, or refused it."""
