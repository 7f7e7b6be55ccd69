"""Carts of the online store: of each the newest version that was told."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import asdict
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.database.models import Cart
from core.domain import Cart as CartRecord
from core.ingest.target import Target

_KEYS = ("tenant_id", "store_id", "cart_token")


def write(session: Session, target: Target, records: Iterable[CartRecord]) -> int:
    """Write the versions that are newer than what is stored; returns how many."""
    newest = {cart.cart_token: cart for cart in sorted(records, key=lambda cart: cart.updated_at)}
    if not newest:
        return 0
    rows = [target.key | asdict(newest[token]) for token in sorted(newest)]
    statement = insert(Cart).values(rows)
    told = {name: statement.excluded[name] for name in rows[0] if name not in _KEYS}
    newer = Cart.updated_at < statement.excluded.updated_at
    written = statement.on_conflict_do_update(index_elements=_KEYS, set_=told, where=newer)
    return len(session.scalars(written.returning(Cart.cart_token)).all())
