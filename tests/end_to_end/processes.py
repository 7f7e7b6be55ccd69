"""An installation for a test: the real processes, each on a free port of this machine, over the test's database."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from core.config import DEMO_SECRET, DEMO_SHOP, DEMO_TOKEN

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
SECRET_KEY = "tests-only-0123456789abcdef-0123456789abcdef"


@dataclass
class Process:
    """One real process in a group of its own, with a log for failing tests."""

    name: str
    command: list[str]
    env: dict[str, str]
    log: Path
    popen: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> Process:
        with self.log.open("ab") as out:
            self.popen = subprocess.Popen(
                self.command, cwd=ROOT, env=self.env, stdout=out, stderr=out, start_new_session=True
            )
        return self

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send a signal to the whole group and wait until its leader has ended."""
        if self.popen is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.popen.pid, number)
            self.popen.wait(30)

    def log_tail(self) -> str:
        return self.log.read_text(errors="replace")[-4000:]


class Installation:
    """Simulator, dashboard, receiver and worker of one test. `stop` ends the started ones."""

    def __init__(self, database_url: str, folder: Path, python: str | Path = sys.executable, **settings: str) -> None:
        """`python` is the interpreter of the environment that the product is installed in."""
        self.folder, self._python = folder, str(python)
        self.web_port, self.webhook_port, self.simulator_port = free_port(), free_port(), free_port()
        self.web_url = f"http://127.0.0.1:{self.web_port}"
        self.webhook_url = f"http://127.0.0.1:{self.webhook_port}"
        self.simulator_url = f"http://127.0.0.1:{self.simulator_port}"
        self.processes: list[Process] = []
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "PYTHONPATH": str(ROOT),
            "LANG": "C.UTF-8",
            "DATABASE_URL": database_url,
            "SECRET_KEY": SECRET_KEY,
            "DATA_DIR": str(folder),
            "SHOPIFY_ADMIN_URL": self.simulator_url + "/{shop}",
            "PUBLIC_WEBHOOK_URL": self.webhook_url,
            "PUBLIC_URL": self.web_url,
            **settings,
        }

    def simulator(self, *options: str) -> Process:
        command = [self._python, "-m", "core.simulator", "serve", "--port", str(self.simulator_port), *options]
        return self._start("simulator", command, f"{self.simulator_url}/simulator/health")

    def web(self, port: int | None = None) -> Process:
        port = port or self.web_port
        command = [self._python, "-m", "streamlit", "run", "dashboard/server.py", "--server.port", str(port)]
        command += ["--server.address", "127.0.0.1", "--server.headless", "true"]
        # Pages may open websockets from the dashboard's own address alone.
        public = {"PUBLIC_URL": f"http://127.0.0.1:{port}"} if port != self.web_port else {}
        return self._start("web", command, f"http://127.0.0.1:{port}/readyz", **public)

    def receiver(self) -> Process:
        command = [self._python, "-m", "webhook_receiver", "--port", str(self.webhook_port)]
        return self._start("receiver", command, f"{self.webhook_url}/readyz")

    def worker(self) -> Process:
        return self._start("worker", [self._python, "-m", "core.worker"])

    def admin(self, *arguments: str, **secrets: str) -> str:
        """Run one of the operator's commands; returns its output."""
        command = [self._python, "-m", "core.admin", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.env | secrets, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def connect_demo_store(self, name: str, email: str, password: str, business: str) -> None:
        """Create a user with a business, connect the simulator's store to it, and wait for its first load."""
        self.admin("create-user", "--name", name, "--email", email, "--business", business, XENO_PASSWORD=password)
        secrets = {"SHOPIFY_TOKEN": DEMO_TOKEN, "SHOPIFY_SECRET": DEMO_SECRET}
        self.admin("connect-store", "--user", email, "--shop", DEMO_SHOP, **secrets)
        self.admin("sync", "--user", email, "--shop", DEMO_SHOP, "--wait")

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.kill(signal.SIGTERM)

    def logs(self) -> str:
        return "\n".join(f"--- {process.name}\n{process.log_tail()}" for process in self.processes)

    def _start(self, name: str, command: list[str], ready: str | None = None, **settings: str) -> Process:
        process = Process(name, command, self.env | settings, self.folder / f"{name}.log").start()
        self.processes.append(process)
        if ready:
            wait_until(lambda: _answers(process, ready), f"{name} answers", lambda: process.log_tail())
        return process


@contextlib.contextmanager
def installed(
    database_url: str, folder: Path, python: str | Path = sys.executable, **settings: str
) -> Iterator[Installation]:
    """An installation that is stopped at the end, whatever happens."""
    installation = Installation(database_url, folder, python, **settings)
    try:
        yield installation
    finally:
        installation.stop()


def wait_until(
    condition: Callable[[], Any], what: str, context: Callable[[], str] = lambda: "", seconds: float = 60
) -> Any:
    """Wait for the first true value of `condition` and return it. Fails with `context` after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.1)
    raise AssertionError(f"after {seconds} s, still not: {what}\n{context()}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(process: Process, url: str) -> bool:
    assert process.popen is not None
    assert process.popen.poll() is None, f"{process.name} ended\n{process.log_tail()}"
    with contextlib.suppress(requests.ConnectionError, requests.Timeout):
        return requests.get(url, timeout=5).status_code == 200
    return False
