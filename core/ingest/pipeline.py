"""The one way into the commerce tables: records in, rows out, the newest version wins, twice is once.

Everything about one store is written one transaction at a time (the store's row is locked first), so a sync and a
webhook that speak of the same order cannot interleave. First comes what is known of the people in the records: who
was merged with whom, who is to be forgotten. Then the steps are the same for each kind: drop what was deleted (unless
that was only inferred, and the API tells of it again), keep the newest version of each, drop what is not newer than
what is stored, write, and recompute the ledger of the orders that were touched from what is now stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.database.models import Store
from core.domain import (
    Cart,
    Checkout,
    Customer,
    Deleted,
    InventoryLevel,
    Kind,
    Merged,
    Order,
    Product,
    Record,
    Refund,
    Reread,
)
from core.errors import NotFound
from core.ingest import (
    carts,
    checkouts,
    currencies,
    customers,
    deletions,
    inventory,
    merges,
    orders,
    people,
    products,
    refunds,
    sales,
    unreadable,
)
from core.ingest.drafts import Drafts
from core.ingest.people import concerns, redacted
from core.ingest.ranks import Reading, rank
from core.ingest.target import COPY_FROM, Target

__all__ = ["Drafts", "Reading", "Target", "Written", "concerns", "redacted", "write"]


@dataclass(frozen=True, slots=True)
class Written:
    """What a write changed, in records; what was stale or known already is in none of them."""

    orders: int = 0
    refunds: int = 0
    customers: int = 0
    products: int = 0
    checkouts: int = 0
    carts: int = 0
    levels: int = 0
    deleted: int = 0
    unreadable: int = 0

    @property
    def changed(self) -> bool:
        """Whether any row was written that a page shows: none shows carts, nor stock by location, which change all
        the time."""
        written = (self.orders, self.refunds, self.customers, self.products, self.checkouts)
        return any((*written, self.deleted, self.unreadable))


def write(
    session: Session,
    tenant_id: int,
    store_id: int,
    records: Iterable[Record],
    now: datetime,
    copy_from: int = COPY_FROM,
    drafts: Drafts | None = None,
    reading: Reading | None = None,
) -> Written:
    """Write records of one store in the session's transaction; `records` may hold versions in any order, repeated.

    From `copy_from` rows of a table on, they are copied beside it and merged as a set; what is written is the same.
    `drafts` may hold the rows of orders among the records. `reading` says how the API's records were read; without it
    they were read whole just now.

    Raises:
        NotFound: the tenant has no such store.
    """
    batch = tuple(records)
    assert not any(isinstance(record, Reread) for record in batch), "a Reread is read back before it is written"
    store = _locked(session, tenant_id, store_id)
    if len(batch) >= copy_from:
        _by_index(session)
    reading = reading or Reading(now)
    zone = ZoneInfo(store.time_zone)
    target = Target(tenant_id, store_id, zone, store.currency, reading, copy_from, store.connected_at)
    if drafts is not None and drafts.fit(target):
        target.drafts.update(drafts.by_id)

    merged = merges.write(session, target, [r for r in batch if isinstance(r, Merged)])
    batch = people.as_shown(batch, sees_customers="read_customers" not in store.missing_scopes)
    batch = people.as_known(session, target, batch)
    deleted = deletions.write(session, target, [*(r for r in batch if isinstance(r, Deleted)), *merged])
    lifted = deletions.lift(session, target, batch, now)
    new_products = products.write(session, target, [r for r in batch if isinstance(r, Product)])
    new_customers = customers.write(session, target, [r for r in batch if isinstance(r, Customer)])
    new_orders = orders.write(session, target, [r for r in batch if isinstance(r, Order)])
    currencies.note(store, new_orders.records.values())
    new_checkouts = checkouts.write(session, target, [r for r in batch if isinstance(r, Checkout)])
    new_carts = carts.write(session, target, [r for r in batch if isinstance(r, Cart)])
    new_levels = inventory.write(session, target, [r for r in batch if isinstance(r, InventoryLevel)])
    new_refunds = refunds.write(session, target, _refunds_in(target, batch, new_orders.records), new_orders.records)
    sold = new_orders.records.keys() | new_orders.with_ledger | new_refunds
    changed = sold | deleted[Kind.ORDER] | lifted[Kind.ORDER]
    sales.rewrite(session, target, changed, new_orders)

    told_unreadable = unreadable.write(session, target, batch, now)
    written = Written(
        orders=len(new_orders.records.keys() | new_orders.with_ledger),
        refunds=len(new_refunds),
        customers=len(new_customers),
        products=len(new_products),
        checkouts=len(new_checkouts),
        carts=new_carts,
        levels=new_levels,
        deleted=sum(len(ids) for ids in deleted.values()),
        unreadable=told_unreadable,
    )
    if written.changed:
        store.revision += 1
        store.last_ingest_at = now
    return written


def _locked(session: Session, tenant_id: int, store_id: int) -> Store:
    mine = (Store.tenant_id == tenant_id, Store.store_id == store_id)
    # Not the strongest lock: that one would make the receiver, whose rows refer to the store, wait for a sync's page.
    lock = select(Store).where(*mine).with_for_update(key_share=True)
    store = session.scalar(lock.execution_options(populate_existing=True))
    if store is None:
        raise NotFound("There is no such store here.")
    return store


def _by_index(session: Session) -> None:
    """Until the end of the transaction, look ids up and never search whole tables for them: while a first load fills
    them, what the planner knows of their sizes is long out of date."""
    session.execute(text("SET LOCAL enable_seqscan = off"))


def _refunds_in(target: Target, batch: tuple[Record, ...], written: Mapping[int, Order]) -> list[Refund]:
    """The refunds of the batch: single ones, and those inside orders, stale orders too. No refund is ever deleted.

    The last version of a refund wins: the one in the written order, else in the newest.
    """
    alone = [record for record in batch if isinstance(record, Refund)]
    with_refunds = (record for record in batch if isinstance(record, Order) and record.refunds)
    versions = sorted(with_refunds, key=lambda order: rank(order, target.reading))
    return alone + [refund for order in (*versions, *written.values()) for refund in order.refunds]
