"""Transactions that have received the rows of a batch before the batch ahead of them is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from sqlalchemy.orm import Session

from core import ingest
from core.database import StoreKey, tenant_session
from core.errors import DatabaseUnavailable


class StagedTransaction:
    """The open transaction of one batch, with the rows of its orders. Threads may take turns in using it."""

    def __init__(self, store: StoreKey, prepared: ingest.PreparedOrders) -> None:
        """Open a transaction on a connection of its own, and send the prepared rows."""
        with ExitStack() as stack:
            self._session = stack.enter_context(tenant_session(store.tenant_id))
            self.prepared = prepared.stage(self._session)
            self._stack = stack.pop_all()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Give the session; commit at the end, roll back on an error."""
        with self._stack:
            yield self._session

    def discard(self) -> None:
        """Close the transaction, which has written nothing."""
        with suppress(DatabaseUnavailable):
            self._stack.close()
