"""The worker process runs the jobs and the schedule of `core.worker.tasks` until it is stopped.

Deliveries, imports and the rest are worked on side by side, each with its own threads; `core.worker.lanes` orders the
rest. Running jobs end first: they are short.
While PostgreSQL is away the process waits. It ends by itself for errors only that waiting cannot heal, never with 0.
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
from core.worker.tasks import DEAD_AFTER, app, stopping

HEARTBEAT = 5
"""Seconds; well below DEAD_AFTER."""
POLL = 0.25
"""Seconds between looks at the queue. New jobs are announced, but procrastinate 3.10 forgets an announcement that
comes while it finds the queue empty (it clears the event after the look): this is how long such a job then waits."""
RETRY = 2.0
"""Seconds before a lane that ended begins again, and between looks for a database that is away at the start."""
STOP_WITHIN = 15.0
"""Seconds that running jobs have once the process is to end; supervisors commonly kill after 30."""
DELIVERY_WORKERS = 8
IMPORT_WORKERS = 1
MAIL_WORKERS = 2
_TAKE = (TAKE_NEXT, sql.queries["fetch_job"])
"""The statements that take a job."""

log = logs.get(__name__)


async def work() -> None:
    """Run jobs until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    # A thread for every job that may run: Python's own few would be taken by syncs that wait for Shopify.
    threads = DELIVERY_WORKERS + settings().worker_concurrency + IMPORT_WORKERS + MAIL_WORKERS
    loop.set_default_executor(ThreadPoolExecutor(threads))
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    connector = await _open_connector(stop)
    if connector is None:
        return
    with app.replace_connector(connector) as opened:
        try:
            await _run_lanes(opened, stop)
        finally:
            await connector.close_async()


async def _open_connector(stop: asyncio.Event) -> PatientConnector | None:
    """A connector whose database has answered; None where the process was stopped before that.

    Raises:
        ConfigError: the database is there and cannot be used: the address, the schema or the role is wrong.
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
    """Run every lane until `stop` is set; the error of a lane that cannot go on ends the others, and is raised."""
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
            log.warning("the database was unavailable at the end; running jobs are run again at the next start")
        elif isinstance(outcome, BaseException):
            raise outcome


class _Lane:
    """A worker, and another one where it had to end."""

    def __init__(self, name: str, make: Callable[..., Worker], stop: asyncio.Event) -> None:
        self._name = name
        self._make = make
        self._stop = stop
        self._worker: Worker | None = None

    async def run(self) -> None:
        """Work until `stop` is set. Where PostgreSQL was lost while a job was being taken, the worker ends its jobs
        and signs off, so that whatever was taken without its knowledge is run again; then another one begins."""
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
                log.warning("a lane begins again", lane=self._name, reason=reason)
                await _pause(self._stop)

    def end(self) -> None:
        """Have the worker end once its jobs have. It is not canceled: a cancellation that comes in the middle of the
        driver's own waiting is lost (Python 3.11), and the worker would stay."""
        if self._worker is not None:
            self._worker.stop()

    def _make_worker(self) -> Worker:
        return self._make(
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
    """For a first load, where one thread makes hundred thousands of records while another one waits for PostgreSQL:
    they have no circles for the collector to find, and the one that was answered should go on soon."""
    gc.set_threshold(50_000, 20, 50)
    sys.setswitchinterval(0.0005)


def _bound_the_stop() -> None:
    """End the process by force where its jobs outlast `STOP_WITHIN`: one may hang in a call to the network.

    Such a job is run again at the next start, as after a kill.
    """
    stopping.wait()
    time.sleep(STOP_WITHIN)
    log.warning("jobs did not end in time; they are run again at the next start", seconds=STOP_WITHIN)
    os._exit(1)


def main() -> int:
    try:
        logs.configure(settings().log_format)
        _tune()
        Thread(target=_bound_the_stop, name="stop", daemon=True).start()
        asyncio.run(work())
    except ConfigError as error:
        print(f"The worker stopped: {str(error).rstrip('.')}.", file=sys.stderr)  # noqa: T201
        return 1
    return 0
