"""Where a version of a record came from."""

from __future__ import annotations

from enum import StrEnum


class Source(StrEnum):
    """Where a version of a record came from. At equal `updated_at`, the API's version wins: it is whole.

    A CSV's version never replaces one of the other two, whatever `updated_at` says: it knows less.
    """

    API = "api"
    WEBHOOK = "webhook"
    CSV = "csv"
