"""Brings the orders of Shopify's own CSV in: all files are checked first, then their orders written in batches.

So a wrong file is refused with one sentence and changes nothing. What comes later from Shopify itself wins, and what
came already is kept; importing again does no harm. A batch is committed with the count of orders done, so an import
that was killed goes on behind it. Nothing but a batch is in memory, at any size of the files.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path
from typing import Protocol

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core import imports, ingest, logs
from core.accounts import Actor
from core.database import StoreKey, sqlstates, statistics, tenant_session
from core.domain import Order
from core.errors import DatabaseUnavailable, InvalidFile, InvalidInput, PermanentError, Stopping, TransientError
from core.imports import ImportView, Progress, Skipped, Uneven
from core.ingest import matches
from core.shopify.orders_csv import Mapped, orders_in, to_order

BATCH = 1000
_SAMPLE = 200
"""So many orders show whether the files are this store's, and are written before all others."""
_PIECE = 1 << 16
_NOTE_EVERY = 1.0
"""Seconds between two notes of progress."""
_HARMLESS = "The orders counted here are in; importing the files again does no harm."
_NOTHING = "Nothing of the import was written."

log = logs.get(__name__)


class ImportFile(Protocol):
    """A file that can be read from its beginning as often as needed, in pieces of any size."""

    @property
    def name(self) -> str: ...
    def pieces(self) -> Iterator[bytes]: ...


@dataclass(frozen=True, slots=True)
class DiskFile:
    """A file of this machine."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    def pieces(self) -> Iterator[bytes]:
        with self.path.open("rb") as handle:
            while piece := handle.read(_PIECE):
                yield piece


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that was uploaded, and waits in the database."""

    tenant_id: int
    import_id: int
    file_no: int
    name: str

    def pieces(self) -> Iterator[bytes]:
        return imports.pieces(self.tenant_id, self.import_id, self.file_no)


def work_on(key: StoreKey, import_id: int, stop: threading.Event | None = None, batch: int = BATCH) -> None:
    """Do an import that was asked for with `imports.request`, or what is left of it.

    Raises:
        TransientError: the database does not answer, or this process is to stop; the import goes on at the next try.
    """
    now = datetime.now(UTC)
    with logs.bound(**key.parameters, import_id=import_id):
        view = imports.claim(key.tenant_id, import_id, now)
        if view is None:
            log.warning("the import has ended or was deleted")
            return
        files = [KeptFile(key.tenant_id, import_id, file_no, name) for file_no, name in enumerate(view.file_names)]
        _Work(key.tenant_id, view, files, stop or threading.Event(), batch=batch).run()


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
        NotAllowed: the actor's role may not bring orders in.
        NotFound: the tenant has no such store.
        InvalidInput: a file cannot be read here.
    """
    try:
        sizes = [(path.name, path.stat().st_size) for path in paths]
        for path in paths:
            path.open("rb").close()
    except OSError as error:
        raise InvalidInput(f"{error.filename} cannot be read ({error.strerror}); check its name.") from None
    import_id = imports.add(actor, store_id, sizes, now, any_currency)
    view = imports.find(actor.tenant_id, import_id)
    try:
        _Work(actor.tenant_id, view, [DiskFile(path) for path in paths], threading.Event(), show).run()
    except (TransientError, KeyboardInterrupt):
        with contextlib.suppress(TransientError):
            imports.finish(actor.tenant_id, import_id, datetime.now(UTC), f"It was interrupted. {_HARMLESS}")
        raise
    return imports.find(actor.tenant_id, import_id)


class _Overtaken(Exception):
    """Another worker, which was not dead after all or took this one for dead, went on with the import."""


class _Work:
    """One go at an import: its two passes over the files."""

    def __init__(
        self,
        tenant_id: int,
        view: ImportView,
        files: Sequence[ImportFile],
        stop: threading.Event,
        show: Callable[[ImportView], None] = lambda _view: None,
        batch: int = BATCH,
    ) -> None:
        self._tenant_id, self._view, self._files, self._stop, self._show = tenant_id, view, files, stop, show
        self._batch = batch
        self._read = 0
        self._skipped: Counter[str] = Counter()
        self._first_skipped: list[Skipped] = []
        self._done = view.orders_done

    def run(self) -> None:
        """Check and write, and end the import; trouble that passes is raised, and the next try goes on from there."""
        error = None
        try:
            if self._view.orders_total is None:
                self._check()
            self._write()
        except _Overtaken:
            log.warning("somebody else works on this import")
            return
        except TransientError:
            raise
        except PermanentError as refused:
            error = f"{refused} {_HARMLESS if self._done else _NOTHING}"
            log.warning("import failed", reason=error)
        except Exception as broken:
            error = f"It stopped by a fault of ours ({type(broken).__name__}), which the log describes. {_HARMLESS}"
            log.exception("import failed")
        imports.finish(self._tenant_id, self._view.import_id, datetime.now(UTC), error)

    def _check(self) -> None:
        """Read every row of every file, and note how many orders they hold.

        Raises:
            InvalidFile: a file is not what Shopify sends, or is another store's.
        """
        mapped = self._mapped(read_before=0)
        first = list(islice(mapped, _SAMPLE))
        if not first:
            raise self._nothing_to_take()
        self._refuse_foreign([one.order for one in first])
        total, noted = len(first), time.monotonic()
        for total, _ in enumerate(mapped, len(first) + 1):  # noqa: B007  # the count is what it is for
            if time.monotonic() - noted >= _NOTE_EVERY:
                self._note(Progress(self._read))
                noted = time.monotonic()
        skipped = self._skipped.total()
        self._note(Progress(self._read, total, orders_skipped=skipped, skipped=self._first_skipped))

    def _write(self) -> None:
        """Write the orders that are not done yet, a batch in a transaction."""
        mapped = islice(self._mapped(read_before=self._view.bytes_total), self._done, None)
        noted = time.monotonic()
        for number in count(1):
            batch = list(islice(mapped, self._batch if number > 1 else min(self._batch, _SAMPLE)))
            if not batch:
                return
            self._write_batch(batch)
            if number.bit_count() == 1:  # after the first few, and each time there are twice as many
                statistics.refresh(self._tenant_id)
            if time.monotonic() - noted >= _NOTE_EVERY:
                self._show(imports.find(self._tenant_id, self._view.import_id))
                noted = time.monotonic()

    def _mapped(self, read_before: int) -> Iterator[Mapped]:
        """The orders of all files, from the first; `read_before` is what is counted as read at the beginning."""
        self._read = read_before
        for raw in orders_in((file.name, self._counted(file)) for file in self._files):
            if self._stop.is_set():
                raise Stopping("The import stops here and goes on at the next start.")
            mapped = to_order(raw)
            if self._view.takes(mapped.order.currency):
                yield mapped
            else:
                self._skip(mapped.order)

    def _counted(self, file: ImportFile) -> Iterator[bytes]:
        for piece in file.pieces():
            self._read += len(piece)
            yield piece

    def _skip(self, order: Order) -> None:
        self._skipped[order.currency] += 1
        if len(self._first_skipped) < imports.NAMED:
            self._first_skipped.append(Skipped(order.name, order.currency))

    def _nothing_to_take(self) -> InvalidFile:
        """Why there is nothing to import."""
        file, own = self._files[0].name, self._view.currency
        if not self._skipped:
            return InvalidFile(f"{file} holds no orders; choose some in Shopify and export them.")
        others = " or ".join(sorted(self._skipped))
        return InvalidFile(
            f"{file}: all orders are in {others}, and this store’s are in {own}; import it into the store that it is "
            "of, or allow orders in other currencies if this store once had that one."
        )

    def _refuse_foreign(self, orders: Sequence[Order]) -> None:
        """Orders of one store have each their name: known ones that all have another id are another store's."""
        ids = {order.name: order.order_id for order in orders}
        with tenant_session(self._tenant_id) as session:
            foreign = matches.belong_to_another_store(session, StoreKey(self._tenant_id, self._view.store_id), ids)
        if foreign:
            raise InvalidFile(
                f"{self._files[0].name}, column “Id”: the orders of these names have other ids in this store, so the "
                "file is another store's; import it there."
            )

    def _write_batch(self, batch: Sequence[Mapped]) -> None:
        """Write these orders: at once, or in halves where that is too much for the database.

        Raises:
            InvalidFile: one order by itself is.
        """
        try:
            return self._write_at_once(batch)
        except (DatabaseUnavailable, OperationalError) as error:
            cause = error.__cause__ if isinstance(error, DatabaseUnavailable) else error
            if cause is None or not sqlstates.gave_up(cause) or sqlstates.lacks_room(cause):
                raise
            if len(batch) == 1:
                name = batch[0].order.name
                raise InvalidFile(f"The order {name} is too much for the database; leave it out.") from error
        middle = len(batch) // 2
        self._write_batch(batch[:middle])
        self._write_batch(batch[middle:])

    def _write_at_once(self, batch: Sequence[Mapped]) -> None:
        with tenant_session(self._tenant_id) as session:
            store = StoreKey(self._tenant_id, self._view.store_id)
            orders = matches.fill_known_ids(session, store, [one.order for one in batch])
            ingest.write(session, store, orders, datetime.now(UTC))
            taken = matches.stored_from_files(session, store, [order.order_id for order in orders])
            progress = Progress(
                self._read,
                orders=len(batch),
                kept=sum(order.order_id not in taken for order in orders),
                uneven=[_uneven(one) for one in batch if not one.is_even],
            )
            if not self._noted(session, progress):
                raise _Overtaken  # and nothing of the batch is committed
        self._done += len(batch)

    def _note(self, progress: Progress) -> None:
        with tenant_session(self._tenant_id) as session:
            self._noted(session, progress)
        self._show(imports.find(self._tenant_id, self._view.import_id))

    def _noted(self, session: Session, progress: Progress) -> bool:
        return imports.note(session, self._tenant_id, self._view.import_id, self._done, progress, datetime.now(UTC))


def _uneven(mapped: Mapped) -> Uneven:
    order = mapped.order
    return Uneven(order.name, order.currency, order.total, mapped.worth)
