"""The files of entries that people made and requests that Shopify made: exchange rates, costs, privacy requests."""

from __future__ import annotations

from core.accounts import Action
from core.domain.periods import EARLIEST
from core.exports.files import Export
from core.metrics.formulas import of_store

_PEOPLE = """
LEFT JOIN users entered ON entered.user_id = x.entered_by
LEFT JOIN users replaced ON replaced.user_id = x.replaced_by"""
_WHO_AND_WHEN = "x.entered_at, entered.name AS entered_by, x.replaced_at, replaced.name AS replaced_by"

_RATES = f"""
SELECT x.currency, x.into, x.rate, {_WHO_AND_WHEN}
FROM exchange_rates x {_PEOPLE}
WHERE x.tenant_id = :tenant_id AND x.day IS NULL
ORDER BY x.replaced_at DESC NULLS FIRST, x.rate_id DESC
"""
_COSTS = f"""
SELECT x.kind, x.name, x.amount, x.basis, x.percent, x.currency,
       nullif(x.valid_from, date '{EARLIEST}') AS valid_from, x.valid_to, {_WHO_AND_WHEN}
FROM costs x {_PEOPLE}
WHERE {of_store("x")}
ORDER BY x.replaced_at DESC NULLS FIRST, x.kind, x.valid_from, x.cost_id
"""
_PRIVACY_REQUESTS = """
SELECT p.received_at, p.topic, p.customer_id, p.outcome, p.done_at, p.shop_domain
FROM privacy_requests p WHERE p.tenant_id = :tenant_id
ORDER BY p.received_at DESC, p.request_id DESC
"""

EXPORTS = {
    "exchange-rates": Export(
        _RATES,
        """currency=text into=text rate=number entered_at=time entered_by=text replaced_at=time replaced_by=text
        time_zone=zone""",
        title="Fixed exchange rates",
        row="rate that an owner entered; those that count first",
        meanings={"currency": "currency_of_rate", "rate": "fixed_rate"},
    ),
    "costs": Export(
        _COSTS,
        """kind=text name=text amount=own_level basis=text percent=number currency=text valid_from=text_of_day
        valid_to=text_of_day entered_at=time entered_by=text replaced_at=time replaced_by=text time_zone=zone""",
        title="Entered costs",
        row="cost that an owner entered; those that count first",
        meanings={"kind": "kind_of_cost", "name": "name_of_cost", "amount": "amount_of_cost"},
    ),
    "privacy-requests": Export(
        _PRIVACY_REQUESTS,
        "received_at=time topic=text customer_id=id outcome=text done_at=time shop_domain=text time_zone=zone",
        title="Privacy requests",
        row="request that Shopify sent about a store of the business",
        meanings={"received_at": "request_received_at", "topic": "topic_of_request"},
        action=Action.MANAGE,
    ),
}
"""The rates and the requests are of all stores of the business."""
