"""The command behind `make run`: the whole product with a demo store in one terminal, and nothing left at the end.

It checks what could be in the way, starts the embedded PostgreSQL where no DATABASE_URL is set, migrates, and runs
the Procfile's processes with honcho until Ctrl-C, SIGTERM or a closed terminal, or until one of them ends by itself.
With the argument `forget` it deletes the demo's data instead.
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
from core.demo.terminal import UNPREFIXED, DemoPrinter, complain, say
from core.errors import ConfigError, XenoError
from core.simulator.defaults import SCOPES

ROOT = Path(__file__).parents[2]
JOURNAL = "simulator.jsonl"
"""What the simulator sold, in the data directory."""

SERVICES = ("web", "webhooks", "worker", "simulator")
"""The lines of the Procfile that the demo runs, after `release`."""

_PATIENCE_SECONDS = 6
_PR_SET_CHILD_SUBREAPER = 36


def run() -> int:
    """Run the demo until it is stopped (0), or until a process of it ends by itself (1).

    Raises:
        XenoError: it could not start; nothing is left running.
    """
    make_secret_key(Path(".env"), os.environ)
    chosen = settings()
    check_ports(chosen)
    make_data_dir(chosen.data_dir)
    own_database = _database(chosen) if chosen.database_url is None else None
    with nothing_left_behind(own_database.stop if own_database else lambda: None):
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
    """Delete the embedded database and what the simulator sold. A database of DATABASE_URL is not touched.

    Raises:
        ConfigError: it runs, so somebody may be using it.
    """
    database = _database(settings())
    if database.running():
        raise ConfigError(
            "The embedded database runs; stop the demo first, or `python -m core.database.embedded stop`"
        )
    database.erase()
    (settings().data_dir / JOURNAL).unlink(missing_ok=True)


def make_secret_key(env_file: Path, environment: Mapping[str, str]) -> None:
    """Make `env_file`, for its owner's eyes alone, with a new SECRET_KEY, where neither it nor the variable is there.

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
            f"{env_file} cannot be made ({error.strerror}); set SECRET_KEY in the environment"
        ) from error
    with open(descriptor, "w") as file:
        file.write(text)


def check_ports(chosen: Settings) -> None:
    """Raise ConfigError where a port of the demo is taken, or one is named twice."""
    names = ("dashboard_port", "webhook_port", "simulator_port")
    ports = {name.upper(): getattr(chosen, name) for name in names}
    if len(set(ports.values())) < len(ports):
        raise ConfigError(f"{', '.join(ports)} must be three different ports")
    for name, port in ports.items():
        with socket.socket() as probe:
            # As servers do: what lingers of a run that just ended is no hindrance.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                taken = error.errno == errno.EADDRINUSE
                why = f"is in use{_by_whom(port)}: stop that" if taken else f"cannot be used ({error.strerror})"
                raise ConfigError(f"Port {port} {why}, or choose another with {name}") from None


def _by_whom(port: int) -> str:
    """The process that listens there, where this user may know it."""
    with suppress(psutil.Error):
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,)
            if listens and connection.pid:
                return f" by process {connection.pid} ({psutil.Process(connection.pid).name()})"
    return ""


def process_environment(chosen: Settings, environment: Mapping[str, str]) -> dict[str, str]:
    """The variables of the demo's processes: the caller's, with the simulator as Shopify unless set otherwise."""
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
        "PORT": str(chosen.dashboard_port),  # not one that a shell happens to export
        "WEBHOOK_PORT": str(chosen.webhook_port),
        "SIMULATOR_PORT": str(chosen.simulator_port),
        "DATA_DIR": str(chosen.data_dir.absolute()),
        "PYTHONUNBUFFERED": "1",
    }
    left_open = {name: value for name, value in demo.items() if name.lower() not in chosen.model_fields_set}
    return {**environment, **left_open, **fixed, **mark_run()}


@contextmanager
def nothing_left_behind(stop_database: Callable[[], None]) -> Iterator[None]:
    """At the end, however it comes, every process that descends from this one has ended, and then the database."""

    def unwind(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    def pass_on(_number: int, _frame: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)  # which honcho knows, unlike SIGHUP

    signal.signal(signal.SIGTERM, unwind)
    signal.signal(signal.SIGHUP, pass_on)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not cut this short
        end_descendants()
        stop_database()


def serve(commands: Mapping[str, str], environment: dict[str, str]) -> int:
    """Run these commands by name until stopped (0), or until one of them ends and takes the rest along (1)."""
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
        # Told to stop before every process had reported its id: honcho stumbles over those that had not.
        if not printer.told_to_stop:
            raise
    finally:
        signal.alarm(0)
    if printer.ended_first is None:
        return 0
    complain(f"{printer.ended_first} ended by itself, so everything is stopped; its last lines above say why.")
    return 1


class _Overdue(Exception):
    """Not everything ended in time after the signal to stop."""


class _Manager(Manager):
    """Honcho's, except that it does not wait for ever for a process that stays, or that another one outlives."""

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
        raise ConfigError(done.stderr.strip().removesuffix(".") or f"`{command}` failed")


def _adopt_orphans() -> None:
    """Where a process between us and its child dies, the child stays our descendant (Linux)."""
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
        complain(f"{error}.")
        return 1
    except KeyboardInterrupt:
        say("Stopped before everything had started.")
        return 130


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
