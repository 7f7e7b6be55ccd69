"""The embedded PostgreSQL is closed to other OS users, and serves root and ordinary users."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
from pathlib import Path

import psutil
import psycopg
import pytest

from core.database.embedded import EmbeddedPostgres
from core.database.embedded.home import shipped_programs
from core.errors import ConfigError
from tests.core.database.embedded.servers import (
    LAUNCHER,
    STRANGER,
    home_of,
    modes_below,
    new_server,
    only_root,
    pid_of,
    read_notes,
    run_as_nobody,
    value_of,
    write_note,
)


def test_the_files_and_the_socket_are_closed_to_other_os_users(server: EmbeddedPostgres, data: Path) -> None:
    home = home_of(data)
    for place in (home.path, home.path / "pgdata", home.path / "socket"):
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
        assert place.stat().st_uid == home.uid
    assert home.uid != 0
    assert stat.S_IMODE((home.path / "socket" / ".s.PGSQL.5432").stat().st_mode) == 0o700
    assert stat.S_IMODE((home.path / "server.log").stat().st_mode) & 0o077 == 0


@only_root
def test_another_os_user_cannot_connect(server: EmbeddedPostgres) -> None:
    stranger = run_as_nobody(STRANGER, server.url)
    assert stranger.returncode == 1
    assert stranger.stderr.strip() == "refused"


@only_root
def test_a_project_below_a_closed_directory_keeps_its_data_elsewhere_and_stays_closed(room: Path) -> None:
    closed = room / "closed"
    (closed / "project").mkdir(parents=True)
    closed.chmod(0o700)
    before = modes_below(closed)
    server = new_server(closed / "project" / "data", room)
    write_note(server.start(), "kept")
    assert home_of(closed / "project" / "data").path.parent == room / "state"
    server.stop()
    assert read_notes(server.start()) == ["kept"]
    assert {path: mode for path, mode in modes_below(closed).items() if path in before} == before
    server.erase()
    assert not list((room / "state").glob("postgres-*"))


@only_root
def test_programs_that_the_servers_user_cannot_reach_are_copied_once(
    room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = room / "closed"
    package = shipped_programs().parents[1]
    shutil.copytree(package, closed / package.name)
    shutil.copytree(package.with_name(f"{package.name}.libs"), closed / f"{package.name}.libs")
    closed.chmod(0o700)
    before = modes_below(closed)
    monkeypatch.syspath_prepend(closed)
    for name in ("one", "two"):
        with psycopg.connect(new_server(room / name, room).start()) as connection:
            assert value_of(connection, "SELECT 1") == 1
    copies = list((room / "state").iterdir())
    assert len(copies) == 1
    assert Path(psutil.Process(pid_of(room / "two")).exe()).is_relative_to(copies[0])
    assert modes_below(closed) == before


@only_root
def test_an_ordinary_user_starts_one_too_and_root_serves_it_as_that_user(room: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    (room / "theirs").mkdir()
    os.chown(room / "theirs", nobody.pw_uid, nobody.pw_gid)
    data_dir = room / "theirs" / "data"
    started = run_as_nobody(LAUNCHER, data_dir, room / "state", 0)
    assert started.returncode == 0, started.stderr
    assert psutil.Process(pid_of(data_dir)).username() == "nobody"
    server = new_server(data_dir, room)
    server.stop()
    write_note(server.start(), "by root")
    assert psutil.Process(pid_of(data_dir)).username() == "nobody"


@only_root
def test_an_ordinary_user_reads_that_the_files_belong_to_root(server: EmbeddedPostgres, data: Path) -> None:
    refused = run_as_nobody(LAUNCHER, data, data.parent / "state", 0)
    assert refused.returncode == 1
    assert "is not open to this OS user; set DATA_DIR" in refused.stderr.splitlines()[-1]


@only_root
def test_root_reads_about_files_that_postgresql_would_refuse(room: Path) -> None:
    server = new_server(room / "data")
    server.start()
    server.stop()
    os.chown(home_of(room / "data").path, 0, 0)
    with pytest.raises(ConfigError, match=r"belong to root.*chown -R xeno-db"):
        server.start()


@only_root
@pytest.mark.parametrize("name", ["root", "../etc", "-G sudo"])
def test_the_os_user_must_be_an_unprivileged_one(room: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="OS user"):
        EmbeddedPostgres(room / "data", os_user=name).start()
