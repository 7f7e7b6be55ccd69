"""The worker process: `python -m core.worker` runs the jobs and the schedule of `core.tasks` until told to stop.

Deliveries and syncs are worked on side by side, each with its own threads. Running jobs end first: they are short.
"""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException

from core import db, logs
from core.config import settings
from core.errors import ConfigError, DatabaseUnavailable, XenoError
from core.jobs import Queue
from core.tasks import DEAD_AFTER, app, stopping

HEARTBEAT = 5
"""Seconds; well below DEAD_AFTER."""
POLL = 0.25
"""Seconds between looks at the queue. New jobs are announced, but procrastinate 3.10 forgets an announcement that
comes while it finds the queue empty (it clears the event after the look): this is how long such a job then waits."""
DELIVERY_WORKERS = 8
IMPORT_WORKERS = 1

log = logs.get(__name__)


async def work() -> None:
    """Run jobs until SIGTERM or SIGINT."""
    conninfo, options = db.driver_conninfo()
    connector = PsycopgConnector(conninfo=conninfo, kwargs=options, min_size=2, max_size=8)
    loop = asyncio.get_running_loop()
    # A thread for every job that may run: Python's own few would be taken by syncs that wait for Shopify.
    loop.set_default_executor(ThreadPoolExecutor(DELIVERY_WORKERS + settings().worker_concurrency + IMPORT_WORKERS))
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    with app.replace_connector(connector) as opened:
        async with opened.open_async():
            await _run_until(
                told,
                [
                    _worker(opened, Queue.DELIVERIES, DELIVERY_WORKERS),
                    _worker(opened, Queue.SYNCS, settings().worker_concurrency),
                    _worker(opened, Queue.IMPORTS, IMPORT_WORKERS),
                ],
            )


async def _run_until(told: asyncio.Event, workers: list[Coroutine[Any, Any, None]]) -> None:
    """Run the workers until told to stop; a worker that ends by itself stops the others, and its error is raised."""
    running = [asyncio.create_task(worker) for worker in workers]
    waiting = asyncio.create_task(told.wait())
    log.info("worker started")
    await asyncio.wait([*running, waiting], return_when=asyncio.FIRST_COMPLETED)
    stopping.set()
    for task in (*running, waiting):
        task.cancel()
    for outcome in await asyncio.gather(*running, waiting, return_exceptions=True):
        if isinstance(outcome, Exception):
            raise outcome


async def _worker(opened: App, queue: Queue, concurrency: int) -> None:
    await opened.run_worker_async(
        queues=[queue],
        name=f"xeno-{queue}",
        concurrency=concurrency,
        fetch_job_polling_interval=POLL,
        update_heartbeat_interval=HEARTBEAT,
        stalled_worker_timeout=DEAD_AFTER,
        delete_jobs="successful",
        install_signal_handlers=False,
        shutdown_graceful_timeout=30,
    )


def _tune() -> None:
    """For a first load, where one thread makes hundred thousands of records while another one waits for PostgreSQL:
    they have no circles for the collector to find, and the one that was answered should go on soon."""
    gc.set_threshold(50_000, 20, 50)
    sys.setswitchinterval(0.0005)


def main() -> int:
    try:
        logs.configure(settings().log_format)
        _tune()
        asyncio.run(work())
    except (ConfigError, DatabaseUnavailable, ConnectorException) as error:
        said = error if isinstance(error, XenoError) else "The database does not answer any more"
        print(f"The worker stopped: {str(said).rstrip('.')}.", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
