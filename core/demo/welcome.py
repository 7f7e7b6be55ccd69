"""The demo's own process: seeds the demo once the simulator answers, and prints where to sign in.

It then stays until the demo ends, because honcho stops everything with the first process that ends. If the starting
process is killed, it ends the others.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from threading import Thread

import requests

from core.config import DEMO_PASSWORD, DEMO_USER, settings
from core.database.embedded import EmbeddedPostgres
from core.demo import seed
from core.demo.shutdown import end_run_after_starter
from core.demo.terminal import framed, say, say_error

_PATIENCE_SECONDS = 120


def main() -> int:
    """Seed the demo and wait. Returns an exit code only on failure."""
    chosen = settings()
    Thread(target=end_run_after_starter, args=[_stop_database], daemon=True).start()
    dashboard = f"http://127.0.0.1:{chosen.dashboard_port}"
    if not _wait_for(lambda: _answers(f"http://127.0.0.1:{chosen.simulator_port}/")):
        say_error(f"The simulated Shopify does not answer on port {chosen.simulator_port}.")
        return 1
    if failure := seed.main():
        return failure
    if not _wait_for(lambda: _answers(f"{dashboard}/_stcore/health")):
        say_error(f"The dashboard does not answer on port {chosen.dashboard_port}.")
        return 1
    say(framed(_sign_in_lines(dashboard, demo=chosen.demo)))
    while True:
        signal.pause()


def _stop_database() -> None:
    if settings().database_url is None:
        EmbeddedPostgres(settings().data_dir).stop()


def _sign_in_lines(address: str, demo: bool) -> list[str]:
    lines = [f"Xeno is running:  {address}"]
    if demo:
        lines += [f"Sign in with:     {DEMO_USER}", f"Password:         {DEMO_PASSWORD}"]
    return [*lines, "", "Ctrl-C stops all of it; the data stays."]


def _wait_for(ready: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not ready():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def _answers(address: str) -> bool:
    """Whether an HTTP server answers there; an error status is an answer."""
    try:
        requests.get(address, timeout=5)
    except requests.RequestException:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
