"""The slices of a store's first load as rows: planned once, started, loaded, done; and the orders left incomplete.

Slices outlive the run that planned them: the next run goes on with those that are not done.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, any_, delete, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from core.database import StoreKey
from core.database.models import BackfillSlice, OrderToRead, SliceState, SyncRun
from core.errors import RunLost
from core.sync import run_life
from core.sync.first_load.plan import Span
from core.sync.run_life import RunKey

COUNTED = ("orders", "products", "customers")
"""The entities that a run's progress counts: Shopify returns their number."""


def plan(session: Session, key: StoreKey, spans: Iterable[Span], now: datetime) -> None:
    """Insert the slices of a store, without those of entities that it has slices of already."""
    planned = of_store(session, key)
    entities = {part.entity for part in planned}
    planned_at = planned[0].planned_at if planned else now
    new = [span for span in spans if span.entity not in entities]
    session.add_all(
        BackfillSlice(
            **key.parameters,
            slice_no=number,
            entity=span.entity,
            since=span.since,
            until=span.until,
            planned_at=planned_at,
        )
        for number, span in enumerate(new, start=len(planned))
    )
    session.flush()


def delete_all(session: Session, key: StoreKey) -> None:
    """Delete the slices of a first load that is complete. Another first load would plan new ones."""
    session.execute(delete(BackfillSlice).where(key.owns(BackfillSlice)))


def of_store(session: Session, key: StoreKey) -> Sequence[BackfillSlice]:
    """All slices of a store, in the order of loading."""
    query = select(BackfillSlice).where(key.owns(BackfillSlice))
    return session.scalars(query.order_by(BackfillSlice.slice_no).execution_options(populate_existing=True)).all()


def note_started(session: Session, part: BackfillSlice, operation_id: str, now: datetime) -> None:
    """Note that Shopify runs the bulk operation of a slice."""
    _set(session, part, state=SliceState.STARTED, operation_id=operation_id, started_at=now)


def set_back(session: Session, part: BackfillSlice, is_failure: bool = True) -> None:
    """Make a slice pending again: its bulk operation failed, or was canceled (`is_failure` is False)."""
    attempts = BackfillSlice.attempts + (1 if is_failure else 0)
    _set(session, part, state=SliceState.PENDING, operation_id=None, started_at=None, attempts=attempts)


def give_up(session: Session, part: BackfillSlice, now: datetime) -> None:
    """Note a slice as done although nothing was read: Shopify refuses its entity."""
    _set(session, part, state=SliceState.DONE, finished_at=now)


def cut(session: Session, part: BackfillSlice, later: Span, earlier: Span) -> None:
    """Cut a slice in two: it keeps the later span; the earlier span becomes a new slice, loaded last."""
    last = max(other.slice_no for other in of_store(session, part.store_key))
    _set(session, part, since=later.since, until=later.until)
    session.add(
        BackfillSlice(
            **part.store_key.parameters,
            slice_no=last + 1,
            entity=part.entity,
            since=earlier.since,
            until=earlier.until,
            planned_at=part.planned_at,
        )
    )
    session.flush()


def begin_load(session: Session, part: BackfillSlice) -> int:
    """Take over the loading of a slice; returns the number of this attempt. Older attempts can write no more."""
    return _set(session, part, loads=BackfillSlice.loads + 1, records_done=0)


def note_batch(session: Session, run: SyncRun, part: BackfillSlice, load: int, records: int, now: datetime) -> None:
    """Note records as written, in the transaction that writes them.

    Raises:
        RunLost: the run was canceled, or another worker began to write the slice since.
    """
    held = (*_key(part), BackfillSlice.state == SliceState.STARTED, BackfillSlice.loads == load)
    statement = update(BackfillSlice).where(*held).values(records_done=BackfillSlice.records_done + records)
    if session.execute(statement.returning(BackfillSlice.slice_no)).first() is None:
        raise RunLost("Another worker writes this slice now.")
    note_progress(session, run, now)


def note_progress(session: Session, run: SyncRun, now: datetime) -> None:
    """Add up the records of all slices so far. Past trouble no longer counts.

    Raises:
        RunLost: the run was canceled.
    """
    key = RunKey.of(run)
    done = select(func.coalesce(func.sum(BackfillSlice.records_done), 0)).where(key.store.owns(BackfillSlice))
    records = done.where(BackfillSlice.entity.in_(COUNTED)).scalar_subquery()
    orders = done.where(BackfillSlice.entity == "orders").scalar_subquery()
    run_life.note(session, key, now, records_done=records, orders_done=orders, **run_life.RECOVERED)


def finish(session: Session, part: BackfillSlice, load: int, now: datetime) -> None:
    """Note that this attempt has written the whole result."""
    held = (*_key(part), BackfillSlice.state == SliceState.STARTED, BackfillSlice.loads == load)
    session.execute(update(BackfillSlice).where(*held).values(state=SliceState.DONE, finished_at=now))


def note_incomplete(session: Session, part: BackfillSlice, orders: Iterable[tuple[int, datetime]]) -> None:
    """Note orders (with the time of their last change) to be fetched by id, unless they were since."""
    rows = list(orders)
    if rows:
        session.execute(
            _NOTE_INCOMPLETE,
            {
                **part.store_key.parameters,
                "slice_no": part.slice_no,
                "order_ids": [order_id for order_id, _ in rows],
                "updated_ats": [updated_at for _, updated_at in rows],
            },
        )


def list_incomplete(session: Session, key: StoreKey, limit: int) -> list[int]:
    """The orders to be fetched by id, those of the first slices first."""
    query = (
        select(OrderToRead.order_id)
        .where(key.owns(OrderToRead))
        .order_by(OrderToRead.slice_no, OrderToRead.order_id.desc())
        .limit(limit)
    )
    return list(session.scalars(query))


def note_completed(session: Session, key: StoreKey, order_ids: Iterable[int]) -> None:
    """Note orders as fetched by id, or as unknown to Shopify."""
    read = OrderToRead.order_id == any_(literal(list(order_ids), ARRAY(BigInteger)))
    session.execute(
        delete(OrderToRead).where(key.owns(OrderToRead), read).execution_options(synchronize_session=False)
    )


# Not with EXISTS: the planner's statistics lag behind the number of fetched orders, and it would then scan all of
# them for each new one.
_NOTE_INCOMPLETE = text("""
    INSERT INTO orders_to_read (tenant_id, store_id, order_id, slice_no)
    SELECT :tenant_id, :store_id, new.order_id, :slice_no
    FROM unnest(CAST(:order_ids AS bigint[]), CAST(:updated_ats AS timestamptz[])) AS new (order_id, updated_at)
    WHERE (
        SELECT o.source = 'api' AND o.agreed_at >= new.updated_at FROM orders o
        WHERE o.tenant_id = :tenant_id AND o.store_id = :store_id AND o.order_id = new.order_id
    ) IS NOT TRUE
    ON CONFLICT DO NOTHING
""")


def _key(part: BackfillSlice) -> tuple[ColumnElement[bool], ...]:
    return part.store_key.owns(BackfillSlice), BackfillSlice.slice_no == part.slice_no


def _set(session: Session, part: BackfillSlice, **values: object) -> int:
    statement = update(BackfillSlice).where(*_key(part)).values(**values).returning(BackfillSlice.loads)
    return session.scalars(statement).one()
