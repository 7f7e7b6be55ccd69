"""The end of a demo run: every process of it is ended, also where the one that started them was killed."""

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
"""Inherited by every process of a run: the id of the one that started it."""


def mark_run() -> dict[str, str]:
    """The variable that marks the processes which this one is about to start as its run."""
    return {_RUN: f"{os.getpid()}-{time.time_ns()}"}


def end_descendants() -> None:
    """End every process that descends from this one."""
    _end(lambda: psutil.Process().children(recursive=True))


def guard(stop_database: Callable[[], None]) -> None:
    """Wait until the process that started our run is gone, then end the rest of the run, ourselves last.

    It is for kill -9: whoever ends otherwise tells its processes, this one too, before it goes.
    """
    run = os.environ[_RUN]
    with suppress(psutil.NoSuchProcess):
        starter = psutil.Process(int(run.partition("-")[0]))
        while starter.is_running() and starter.status() != psutil.STATUS_ZOMBIE:
            time.sleep(_SECONDS_BETWEEN_LOOKS)
    _end(lambda: [process for process in psutil.process_iter() if _belongs_to(process, run)])
    stop_database()
    os._exit(1)


def _end(remaining: Callable[[], list[psutil.Process]]) -> None:
    for number in (signal.SIGTERM, *[signal.SIGKILL] * 5):
        found = remaining()  # anew each time: some start others when they are told to end
        for process in found:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        psutil.wait_procs(found, timeout=_SECONDS_TO_END)


def _belongs_to(process: psutil.Process, run: str) -> bool:
    try:
        return process.pid != os.getpid() and process.environ().get(_RUN) == run
    except psutil.Error:
        return False
