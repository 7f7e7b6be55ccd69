"""Runs the jobs and the schedule of `core.worker.tasks` and `core.worker.schedule` until the process is stopped.

Deliveries, imports, mails and all other jobs have separate threads; `core.worker.lanes` orders the last of these.
At a stop, running jobs end first: they are short.

While PostgreSQL is away the process waits. Only an error that waiting cannot cure ends it, and with a status that is
not 0.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import Thread

from procrastinate import App, sql
from procrastinate.exceptions import ConnectorException
from procrastinate.worker import Worker
from psycopg_pool import PoolTimeout

from core import database, logs
from core.config import settings
from core.database.jobs import Queue
from core.errors import ConfigError, DatabaseUnavailable
from core.worker.lanes import TAKE_NEXT, LaneManager, SharedWorker
from core.worker.patient_connector import PatientConnector
from core.worker.registration import DEAD_AFTER, app, stopping

HEARTBEAT = 5
"""Seconds; well below DEAD_AFTER."""
POLL = 0.25
"""Seconds between polls. New jobs are announced, but procrastinate 3.10 loses an announcement that arrives during a
poll of an empty queue, because it clears the event afterwards. Such a job waits for the next poll."""
RETRY = 2.0
"""Seconds before a lane that ended restarts, and between tries to connect at the start."""
STOP_WITHIN = 15.0
"""Seconds that running jobs have to end at a stop; supervisors commonly kill after 30."""
DELIVERY_WORKERS = 8
IMPORT_WORKERS = 1
MAIL_WORKERS = 2
_TAKE = (TAKE_NEXT, sql.queries["fetch_job"])
"""The statements that take a job."""

log = logs.get(__name__)


async def work() -> None:
    """Run jobs until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    # A thread for every job that may run: syncs that wait for Shopify would take all of Python's own few.
    threads = DELIVERY_WORKERS + settings().worker_concurrency + IMPORT_WORKERS + MAIL_WORKERS
    loop.set_default_executor(ThreadPoolExecutor(threads))
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    connector = await _open_connector(stop)
    if connector is None:
        return
    app.perform_import_paths()
    with app.replace_connector(connector) as opened:
        try:
            await _run_lanes(opened, stop)
        finally:
            await connector.close_async()


async def _open_connector(stop: asyncio.Event) -> PatientConnector | None:
    """Wait for the database and return an open connector; None if the process is stopped meanwhile.

    Raises:
        ConfigError: the database answers but cannot be used: the address, the schema or the role is wrong.
    """
    while not stop.is_set():
        try:
            conninfo, options = await asyncio.to_thread(database.driver_conninfo)
            connector = PatientConnector(stop, _TAKE, conninfo=conninfo, kwargs=options, min_size=2, max_size=8)
            await connector.open_async()
        except (DatabaseUnavailable, PoolTimeout) as error:
            log.warning("the worker waits for the database", reason=str(error))
            await _pause(stop)
        else:
            return connector
    return None


async def _run_lanes(opened: App, stop: asyncio.Event) -> None:
    """Run every lane until `stop` is set. Raises the error of a lane that cannot continue, once the others ended."""
    slots = settings().worker_concurrency
    opened.job_manager = LaneManager(opened.connector, slots)
    lanes = [
        _Lane("deliveries", partial(Worker, opened, [Queue.DELIVERIES], concurrency=DELIVERY_WORKERS), stop),
        _Lane("syncs", partial(SharedWorker, opened, slots), stop),
        _Lane("imports", partial(Worker, opened, [Queue.IMPORTS], concurrency=IMPORT_WORKERS), stop),
        _Lane("mails", partial(Worker, opened, [Queue.MAILS], concurrency=MAIL_WORKERS), stop),
    ]
    running = [asyncio.create_task(lane.run()) for lane in lanes]
    waiting = asyncio.create_task(stop.wait())
    log.info("worker started")
    await asyncio.wait([*running, waiting], return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    stopping.set()
    for lane in lanes:
        lane.end()
    for outcome in await asyncio.gather(*running, return_exceptions=True):
        if isinstance(outcome, ConnectorException):
            log.warning("the database was unavailable at the end; running jobs are retried at the next start")
        elif isinstance(outcome, BaseException):
            raise outcome


class _Lane:
    """A worker of some queues, replaced by a new one if it ends too early."""

    def __init__(self, name: str, new_worker: Callable[..., Worker], stop: asyncio.Event) -> None:
        self._name = name
        self._new_worker = new_worker
        self._stop = stop
        self._worker: Worker | None = None

    async def run(self) -> None:
        """Run workers until `stop` is set.

        If PostgreSQL is lost while a worker takes a job, that job may be taken without the worker knowing. The worker
        then ends its jobs and signs off, so that the job is retried, and a new worker starts.
        """
        while not self._stop.is_set():
            reason = "it ended by itself"
            try:
                self._worker = self._make_worker()
                await self._worker.run()
            except ConnectorException as error:
                if self._stop.is_set():
                    raise
                reason = str(error.__cause__ or error)
            if not self._stop.is_set():
                log.warning("a lane restarts", lane=self._name, reason=reason)
                await _pause(self._stop)

    def end(self) -> None:
        """Let the worker end when its jobs have.

        It is not canceled: Python 3.11 loses a cancellation that arrives while the driver waits, and the worker would
        stay.
        """
        if self._worker is not None:
            self._worker.stop()

    def _make_worker(self) -> Worker:
        return self._new_worker(
            name=f"xeno-{self._name}",
            fetch_job_polling_interval=POLL,
            update_heartbeat_interval=HEARTBEAT,
            stalled_worker_timeout=DEAD_AFTER,
            delete_jobs="successful",
            install_signal_handlers=False,
            shutdown_graceful_timeout=30,
        )


async def _pause(stop: asyncio.Event) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), RETRY)


def _tune() -> None:
    """Tune Python for a first load: one thread makes hundreds of thousands of records, another waits for PostgreSQL.

    The records hold no reference cycles, so the collector would run for nothing, and modules stay until the end. A
    shorter switch interval lets the thread with an answer continue soon.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    sys.setswitchinterval(0.0005)


def _exit_after_deadline() -> None:
    """Wait for a stop, and exit by force if jobs outlast `STOP_WITHIN`: one may hang in a call to the network.

    Such a job is retried at the next start, as after a kill.
    """
    stopping.wait()
    time.sleep(STOP_WITHIN)
    log.warning("jobs did not end in time; they are retried at the next start", seconds=STOP_WITHIN)
    os._exit(1)


def main() -> int:
    """Run the worker; return the process's exit status."""
    try:
        logs.configure(settings().log_format)
        _tune()
        Thread(target=_exit_after_deadline, name="stop", daemon=True).start()
        asyncio.run(work())
    except ConfigError as error:
        print(f"The worker stopped: {str(error).rstrip('.')}.", file=sys.stderr)  # noqa: T201
        return 1
    return 0
