"""The sources of records."""

from __future__ import annotations

from enum import StrEnum


class Source(StrEnum):
    """Where a version of a record came from. At equal `updated_at`, the API's version wins: it is complete.

    A CSV's version never replaces a version of the other two, whatever its `updated_at`: it has fewer fields.
    """

    API = "api"
    WEBHOOK = "webhook"
    CSV = "csv"
