"""Embedded servers for tests: start them, connect to them, look at their files and processes.

Run by root, the tests also cover the cases that need root; for other users they are skipped.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from core.database.embedded import EmbeddedPostgres, running_url
from core.database.embedded.home import Home, find_home
from core.database.embedded.postmaster import find_server

AS_ROOT = os.geteuid() == 0


only_root = pytest.mark.skipif(not AS_ROOT, reason="about what root does")


LAUNCHER = """
import sys, time
from pathlib import Path
from core.database.embedded import EmbeddedPostgres
print(EmbeddedPostgres(Path(sys.argv[1]), state_dir=Path(sys.argv[2])).start(), flush=True)
time.sleep(float(sys.argv[3]))
"""


STRANGER = """
import psycopg, sys
try:
    psycopg.connect(sys.argv[1], connect_timeout=5)
except psycopg.OperationalError as error:
    sys.exit("refused" if "Permission denied" in str(error) else str(error))
"""


def connect_as(server: EmbeddedPostgres, data: Path, role: str, **changes: str) -> psycopg.Connection:
    url = running_url(data, role)
    assert url
    return psycopg.connect(url, autocommit=True, **changes)  # type: ignore[arg-type]


@contextmanager
def open_room() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="xeno-test-"))
    made.chmod(0o755)
    try:
        yield made
    finally:
        for home in list(made.rglob("postgres")):
            if (home / "pgdata").exists():
                EmbeddedPostgres(home.parent).erase()
        shutil.rmtree(made)


def new_server(data_dir: Path, room: Path | None = None) -> EmbeddedPostgres:
    return EmbeddedPostgres(data_dir, state_dir=(room or data_dir.parent) / "state")


def launch(data_dir: Path, stays: float, **options: int) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", LAUNCHER, str(data_dir), str(data_dir.parent / "state"), str(stays)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(arguments, **pipes, **options)  # type: ignore[call-overload]


def run_as_nobody(script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    for python in (sys.executable, "/usr/bin/python3"):
        if _run_with(python, "import core.database.embedded").returncode == 0:
            return _run_with(python, script, *map(str, arguments))
    pytest.skip("this checkout, or its Python, is closed to other OS users")


def _run_with(python: str, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    nobody = pwd.getpwnam("nobody")
    path = os.pathsep.join([str(Path.cwd()), *(place for place in sys.path if place.endswith("-packages"))])
    command = [python, "-c", script, *arguments]
    try:
        return subprocess.run(
            command,
            env={"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
            **{
                "capture_output": True,
                "text": True,
                "user": nobody.pw_uid,
                "group": nobody.pw_gid,
                "extra_groups": [],
            },
        )
    except PermissionError:
        return subprocess.CompletedProcess(command, 126, "", "")


def as_owner_of(home: Home) -> dict[str, object]:
    return {"user": home.uid, "group": home.gid, "extra_groups": []} if AS_ROOT else {}


def home_of(data_dir: Path) -> Home:
    home = find_home(data_dir)
    assert home
    return home


def pid_of(data_dir: Path) -> int:
    server = find_server(home_of(data_dir))
    assert server
    return server.pid


def kill(pid: int) -> None:
    process = psutil.Process(pid)
    process.kill()
    process.wait(10)


def is_postmaster(process: psutil.Process, data_dir: Path) -> bool:
    try:
        parent = process.parent()
        return (
            process.name() == "postgres"
            and Path(process.cwd()).is_relative_to(data_dir)
            and not (parent and parent.name() == "postgres")
        )
    except psutil.Error:
        return False


def write_note(url: str, said: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE notes (said text)")
        connection.execute("INSERT INTO notes VALUES (%s)", [said])


def read_notes(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [said for (said,) in connection.execute("SELECT said FROM notes")]


def count_tables(url: str) -> object:
    with psycopg.connect(url) as connection:
        return value_of(connection, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")


def value_of(connection: psycopg.Connection, query: str) -> object:
    row = connection.execute(query).fetchone()  # type: ignore[arg-type]
    assert row
    return row[0]


def run_until_lost(url: str, statement: str) -> None:
    with suppress(psycopg.OperationalError), psycopg.connect(url) as connection:
        connection.execute(statement)  # type: ignore[arg-type]


def wait_for_statement(url: str, pattern: str) -> None:
    active = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE %s"
    with psycopg.connect(url, autocommit=True) as connection:
        while connection.execute(active, [pattern]).fetchone() == (0,):
            time.sleep(0.02)


def modes_below(directory: Path) -> dict[Path, int]:
    return {path: path.lstat().st_mode for path in (directory, *directory.rglob("*"))}
