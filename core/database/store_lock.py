"""The lock of a store, which every write of its rows takes first."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database.models import Store
from core.database.store_key import StoreKey


def lock_store(session: Session, store: StoreKey) -> None:
    """Wait for the writes under way, and hold up new ones until the transaction ends.

    Triggers of kept sums take this lock after the rows. A write that did not take it first could wait for another in
    a circle.
    """
    # Not the strongest lock: that one would make the receiver, whose rows refer to the store, wait, too.
    session.execute(select(Store.store_id).where(store.owns(Store)).with_for_update(key_share=True))
