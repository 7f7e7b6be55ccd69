"""The embedded PostgreSQL is started, killed, attached to and stopped, by real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import psycopg
import pytest

from core.database.embedded import EmbeddedPostgres, running_url
from core.errors import DatabaseUnavailable
from tests.core.database.embedded.servers import (
    LAUNCHER,
    as_owner_of,
    count_tables,
    home_of,
    is_postmaster,
    kill,
    launch,
    new_server,
    pid_of,
    read_notes,
    run_until_lost,
    value_of,
    wait_for_statement,
    write_note,
)


def test_rows_survive_a_stop_and_a_start(server: EmbeddedPostgres) -> None:
    write_note(server.url, "kept")
    server.stop()
    assert not server.is_running()
    assert read_notes(server.start()) == ["kept"]


def test_a_start_beside_a_running_server_attaches_to_it(server: EmbeddedPostgres, data: Path) -> None:
    before = pid_of(data)
    assert new_server(data).start() == server.url
    assert pid_of(data) == before


def test_other_processes_find_the_address_only_while_the_server_runs(room: Path) -> None:
    assert running_url(room / "data") is None
    server = new_server(room / "data")
    url = server.start()
    assert running_url(room / "data", "postgres") == url == server.url
    server.stop()
    assert running_url(room / "data") is None
    with pytest.raises(DatabaseUnavailable, match="start it first"):
        _ = server.url


def test_two_first_starts_at_once_are_one(room: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        launchers = [pool.submit(launch, room / "data", 0) for _ in range(2)]
        urls = {launcher.result().communicate(timeout=60)[0] for launcher in launchers}
    assert len(urls) == 1
    postmasters = [p for p in psutil.process_iter() if is_postmaster(p, room / "data")]
    assert len(postmasters) == 1


def test_a_stop_returns_after_the_server_has_ended_and_a_second_is_harmless(
    server: EmbeddedPostgres, data: Path
) -> None:
    pid = pid_of(data)
    server.stop()
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    server.stop()
    new_server(data.parent / "never-started").stop()
    assert not (data.parent / "never-started").exists()


def test_committed_rows_survive_kill_9_of_the_server(server: EmbeddedPostgres, data: Path) -> None:
    write_note(server.url, "committed")
    kill(pid_of(data))
    assert not server.is_running()
    assert (home_of(data).path / "pgdata" / "postmaster.pid").exists(), "the dead server's lock is still there"
    assert read_notes(server.start()) == ["committed"]


def test_a_start_waits_for_the_last_statement_of_a_killed_server(server: EmbeddedPostgres, data: Path) -> None:
    # A loop that never waits does not notice that its server died. Until it ends, no other may touch the files.
    busy = "DO $$ BEGIN WHILE clock_timestamp() < now() + interval '3 s' LOOP END LOOP; END $$"
    statement = threading.Thread(target=run_until_lost, args=(server.url, busy))
    statement.start()
    wait_for_statement(server.url, "DO $$%")
    kill(pid_of(data))
    with psycopg.connect(server.start()) as connection:
        assert value_of(connection, "SELECT 'served again'") == "served again"
    statement.join()


def test_a_lock_whose_process_number_now_belongs_to_another_program_is_cleared(
    server: EmbeddedPostgres, data: Path
) -> None:
    home = home_of(data)
    kill(pid_of(data))
    stranger = subprocess.Popen(["sleep", "60"], **as_owner_of(home))
    try:
        for lock in (home.path / "pgdata" / "postmaster.pid", home.path / "socket" / ".s.PGSQL.5432.lock"):
            _, _, rest = lock.read_text().partition("\n")
            lock.write_text(f"{stranger.pid}\n{rest}")
        assert not server.is_running()
        server.start()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_killed_launcher_leaves_a_server_that_the_next_start_finds(room: Path) -> None:
    launcher = launch(room / "data", 60)
    url = launcher.stdout.readline().strip() if launcher.stdout else ""
    launcher.kill()
    launcher.communicate()
    pid = pid_of(room / "data")
    assert new_server(room / "data").start() == url
    assert pid_of(room / "data") == pid


def test_ctrl_c_in_the_terminal_does_not_reach_the_server(room: Path) -> None:
    launcher = launch(room / "data", 60, process_group=0)
    assert launcher.stdout
    launcher.stdout.readline()
    os.killpg(launcher.pid, signal.SIGINT)
    launcher.communicate()
    time.sleep(0.2)
    assert new_server(room / "data").is_running()
    assert os.getsid(pid_of(room / "data")) != os.getsid(0)


def test_ctrl_c_during_the_first_start_leaves_no_process_and_the_next_start_works(room: Path) -> None:
    for moment in (0.4, 0.9):
        launcher = launch(room / "data", 60, process_group=0)
        time.sleep(moment)
        os.killpg(launcher.pid, signal.SIGINT)
        launcher.communicate(timeout=30)
        new_server(room / "data").stop()
    with psycopg.connect(new_server(room / "data").start()) as connection:
        assert value_of(connection, "SELECT 'whole'") == "whole"


def test_files_of_an_unfinished_first_start_are_replaced(room: Path) -> None:
    server = new_server(room / "data")
    server.start()
    server.stop()
    home = home_of(room / "data")
    (home.path / "pgdata").rename(home.path / "pgdata.new")
    (home.path / "pgdata.new" / "PG_VERSION").unlink()
    assert count_tables(server.start()) == 0


def test_the_error_of_a_failed_start_ends_with_the_servers_log(room: Path) -> None:
    server = new_server(room / "data")
    server.start()
    server.stop()
    with (home_of(room / "data").path / "pgdata" / "postgresql.conf").open("a") as conf:
        conf.write("nonsense = 1\n")
    with pytest.raises(DatabaseUnavailable, match='unrecognized configuration parameter "nonsense"'):
        server.start()


def test_only_the_programs_of_the_package_are_used_its_python_is_never_imported(room: Path) -> None:
    script = LAUNCHER + "assert not [name for name in sys.modules if name.startswith('pixeltable')]"
    done = subprocess.run([sys.executable, "-c", script, room / "data", room / "state", "0"], capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


def test_the_operators_commands(room: Path) -> None:
    def command(*words: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "DATA_DIR": str(room / "data")}
        return subprocess.run(
            [sys.executable, "-m", "core.database.embedded", *words], env=environment, capture_output=True, text=True
        )

    url = command("start").stdout.strip()
    assert command("status").stdout.strip() == url
    assert command("psql", "-Atc", "SELECT 6 * 7").stdout.strip() == "42"
    assert command("stop").returncode == 0
    assert "start it first" in command("status").stderr
    assert command("nonsense").returncode == 1
