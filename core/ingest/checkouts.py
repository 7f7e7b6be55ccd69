"""Writes checkouts that were begun, with their lines, and carts of the online store."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from core.database.models import Cart, Checkout, CheckoutLine
from core.domain import Cart as CartRecord
from core.domain import Checkout as CheckoutRecord
from core.domain import CheckoutLine as LineRecord
from core.domain import Kind, Refusal
from core.ingest import withheld
from core.ingest.encoding import withheld_json
from core.ingest.rows import Layout
from core.ingest.target import Target
from core.ingest.upsert import incoming_column, replace_children, upsert
from core.ingest.versions import Refused, Selected, select_newer

_WITHHELD = withheld.Groups(Checkout.checkout_id, {"customer": ("customer_id",)})
_CHECKOUTS = Layout(
    Checkout,
    CheckoutRecord,
    {
        "business_date": lambda place, checkout: place.target.day(checkout.created_at),
        "deleted_at": lambda _, checkout: None,
        "withheld": lambda _, checkout: withheld_json(checkout.withheld),
        "read_at": lambda place, checkout: place.target.reading.read_at_of(checkout),
    },
)
_IN_SOME_SOURCES = ("token", "cart_token")
"""The API names no cart, and a token only in the recovery link."""
_LINES = Layout(
    CheckoutLine,
    LineRecord,
    {
        "checkout_id": lambda place, _: place.parent.checkout_id,
        "currency": lambda place, _: place.parent.currency,
    },
)
_CARTS = Layout(Cart, CartRecord)


def write(session: Session, target: Target, records: Iterable[CheckoutRecord]) -> Selected[CheckoutRecord]:
    """Write the versions that are newer than what is stored."""
    versions = list(records)
    selected = select_newer(session, target, versions, Kind.CHECKOUT, Checkout.checkout_id)
    left_out = selected.left_out(versions)
    withheld.complete_records(session, target, _WITHHELD, versions, selected)
    checkouts = [selected.records[checkout_id] for checkout_id in sorted(selected.records)]
    lines = [_LINES.line(target, line, checkout) for checkout in checkouts for line in checkout.lines]
    upsert(session, target, _CHECKOUTS.rows_of(target, checkouts), keep_if_none=_IN_SOME_SOURCES)
    replace_children(session, target, CheckoutLine.checkout_id, selected.replaced, _LINES.rows(lines))
    selected.mark_partly_written(withheld.complete_rows(session, target, _WITHHELD, left_out))
    return selected


def write_carts(session: Session, target: Target, records: Iterable[CartRecord]) -> tuple[int, list[Refused]]:
    """Write the versions that are newer than what is stored; returns how many, and those that are not."""
    versions = sorted(records, key=lambda cart: cart.updated_at)
    newest = {cart.cart_token: cart for cart in versions}
    rows = _CARTS.rows_of(target, [newest[token] for token in sorted(newest)])
    is_newer = Cart.updated_at < incoming_column("updated_at")
    written = upsert(session, target, rows, only_where=is_newer, returning=[Cart.cart_token])
    tokens = {row.cart_token for row in written}
    stale = [cart for cart in versions if cart.cart_token not in tokens or newest[cart.cart_token] is not cart]
    return len(tokens), [Refused(cart, cart.cart_token, Refusal.STALE) for cart in stale]
