"""The command behind `make run`: the product with two demo stores in one terminal, which leaves no process behind.

It checks ports and settings, starts the embedded PostgreSQL where no DATABASE_URL is set, migrates, and runs the
Procfile's processes with honcho. It ends with Ctrl-C, SIGTERM, a closed terminal, or the first process that ends by
itself. With the argument `forget` it deletes the demo's data instead.
"""

from __future__ import annotations

import ctypes
import errno
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from honcho.environ import parse_procfile
from honcho.manager import Manager

from core.config import DEMO_CLIENT_ID, DEMO_SECRET, Settings, settings
from core.database.embedded import EmbeddedPostgres
from core.database.embedded.home import make_data_dir
from core.demo.shutdown import end_descendants, mark_run
from core.demo.terminal import UNPREFIXED, DemoPrinter, say, say_error
from core.errors import ConfigError, XenoError
from core.simulator.defaults import SCOPES

ROOT = Path(__file__).parents[2]
JOURNAL = "simulator.jsonl"
"""The simulator's journal, in the data directory."""

SERVICES = ("web", "webhooks", "worker", "simulator")
"""The lines of the Procfile that the demo runs, after `release`."""

_PATIENCE_SECONDS = 6
_PR_SET_CHILD_SUBREAPER = 36


def run() -> int:
    """Run the demo until it is stopped (0), or until one of its processes ends by itself (1).

    Raises:
        XenoError: it could not start; no process is left running.
    """
    make_secret_key(Path(".env"), os.environ)
    chosen = settings()
    check_ports(chosen)
    make_data_dir(chosen.data_dir)
    own_database = _database(chosen) if chosen.database_url is None else None
    with clean_shutdown(own_database.stop if own_database else lambda: None):
        if own_database:
            say("Starting PostgreSQL …")
            own_database.start()
        environment = process_environment(chosen, os.environ)
        commands = parse_procfile(Path("Procfile").read_text()).processes
        _release(commands["release"], environment)
        services = {name: commands[name] for name in SERVICES}
        outcome = serve({**services, UNPREFIXED: "exec python -m core.demo.welcome"}, environment)
    say("Stopped; the data stays for the next time.")
    return outcome


def forget() -> None:
    """Delete the embedded database and the simulator's journal. A database of DATABASE_URL stays.

    Raises:
        ConfigError: the database runs, so it may be in use.
    """
    database = _database(settings())
    if database.is_running():
        raise ConfigError(
            "The embedded database runs; stop the demo first, or `python -m core.database.embedded stop`."
        )
    database.erase()
    (settings().data_dir / JOURNAL).unlink(missing_ok=True)


def make_secret_key(env_file: Path, environment: Mapping[str, str]) -> None:
    """Write a new SECRET_KEY to `env_file`, readable by its owner alone, unless the file or the variable exists.

    Raises:
        ConfigError: the directory cannot be written.
    """
    if env_file.exists() or environment.get("SECRET_KEY"):
        return
    text = f"# Made by `make run`; .env.example lists every setting.\nSECRET_KEY={secrets.token_hex(32)}\n"
    try:
        descriptor = os.open(env_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise ConfigError(
            f"{env_file} cannot be made ({error.strerror}); set SECRET_KEY in the environment."
        ) from error
    with open(descriptor, "w") as file:
        file.write(text)


def check_ports(chosen: Settings) -> None:
    """Raise ConfigError where a port of the demo is in use, or one is named twice."""
    names = ("dashboard_port", "webhook_port", "simulator_port")
    ports = {name.upper(): getattr(chosen, name) for name in names}
    if len(set(ports.values())) < len(ports):
        raise ConfigError(f"{', '.join(ports)} must be three different ports.")
    for name, port in ports.items():
        with socket.socket() as probe:
            # Like servers do: connections that linger after the last run do not block the port.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                is_in_use = error.errno == errno.EADDRINUSE
                reason = (
                    f"is in use{_listening_process(port)}: stop that"
                    if is_in_use
                    else f"cannot be used ({error.strerror})"
                )
                raise ConfigError(f"Port {port} {reason}, or choose another with {name}.") from None


def _listening_process(port: int) -> str:
    """Name the process that listens there, if this user may know it."""
    with suppress(psutil.Error):
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,)
            if listens and connection.pid:
                return f" by process {connection.pid} ({psutil.Process(connection.pid).name()})"
    return ""


def process_environment(chosen: Settings, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of the demo's processes: the caller's, with the simulator as Shopify unless set
    otherwise."""
    demo = {
        "SHOPIFY_ADMIN_URL": f"http://127.0.0.1:{chosen.simulator_port}/{{shop}}",
        "PUBLIC_WEBHOOK_URL": f"http://127.0.0.1:{chosen.webhook_port}",
        "PUBLIC_URL": f"http://127.0.0.1:{chosen.dashboard_port}",
        "SHOPIFY_CLIENT_ID": DEMO_CLIENT_ID,
        "SHOPIFY_CLIENT_SECRET": DEMO_SECRET,
        "SHOPIFY_SCOPES": ",".join(SCOPES),
        "DEMO": "true",
    }
    fixed = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', os.defpath)}",
        "PORT": str(chosen.dashboard_port),  # not the PORT that a shell may export
        "WEBHOOK_PORT": str(chosen.webhook_port),
        "SIMULATOR_PORT": str(chosen.simulator_port),
        "DATA_DIR": str(chosen.data_dir.absolute()),
        "PYTHONUNBUFFERED": "1",
    }
    defaults = {name: value for name, value in demo.items() if name.lower() not in chosen.model_fields_set}
    return {**environment, **defaults, **fixed, **mark_run()}


@contextmanager
def clean_shutdown(stop_database: Callable[[], None]) -> Iterator[None]:
    """At the end of the block, end all descendants of this process, and then the database."""

    def raise_interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    def send_sigterm(_number: int, _frame: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)  # honcho handles this one, unlike SIGHUP

    signal.signal(signal.SIGTERM, raise_interrupt)
    signal.signal(signal.SIGHUP, send_sigterm)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not interrupt this
        end_descendants()
        stop_database()


def serve(commands: Mapping[str, str], environment: dict[str, str]) -> int:
    """Run these commands by name until stopped (0), or until the first one ends and stops the rest (1)."""
    printer = DemoPrinter()
    manager = _Manager(printer)
    for name, command in commands.items():
        manager.add_process(name, command, env=environment)
    _adopt_orphans()
    try:
        manager.loop()
    except _Overdue:
        pass
    except KeyError:
        # A stop before every process has reported its id: honcho raises for those without one.
        if not printer.received_stop:
            raise
    finally:
        signal.alarm(0)
    if printer.ended_first is None:
        return 0
    say_error(f"{printer.ended_first} ended by itself, so everything is stopped; its last lines above say why.")
    return 1


class _Overdue(Exception):
    """A process is still running when the time to stop is over."""


class _Manager(Manager):
    """Honcho's manager, except that it does not wait forever for a process that stays or that its child outlives."""

    def terminate(self) -> None:
        signal.signal(signal.SIGALRM, self._give_up)
        signal.alarm(_PATIENCE_SECONDS)
        super().terminate()

    def kill(self) -> None:
        raise _Overdue

    def _give_up(self, _number: int, _frame: object) -> None:
        raise _Overdue


def _database(chosen: Settings) -> EmbeddedPostgres:
    return EmbeddedPostgres(chosen.data_dir, chosen.embedded_db_user)


def _release(command: str, environment: Mapping[str, str]) -> None:
    say("Migrating …")
    done = subprocess.run(command, shell=True, env=environment, capture_output=True, text=True)  # noqa: S602  # ours
    if done.returncode != 0:
        raise ConfigError(done.stderr.strip() or f"`{command}` failed.")


def _adopt_orphans() -> None:
    """Keep grandchildren as descendants when the process between dies (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _main(arguments: list[str]) -> int:
    os.chdir(ROOT)
    try:
        if arguments == ["forget"]:
            forget()
            return 0
        return run()
    except XenoError as error:
        say_error(f"{error}")
        return 1
    except KeyboardInterrupt:
        say("Stopped before everything had started.")
        return 130


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
