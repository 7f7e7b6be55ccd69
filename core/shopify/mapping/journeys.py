"""Map the visits that led to an order in the API's answers. A webhook has the last landing page without its source,
so nothing is read of it: the re-fetch brings all."""

from __future__ import annotations

from core.domain import Journey, Visit
from core.shopify.mapping import bulk_form as form
from core.shopify.mapping.bulk_values import lower, text, utc
from core.shopify.mapping.fields import Fields

_LONGEST = 2000
"""Characters of an address: some carry whole tracking tokens, which no page shows."""


def of_order(order: Fields) -> Journey | None:
    """Map an order's journey; None where Shopify has computed none yet, or knows no visit."""
    summary = order.object_or_none("customerJourneySummary")
    if summary is None or not (summary.has("firstVisit") or summary.has("lastVisit")):
        return None
    return Journey(
        first=_visit(summary.object_or_none("firstVisit")),
        last=_visit(summary.object_or_none("lastVisit")),
        days=summary.integer_or_none("daysToConversion"),
    )


def of_line(summary: form.Journey | None) -> Journey | None:
    """Map the journey in a line of a bulk operation, as `of_order`."""
    if summary is None or not (summary.firstVisit or summary.lastVisit):
        return None
    return Journey(_visit_of_line(summary.firstVisit), _visit_of_line(summary.lastVisit), summary.daysToConversion)


def _visit_of_line(visit: form.Visit | None) -> Visit | None:
    if visit is None:
        return None
    labels = visit.utmParameters or _NO_LABELS
    return Visit(
        occurred_at=utc(visit.occurredAt),
        source=text(visit.source),
        source_type=lower(visit.sourceType),
        referrer=_cut(text(visit.referrerUrl)),
        landing_page=_cut(text(visit.landingPage)),
        utm_source=text(labels.source),
        utm_medium=text(labels.medium),
        utm_campaign=text(labels.campaign),
        utm_content=text(labels.content),
        utm_term=text(labels.term),
    )


_NO_LABELS = form.Labels()
_LABELS = ("source", "medium", "campaign", "content", "term")


def _visit(visit: Fields | None) -> Visit | None:
    if visit is None:
        return None
    labels = visit.object_or_none("utmParameters")
    return Visit(
        occurred_at=visit.time_or_none("occurredAt"),
        source=visit.text_or_none("source"),
        source_type=visit.lower_or_none("sourceType"),
        referrer=_cut(visit.text_or_none("referrerUrl")),
        landing_page=_cut(visit.text_or_none("landingPage")),
        **{f"utm_{name}": labels.text_or_none(name) if labels else None for name in _LABELS},
    )


def _cut(address: str | None) -> str | None:
    return address[:_LONGEST] if address else None
