"""Imports as rows: store the uploaded files, request the import, note its progress, and show it.

`core.imports.load` does the work. The database holds the files, in compressed pieces, until the worker has
imported them: page and worker may run on different machines, and nothing has to be cleaned up on either.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, BinaryIO

from sqlalchemy import delete, func, insert, literal, select
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.accounts import Action, Actor, authorise
from core.database import StoreKey, jobs, rate_limits, tenant_session
from core.database.models import Import, ImportChunk, RunState, Store
from core.errors import InvalidInput, NotFound, StoreNotFound
from core.imports.views import ImportView, Skipped, Uneven, view_of
from core.metrics import Scope
from core.metrics.imported import Undated, undated_refunds
from core.sync import run_life
from core.sync.run_life import RunKey

_PIECE = 1 << 20
MOST_BYTES = 1 << 30
"""Most bytes in the files of one import: about two million rows."""
MOST_WAITING = 2 << 30
"""Most bytes of one tenant that wait to be imported. The database's disk is shared by all tenants."""
_NAME_LENGTH = 200
NAMED = 10
"""Most skipped or uneven orders named for an import; all are counted."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to import: its name, its size in bytes, and the handle that its bytes are read from."""

    name: str
    size: int
    handle: BinaryIO


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of an import: `orders`, `kept` and `uneven` are added to the row's counts, the other fields are
    set."""

    bytes_read: int
    orders_total: int | None = None
    orders: int = 0
    kept: int = 0
    uneven: Sequence[Uneven] = ()
    orders_skipped: int | None = None
    skipped: Sequence[Skipped] = ()


def request(actor: Actor, store_id: int, uploads: Sequence[Upload], now: datetime, any_currency: bool = False) -> int:
    """Store files and queue their import; returns its id.

    Orders in a currency that the store has none in are skipped and named, unless `any_currency` is set.

    Raises:
        NotAllowed: the actor's role may not import orders.
        InvalidInput: there is no file, or there is no room for them.
        StoreNotFound: the tenant has no such store.
        RateLimited: the tenant has started too many imports today.
    """
    authorise(actor, Action.SYNC)
    sizes = [(upload.name, upload.size) for upload in uploads]
    _require_room(actor.tenant_id, sum(size for _, size in sizes))
    rate_limits.take(rate_limits.IMPORT, rate_limits.tenant_subject(actor.tenant_id), now)
    with tenant_session(actor.tenant_id) as session:
        import_id = _insert(session, actor.store_key(store_id), sizes, RunState.QUEUED, now, any_currency)
        for file_no, upload in enumerate(uploads):
            _store_file(session, actor.tenant_id, import_id, file_no, upload)
        jobs.enqueue(session, jobs.Task.IMPORT_ORDERS, actor.store_key(store_id), import_id=import_id)
    return import_id


def too_large() -> InvalidInput:
    """The error for files that together exceed `MOST_BYTES`."""
    return InvalidInput(
        f"Import at most {MOST_BYTES >> 20} MB at a time: export fewer months from Shopify at once, "
        "or ask the operator, whose command imports files of any size."
    )


def add(
    actor: Actor, store_id: int, sizes: Sequence[tuple[str, int]], now: datetime, any_currency: bool = False
) -> int:
    """Insert a running import of files (name and size) that the caller reads itself: the operator's command."""
    authorise(actor, Action.SYNC)
    with tenant_session(actor.tenant_id) as session:
        return _insert(session, actor.store_key(store_id), sizes, RunState.RUNNING, now, any_currency)


def recent(key: StoreKey, limit: int = 20) -> tuple[ImportView, ...]:
    """The store's latest imports, newest first."""
    query = select(Import).where(key.owns(Import)).order_by(Import.import_id.desc()).limit(limit)
    with tenant_session(key.tenant_id) as session:
        return tuple(view_of(row) for row in session.scalars(query))


def find(tenant_id: int, import_id: int) -> ImportView:
    """One import.

    Raises:
        NotFound: the tenant has no such import.
    """
    with tenant_session(tenant_id) as session:
        row = session.get(Import, (tenant_id, import_id))
        if row is None:
            raise NotFound("This import no longer exists; reload the page.")
        return view_of(row)


def undated(key: StoreKey) -> tuple[Undated, ...]:
    """The refunds of imported orders without a known day, by currency: the returns of no day hold them."""
    with tenant_session(key.tenant_id) as session:
        return undated_refunds(session, Scope(key))


def key_of(store: StoreKey, import_id: int) -> RunKey[Import]:
    """The key of an import as a run."""
    return RunKey(Import, store, import_id)


def claim(run: RunKey[Import], now: datetime) -> ImportView:
    """Take up the import, or take it up again after a kill.

    Raises:
        RunLost: it has ended or was deleted.
    """
    with tenant_session(run.store.tenant_id) as session:
        return view_of(run_life.claim(session, run, now, started_at=func.coalesce(Import.started_at, now)))


def note(session: Session, run: RunKey[Import], orders_done: int, progress: Progress, now: datetime) -> None:
    """Note progress in the transaction that made it; `orders_done` were done before.

    The condition on `orders_done` stops a worker that was thought dead: another one imported these orders since.

    Raises:
        RunLost: another worker goes on with the import, or it has ended.
    """
    run_life.note(
        session,
        run,
        now,
        Import.orders_done == orders_done,
        bytes_read=progress.bytes_read,
        orders_total=func.coalesce(progress.orders_total, Import.orders_total),
        orders_done=Import.orders_done + progress.orders,
        orders_kept=Import.orders_kept + progress.kept,
        orders_uneven=Import.orders_uneven + len(progress.uneven),
        uneven=_with_first(Import.uneven, progress.uneven),
        orders_skipped=func.coalesce(progress.orders_skipped, Import.orders_skipped),
        skipped=_with_first(Import.skipped, progress.skipped),
    )


def finish(run: RunKey[Import], now: datetime, error: str | None = None) -> None:
    """End the import: succeeded, or failed with the sentence `error`. Its files are deleted.

    Raises:
        RunLost: it had ended before.
    """
    tenant_id = run.store.tenant_id
    with tenant_session(tenant_id) as session:
        run_life.finish(session, run, now, error)
        of_import = (ImportChunk.tenant_id == tenant_id, ImportChunk.import_id == run.run_id)
        session.execute(delete(ImportChunk).where(*of_import))


def pieces(tenant_id: int, import_id: int, file_no: int) -> Iterator[bytes]:
    """Read the bytes of a stored file, each piece in a transaction of its own."""
    key = (ImportChunk.tenant_id == tenant_id, ImportChunk.import_id == import_id, ImportChunk.file_no == file_no)
    chunk_no = 0
    while True:
        with tenant_session(tenant_id) as session:
            data = session.scalar(select(ImportChunk.data).where(*key, ImportChunk.chunk_no == chunk_no))
        if data is None:
            return
        yield zlib.decompress(data)
        chunk_no += 1


def _with_first(column: InstrumentedAttribute[Any], orders: Sequence[Skipped | Uneven]) -> Any:
    """The orders named in the row, followed by these, cut to `NAMED`."""
    added = [{name: str(value) for name, value in asdict(order).items()} for order in orders[:NAMED]]
    first = f"$[0 to {NAMED - 1}]"
    return func.jsonb_path_query_array(column.op("||")(literal(added, JSONB)), literal(first).cast(JSONPATH))


def _require_room(tenant_id: int, size: int) -> None:
    """Raise InvalidInput where the tenant's waiting files would take too much of the disk."""
    if size > MOST_BYTES:
        raise too_large()
    waiting = select(func.coalesce(func.sum(Import.bytes_total), 0)).where(
        Import.tenant_id == tenant_id, Import.state.in_(run_life.ACTIVE)
    )
    with tenant_session(tenant_id) as session:
        if size + session.scalars(waiting).one() > MOST_WAITING:
            raise InvalidInput("Too many imports are waiting; try again when they have finished.")


def _insert(
    session: Session,
    key: StoreKey,
    sizes: Sequence[tuple[str, int]],
    state: RunState,
    now: datetime,
    any_currency: bool,
) -> int:
    if not sizes:
        raise InvalidInput("Choose the CSV file, or the files, that Shopify sent.")
    store = session.execute(select(Store.currency, Store.order_currencies).where(key.owns(Store))).one_or_none()
    if store is None:
        raise StoreNotFound
    is_running = state == RunState.RUNNING
    requested = run_life.request(
        session,
        Import,
        key,
        now,
        {},
        state=state,
        file_names=[name[-_NAME_LENGTH:] for name, _ in sizes],
        started_at=now if is_running else None,
        heartbeat_at=now if is_running else None,
        bytes_total=sum(size for _, size in sizes),
        currency=store.currency,
        other_currencies=store.order_currencies,
        any_currency=any_currency,
    )
    return requested.run_id


def _store_file(session: Session, tenant_id: int, import_id: int, file_no: int, upload: Upload) -> None:
    chunk_no = 0
    while piece := upload.handle.read(_PIECE):
        row = {"tenant_id": tenant_id, "import_id": import_id, "file_no": file_no, "chunk_no": chunk_no}
        session.execute(insert(ImportChunk), {**row, "data": zlib.compress(piece, level=1)})
        chunk_no += 1
