"""The worker's way to PostgreSQL: procrastinate's connector, except that it waits while the database is away.

procrastinate 3.10 stops its worker, with no error, when the heartbeat, the schedule or the listener meets a lost
connection. It also drops the outcome of a job that ended meanwhile: the job would keep its lock for ever.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable
from contextlib import suppress
from typing import Any, LiteralString, TypeVar

import psycopg
from procrastinate import PsycopgConnector
from procrastinate.connector import Notify
from procrastinate.exceptions import ConnectorException

from core import logs
from core.database import sqlstates

LONGEST_WAIT = 2.0
"""Seconds between two tries. Short, so that the heartbeat is fresh again before the worker counts as killed."""
_POOL_TIMEOUT = 5.0
"""Seconds. The pool's own backoff doubles without a limit, so it is cut short and ours continues."""

_Answer = TypeVar("_Answer")

log = logs.get(__name__)


class PatientConnector(PsycopgConnector):
    """Repeats each query until PostgreSQL answers, or `stop` is set.

    Queries in `once` take a job and are not repeated: after a lost answer the job may be taken without its worker
    knowing. That worker has to end, so that the job runs again.
    """

    def __init__(self, stop: asyncio.Event, once: Collection[str] = (), **pool: Any) -> None:
        super().__init__(timeout=_POOL_TIMEOUT, reconnect_timeout=_POOL_TIMEOUT, **pool)
        # The pool warns of each connection that it could not make, several times a second.
        logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
        self._stop = stop
        self._once = once
        self._away = False

    async def execute_query_async(self, query: LiteralString, **arguments: Any) -> None:
        """Run the query until PostgreSQL answers."""
        await self._retry_while_away(lambda: super(PatientConnector, self).execute_query_async(query, **arguments))

    async def execute_query_one_async(self, query: LiteralString, **arguments: Any) -> dict[str, Any]:
        """Run the query until PostgreSQL answers; a query of `once` a single time."""
        if query in self._once:
            return await super().execute_query_one_async(query, **arguments)
        return await self._retry_while_away(
            lambda: super(PatientConnector, self).execute_query_one_async(query, **arguments)
        )

    async def execute_query_all_async(self, query: LiteralString, **arguments: Any) -> list[dict[str, Any]]:
        """Run the query until PostgreSQL answers."""
        return await self._retry_while_away(
            lambda: super(PatientConnector, self).execute_query_all_async(query, **arguments)
        )

    async def listen_notify(self, on_notification: Notify, channels: Iterable[str]) -> None:
        """Listen until `stop` is set; a lost connection is opened again."""
        await self._retry_while_away(lambda: super(PatientConnector, self).listen_notify(on_notification, channels))

    async def _retry_while_away(self, run: Callable[[], Awaitable[_Answer]]) -> _Answer:
        wait = 0.1
        while True:
            try:
                answer = await run()
            except ConnectorException as error:
                if self._stop.is_set() or not is_away(error):
                    raise
                self._note_away(error)
            else:
                self._note_back()
                return answer
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), wait)
            wait = min(LONGEST_WAIT, 2 * wait)

    def _note_away(self, error: ConnectorException) -> None:
        if not self._away:
            log.warning("the database does not answer; the worker waits for it", reason=str(error.__cause__))
        self._away = True

    def _note_back(self) -> None:
        if self._away:
            log.info("the database answers again; the worker goes on")
        self._away = False


def is_away(error: ConnectorException) -> bool:
    """Whether the same query may work later: PostgreSQL did not answer, or was too busy."""
    cause = error.__cause__
    return isinstance(cause, psycopg.OperationalError) and not sqlstates.is_beyond_limits(cause)
