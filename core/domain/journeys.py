"""The visits to the online store that led to an order."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace


class Visit(Struct, frozen=True, gc=False):
    """A visit to the online store. Addresses are as the browser sent them, with their parameters.

    `source` is the platform or the site by Shopify's name (Google, direct, email, a domain), and `source_type` its
    kind of marketing in lower case (ad, seo, newsletter, …). `referrer` is the page that linked to the store. The
    `utm_` fields are the campaign's labels in the address of the landing page.
    """

    occurred_at: datetime | None = None
    source: str | None = None
    source_type: str | None = None
    referrer: str | None = None
    landing_page: str | None = None
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None
    utm_content: str | None = None
    utm_term: str | None = None

    @property
    def origin(self) -> str | None:
        """Where the visitor came from: the label of the campaign, else the source; in lower case."""
        name = self.utm_source or self.source
        return name.lower() if name else None


class Journey(Struct, frozen=True, gc=False):
    """The first and the last visit before an order, and the days from the first one to the order.

    Shopify computes it some time after the order, from the visits of the last 30 days. Both visits are the same where
    there was only one.
    """

    first: Visit | None = None
    last: Visit | None = None
    days: int | None = None


ADDRESSES = ("referrer", "landing_page", "utm_content", "utm_term")
"""The fields of a visit that may carry marks of a person."""


def without_addresses(journey: Journey | None) -> Journey | None:
    """Return the journey of a redacted person: the names of sources and campaigns stay, for the sums of others."""
    if journey is None:
        return None
    blank: dict[str, None] = dict.fromkeys(ADDRESSES)
    first, last = (replace(visit, **blank) if visit else None for visit in (journey.first, journey.last))
    return Journey(first, last, journey.days)
