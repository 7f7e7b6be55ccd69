"""Imports the orders of Shopify's own CSV: checks all files first, then writes their orders in batches.

A wrong file is therefore refused with one sentence and changes nothing. Orders from Shopify's API, earlier or later,
win over the file; importing again does no harm. A batch is committed with the count of orders done, so an import that
was killed continues behind it. Memory holds one batch, whatever the size of the files.
"""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core import imports, ingest, logs, rollups
from core.accounts import Actor
from core.database import StoreKey, sqlstates, statistics, tenant_session
from core.database.models import Import
from core.domain import Order
from core.errors import (
    DatabaseUnavailable,
    InvalidFile,
    InvalidInput,
    PermanentError,
    RunLost,
    Stopping,
    TransientError,
)
from core.imports import ImportView, Progress, Uneven
from core.imports.files import DiskFile, ImportFile, KeptFile
from core.imports.orders import STOPS, FileOrders
from core.ingest import import_matches
from core.shopify.orders_csv import Mapped
from core.sync import run_life
from core.sync.run_life import RunKey
from core.sync.time_slice import DONE, GO_ON, Outcome, Step, TimeSlice

BATCH = 1000
_SAMPLE = 200
"""So many orders show whether the files are this store's, and are written before all others."""
_NOTE_EVERY = 1.0
"""Seconds between two notes of progress."""
_HARMLESS = "The orders counted here are imported; you can safely import the files again."
_NOTHING = "Nothing was imported."

log = logs.get(__name__)


def work_on(key: StoreKey, import_id: int, stop: threading.Event | None = None, batch_size: int = BATCH) -> None:
    """Work on an import that was requested with `imports.request`, until it has ended.

    Raises:
        TransientError: the database does not answer, or this process is being stopped; the queue retries the job.
    """
    run = imports.key_of(key, import_id)
    with logs.bound(import_id=import_id):
        _work_on(_ImportWork(run, partial(_kept_files, run), stop, batch_size=batch_size))


def import_files(
    actor: Actor,
    store_id: int,
    paths: Sequence[Path],
    now: datetime,
    show: Callable[[ImportView], None] = lambda _view: None,
    any_currency: bool = False,
) -> ImportView:
    """Import files of this machine at once, `any_currency` as in `imports.request`; returns the outcome. `show` is
    called with the progress about each second.

    Raises:
        NotAllowed: the actor's role may not import orders.
        StoreNotFound: the tenant has no such store.
        InvalidInput: a file cannot be read here.
    """
    try:
        sizes = [(path.name, path.stat().st_size) for path in paths]
        for path in paths:
            path.open("rb").close()
    except OSError as error:
        raise InvalidInput(f"{error.filename} cannot be read ({error.strerror}); check its name.") from None
    run = imports.key_of(actor.store_key(store_id), imports.add(actor, store_id, sizes, now, any_currency))
    try:
        _work_on(_ImportWork(run, lambda _view: [DiskFile(path) for path in paths], show=show))
    except (TransientError, KeyboardInterrupt):
        with contextlib.suppress(TransientError, RunLost):
            imports.finish(run, datetime.now(UTC), f"It was interrupted. {_HARMLESS}")
        raise
    return imports.find(actor.tenant_id, run.run_id)


def _work_on(work: _ImportWork) -> None:
    # Imports have workers of their own, so one job works on an import until it has ended.
    run_life.work_on(work, TimeSlice(work.stop, ends=math.inf))


def _kept_files(run: RunKey[Import], view: ImportView) -> Sequence[ImportFile]:
    names = enumerate(view.file_names)
    return [KeptFile(run.store.tenant_id, run.run_id, file_no, name) for file_no, name in names]


class _ImportWork(run_life.Work):
    """Work on an import: the first step checks the files, each further step writes a batch.

    Only the database makes an import wait, and a database that does not answer cannot note that either. Transient
    errors are therefore raised, and the queue retries the job.
    """

    def __init__(
        self,
        run: RunKey[Import],
        files_of: Callable[[ImportView], Sequence[ImportFile]],
        stop: threading.Event | None = None,
        show: Callable[[ImportView], None] = lambda _view: None,
        batch_size: int = BATCH,
    ) -> None:
        self.stop = stop or threading.Event()
        self._run, self._files_of, self._show, self._batch_size = run, files_of, show, batch_size
        self._store = run.store
        self._batches_written = 0
        self._shown_at = time.monotonic()

    @contextlib.contextmanager
    def open(self) -> Iterator[Step]:
        self._view = imports.claim(self._run, datetime.now(UTC))
        self._orders = FileOrders(self._files_of(self._view), self._view, self.stop)
        self._done = self._view.orders_done
        self._unwritten: Iterator[Mapped] | None = None
        self._defers_sums = False
        yield self._take_step

    def go_on_later(self, pause: timedelta) -> None:
        """Raise Stopping: only the end of the process interrupts an import."""
        raise Stopping(STOPS)

    def retry(self, error: TransientError) -> None:
        raise error

    def succeed(self) -> None:
        rollups.rebuild_deferred(self._store)
        imports.finish(self._run, datetime.now(UTC))

    def fail(self, error: Exception) -> None:
        if isinstance(error, PermanentError):
            sentence = f"{error} {_HARMLESS if self._done else _NOTHING}"
        else:
            sentence = f"An internal error stopped it ({type(error).__name__}); the log has the details. {_HARMLESS}"
        rollups.rebuild_deferred(self._store)
        imports.finish(self._run, datetime.now(UTC), sentence)

    def _take_step(self, _: TimeSlice) -> Outcome:
        if self._view.orders_total is None:
            self._check()
            return GO_ON
        if self._unwritten is None:
            self._defers_sums = rollups.is_worth_deferring(self._store, self._view.orders_total)
            self._unwritten = islice(self._orders.read(read_before=self._view.bytes_total), self._done, None)
        # The first batch is small: the planner's statistics come from it.
        size = self._batch_size if self._batches_written else min(self._batch_size, _SAMPLE)
        batch = list(islice(self._unwritten, size))
        if not batch:
            return DONE
        self._write(batch)
        return GO_ON

    def _write(self, batch: Sequence[Mapped]) -> None:
        """Write a batch; refresh the planner's statistics and show the progress now and then."""
        self._write_batch(batch)
        self._batches_written += 1
        rollups.rebuild_if_worth_it(self._store)
        if self._batches_written.bit_count() == 1:  # after the first few, and each time there are twice as many
            statistics.refresh(self._store.tenant_id)
        if time.monotonic() - self._shown_at >= _NOTE_EVERY:
            self._show(imports.find(self._store.tenant_id, self._run.run_id))
            self._shown_at = time.monotonic()

    def _check(self) -> None:
        """Read every row of every file, and note how many orders they hold.

        Raises:
            InvalidFile: a file is not what Shopify sends, or is another store's.
        """
        orders = self._orders.read(read_before=0)
        first = list(islice(orders, _SAMPLE))
        if not first:
            raise self._orders.none_taken()
        self._refuse_foreign([mapped.order for mapped in first])
        total, noted = len(first), time.monotonic()
        for _ in orders:
            total += 1
            if time.monotonic() - noted >= _NOTE_EVERY:
                self._note(Progress(self._orders.bytes_read))
                noted = time.monotonic()
        read, skipped, named = self._orders.bytes_read, self._orders.skipped, self._orders.first_skipped
        self._note(Progress(read, total, orders_skipped=skipped, skipped=named))

    def _refuse_foreign(self, orders: Sequence[Order]) -> None:
        """Refuse the files of another store: there, the orders of known names all have other ids."""
        ids = {order.name: order.order_id for order in orders}
        with tenant_session(self._store.tenant_id) as session:
            foreign = import_matches.belong_to_another_store(session, self._store, ids)
        if foreign:
            raise InvalidFile(
                f"{self._orders.first_file}, column “Id”: the orders of these names have other ids in this store, so "
                "the file is another store's; import it there."
            )

    def _write_batch(self, batch: Sequence[Mapped]) -> None:
        """Write orders in one transaction, or in halves where that is too much for the database.

        Raises:
            InvalidFile: a single order is too much.
        """
        try:
            return self._write_at_once(batch)
        except (DatabaseUnavailable, OperationalError) as error:
            cause = error.__cause__ if isinstance(error, DatabaseUnavailable) else error
            if cause is None or not sqlstates.is_given_up(cause) or sqlstates.is_out_of_room(cause):
                raise
            if len(batch) == 1:
                name = batch[0].order.name
                raise InvalidFile(f"The order {name} is too large; leave it out.") from error
        middle = len(batch) // 2
        self._write_batch(batch[:middle])
        self._write_batch(batch[middle:])

    def _write_at_once(self, batch: Sequence[Mapped]) -> None:
        with tenant_session(self._store.tenant_id) as session:
            if self._defers_sums:
                rollups.defer(session, self._store)
            orders = import_matches.fill_known_ids(session, self._store, [mapped.order for mapped in batch])
            ingest.write(session, self._store, orders, datetime.now(UTC))
            taken = import_matches.stored_from_files(session, self._store, [order.order_id for order in orders])
            progress = Progress(
                self._orders.bytes_read,
                orders=len(batch),
                kept=sum(order.order_id not in taken for order in orders),
                uneven=[_uneven(mapped) for mapped in batch if not mapped.is_even],
            )
            self._note_in(session, progress)
        self._done += len(batch)

    def _note(self, progress: Progress) -> None:
        with tenant_session(self._store.tenant_id) as session:
            self._note_in(session, progress)
        self._view = imports.find(self._store.tenant_id, self._run.run_id)
        self._show(self._view)

    def _note_in(self, session: Session, progress: Progress) -> None:
        imports.note(session, self._run, self._done, progress, datetime.now(UTC))


def _uneven(mapped: Mapped) -> Uneven:
    order = mapped.order
    return Uneven(order.name, order.currency, order.total, mapped.worth)
