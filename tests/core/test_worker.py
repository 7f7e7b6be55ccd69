"""The worker as a process: it starts, or says why not, and ends soon after it is told to."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Timer

import pytest

ROOT = Path(__file__).parents[2]


def start(**settings: str) -> subprocess.Popen[str]:
    """A worker that knows these settings only: elsewhere than in a checkout, where `make run` leaves a `.env`."""
    env = {"SECRET_KEY": "k" * 32, "PATH": "", "HOME": "/nowhere", "PYTHONPATH": str(ROOT), **settings}
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "core.worker"], cwd="/", env=env, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_without_work_ends_at_once_when_told_to(database_url: str, number: signal.Signals) -> None:
    worker = start(DATABASE_URL=database_url)
    # Should it never start, reading on would wait for ever.
    guard = Timer(60, worker.kill)
    guard.start()
    assert worker.stderr is not None
    for line in worker.stderr:
        if "worker started" in line:
            break

    told_at = time.monotonic()
    worker.send_signal(number)
    _, said = worker.communicate(timeout=20)
    guard.cancel()

    assert worker.returncode == 0, said
    assert time.monotonic() - told_at < 10
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"DATABASE_URL": "postgresql://xeno:geheim@127.0.0.1:9/xeno"},
            "The worker stopped: The database does not answer; check that PostgreSQL runs and that DATABASE_URL is "
            "right.\n",
        ),
        (
            {"DATABASE_URL": "mysql://localhost/xeno"},
            "The worker stopped: DATABASE_URL must be a PostgreSQL address: postgresql://user:password@host/database.\n",
        ),
        ({"SECRET_KEY": ""}, "The worker stopped: SECRET_KEY is not set; see .env.example for what it is.\n"),
    ],
)
def test_a_worker_that_could_not_work_does_not_start_and_says_why(settings: dict[str, str], sentence: str) -> None:
    worker = start(**settings)
    _, said = worker.communicate(timeout=60)

    assert (worker.returncode, said) == (1, sentence)
