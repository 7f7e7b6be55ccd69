"""Converts records to JSON columns and back. Amounts are text in JSON, so that they stay exact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.domain import (
    AdjustmentKind,
    Agreement,
    AgreementSale,
    Allocation,
    DiscountKind,
    Journey,
    RefundAdjustment,
    TaxLine,
    Visit,
    Withheld,
)

Json = dict[str, Any]
_ADJUSTMENT_KINDS = {kind.value: kind for kind in AdjustmentKind}
_DISCOUNT_KINDS = {kind.value: kind for kind in DiscountKind}


def taxes_json(taxes: Iterable[TaxLine]) -> list[Json]:
    """Return tax lines as JSON."""
    return [{"title": tax.title, "rate": str(tax.rate), "amount": str(tax.amount)} for tax in taxes]


def taxes_from(json: Iterable[Json]) -> tuple[TaxLine, ...]:
    """Reverse `taxes_json`."""
    return tuple(TaxLine(tax["title"], Decimal(tax["rate"]), Decimal(tax["amount"])) for tax in json)


def allocations_json(allocations: Iterable[Allocation]) -> list[Json]:
    """Return a line's shares of discounts as JSON."""
    return [{"kind": share.kind, "label": share.label, "amount": str(share.amount)} for share in allocations]


def allocations_from(json: Iterable[Json]) -> tuple[Allocation, ...]:
    """Reverse `allocations_json`."""
    return tuple(
        Allocation(_DISCOUNT_KINDS.get(share["kind"], DiscountKind.UNKNOWN), share["label"], Decimal(share["amount"]))
        for share in json
    )


def adjustments_json(adjustments: Iterable[RefundAdjustment]) -> list[Json]:
    """Return refund adjustments as JSON. An amount that is like a price has its shipping line, if only as null."""
    return [
        {
            "id": adjustment.adjustment_id,
            "kind": adjustment.kind,
            "amount": str(adjustment.amount),
            "tax": None if adjustment.tax is None else str(adjustment.tax),
            **({"shipping_line_id": adjustment.shipping_line_id} if adjustment.is_as_priced else {}),
        }
        for adjustment in adjustments
    ]


def adjustments_from(json: Iterable[Json]) -> tuple[RefundAdjustment, ...]:
    """Reverse `adjustments_json`."""
    return tuple(
        RefundAdjustment(
            adjustment_id=entry["id"],
            kind=_ADJUSTMENT_KINDS.get(entry["kind"], AdjustmentKind.DISCREPANCY),
            amount=Decimal(entry["amount"]),
            tax=None if entry["tax"] is None else Decimal(entry["tax"]),
            is_as_priced="shipping_line_id" in entry,
            shipping_line_id=entry.get("shipping_line_id"),
        )
        for entry in json
    )


def agreements_json(agreements: Iterable[Agreement] | None) -> list[Json] | None:
    """Return Shopify's ledger of an order as JSON; None, if it was not read, stays None."""
    if agreements is None:
        return None
    return [
        {
            "id": agreement.agreement_id,
            "happened_at": agreement.happened_at.isoformat(),
            "reason": agreement.reason,
            "refund_id": agreement.refund_id,
            "sales": [_sale_json(sale) for sale in agreement.sales],
        }
        for agreement in agreements
    ]


def agreements_from(json: Iterable[Json] | None) -> tuple[Agreement, ...] | None:
    """Reverse `agreements_json`."""
    if json is None:
        return None
    return tuple(
        Agreement(
            agreement_id=entry["id"],
            happened_at=datetime.fromisoformat(entry["happened_at"]),
            reason=entry["reason"],
            sales=tuple(_sale_from(sale) for sale in entry["sales"]),
            refund_id=entry["refund_id"],
        )
        for entry in json
    )


def journey_json(journey: Journey | None) -> Json | None:
    """Return a journey as JSON without the fields that it lacks."""
    if journey is None:
        return None
    visits = {"first": journey.first, "last": journey.last}
    written: Json = {name: _visit_json(visit) for name, visit in visits.items() if visit}
    return written if journey.days is None else written | {"days": journey.days}


def _visit_json(visit: Visit) -> Json:
    fields = {name: getattr(visit, name) for name in visit.__struct_fields__ if name != "occurred_at"}
    at = {"occurred_at": visit.occurred_at.isoformat()} if visit.occurred_at else {}
    return at | {name: value for name, value in fields.items() if value is not None}


def withheld_json(withheld: Withheld) -> dict[str, str | None] | None:
    """Return groups of withheld fields as JSON; None if nothing was withheld."""
    return {group: at.isoformat() if at else None for group, at in withheld} or None


def withheld_from(json: Mapping[str, str | None] | None) -> Withheld:
    """Reverse `withheld_json`."""
    return tuple((group, datetime.fromisoformat(at) if at else None) for group, at in (json or {}).items())


def _sale_json(sale: AgreementSale) -> Json:
    return {
        "id": sale.sale_id,
        "action": sale.action,
        "line_type": sale.line_type,
        "quantity": sale.quantity,
        "total": str(sale.total),
        "discount_before_tax": str(sale.discount_before_tax),
        "tax": str(sale.tax),
        "line_item_id": sale.line_item_id,
    }


def _sale_from(json: Json) -> AgreementSale:
    return AgreementSale(
        sale_id=json["id"],
        action=json["action"],
        line_type=json["line_type"],
        quantity=json["quantity"],
        total=Decimal(json["total"]),
        discount_before_tax=Decimal(json["discount_before_tax"]),
        tax=Decimal(json["tax"]),
        line_item_id=json["line_item_id"],
    )
