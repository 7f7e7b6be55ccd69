"""Ends a demo run: every process of it, even if the starting process was killed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress

import psutil

_SECONDS_TO_END = 2
_SECONDS_BETWEEN_LOOKS = 1

_RUN = "XENO_DEMO_RUN"
"""The variable that every process of a run inherits: the id of the process that started it."""


def mark_run() -> dict[str, str]:
    """Return the variable that marks child processes as this run."""
    return {_RUN: f"{os.getpid()}-{time.time_ns()}"}


def end_descendants() -> None:
    """End all descendants of this process."""
    _end_processes(lambda: psutil.Process().children(recursive=True))


def end_run_after_starter(stop_database: Callable[[], None]) -> None:
    """Wait until the process that started our run is dead, then end the rest of the run, and ourselves last.

    This is for kill -9. In all other cases the starting process ends its processes, this one too.
    """
    run = os.environ[_RUN]
    with suppress(psutil.NoSuchProcess):
        starter = psutil.Process(int(run.partition("-")[0]))
        while starter.is_running() and starter.status() != psutil.STATUS_ZOMBIE:
            time.sleep(_SECONDS_BETWEEN_LOOKS)
    _end_processes(lambda: [process for process in psutil.process_iter() if _belongs_to(process, run)])
    stop_database()
    os._exit(1)


def _end_processes(remaining: Callable[[], list[psutil.Process]]) -> None:
    for number in (signal.SIGTERM, *[signal.SIGKILL] * 5):
        processes = remaining()  # read again each time, because some start others on SIGTERM
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        psutil.wait_procs(processes, timeout=_SECONDS_TO_END)


def _belongs_to(process: psutil.Process, run: str) -> bool:
    try:
        return process.pid != os.getpid() and process.environ().get(_RUN) == run
    except psutil.Error:
        return False
