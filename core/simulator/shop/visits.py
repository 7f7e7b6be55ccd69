"""The visits to a made-up shop's online store that led to orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit to the online store, and how the visitor came there."""

    visit_id: int
    occurred_at: datetime
    source: str
    source_type: str | None = None
    referrer: str | None = None
    medium: str | None = None
    campaign: str | None = None

    @property
    def path(self) -> str:
        """The landing page, as Shopify's webhooks have it."""
        if not self.campaign:
            return "/"
        name = self.source.lower()
        return f"/collections/all?utm_source={name}&utm_medium={self.medium}&utm_campaign={self.campaign}"
