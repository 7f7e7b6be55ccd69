"""The embedded PostgreSQL on real directories and real processes: started, killed, found again, closed to others.

Run by root, these tests also cover what root needs; run by anybody else, those are skipped.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
import psycopg
import pytest
from sqlalchemy import create_engine, text

from core.database.embedded import EmbeddedPostgres, running_url
from core.database.embedded.home import Home, find_home, shipped_programs
from core.database.embedded.postmaster import find_server
from core.errors import ConfigError, DatabaseUnavailable

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


@pytest.fixture
def room() -> Iterator[Path]:
    """A directory that every OS user can pass through, unlike pytest's own."""
    with _room() as made:
        yield made


@pytest.fixture(scope="module")
def shared_room() -> Iterator[Path]:
    with _room() as made:
        yield made


@pytest.fixture
def data(shared_room: Path) -> Path:
    """The data directory of `server`: one for all tests that leave it whole, because making one takes a second."""
    return shared_room / "data"


@pytest.fixture
def server(data: Path) -> EmbeddedPostgres:
    """A running server with an empty database."""
    server = _server(data)
    with psycopg.connect(server.start()) as connection:
        connection.execute("DROP TABLE IF EXISTS notes")
    return server


def test_what_was_written_is_there_after_a_stop_and_a_start(server: EmbeddedPostgres) -> None:
    _write(server.url, "kept")
    server.stop()
    assert not server.running()
    assert _read(server.start()) == ["kept"]


def test_the_database_is_made_as_we_want_it(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.url) as connection:
        assert _one(connection, "SHOW server_version").startswith("18.")
        assert _one(connection, "SELECT current_database()") == "xeno"
        assert _one(connection, "SHOW server_encoding") == "UTF8"
        assert _one(connection, "SELECT datlocale FROM pg_database WHERE datname = 'xeno'") == "C.UTF-8"
        assert _one(connection, "SHOW data_checksums") == "on"
        assert _one(connection, "SHOW listen_addresses") == ""
        assert _one(connection, "SHOW max_connections") == "200"
        assert _one(connection, "SELECT lower('ÄÉŁ')") == "äéł"


def test_a_start_beside_a_running_server_attaches_to_it(server: EmbeddedPostgres, data: Path) -> None:
    before = _pid(data)
    assert _server(data).start() == server.url
    assert _pid(data) == before


def test_other_processes_find_the_address_only_while_the_server_runs(room: Path) -> None:
    assert running_url(room / "data") is None
    server = _server(room / "data")
    url = server.start()
    assert running_url(room / "data", "postgres") == url == server.url
    server.stop()
    assert running_url(room / "data") is None
    with pytest.raises(DatabaseUnavailable, match="start it first"):
        _ = server.url


def test_two_first_starts_at_once_are_one(room: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        launchers = [pool.submit(_launch, room / "data", 0) for _ in range(2)]
        urls = {launcher.result().communicate(timeout=60)[0] for launcher in launchers}
    assert len(urls) == 1
    postmasters = [p for p in psutil.process_iter() if _is_postmaster(p, room / "data")]
    assert len(postmasters) == 1


def test_a_stop_returns_when_the_server_is_gone_and_a_second_is_harmless(
    server: EmbeddedPostgres, data: Path
) -> None:
    pid = _pid(data)
    server.stop()
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    server.stop()
    _server(data.parent / "never-started").stop()
    assert not (data.parent / "never-started").exists()


def test_committed_rows_survive_kill_9_of_the_server(server: EmbeddedPostgres, data: Path) -> None:
    _write(server.url, "committed")
    _kill(_pid(data))
    assert not server.running()
    assert (_home(data).path / "pgdata" / "postmaster.pid").exists(), "the dead server's lock is still there"
    assert _read(server.start()) == ["committed"]


def test_a_start_waits_for_the_last_statement_of_a_killed_server(server: EmbeddedPostgres, data: Path) -> None:
    # A loop that never waits does not notice that its server died; nobody else may touch the files until it ends.
    busy = "DO $$ BEGIN WHILE clock_timestamp() < now() + interval '3 s' LOOP END LOOP; END $$"
    statement = threading.Thread(target=_ignoring_the_end, args=(server.url, busy))
    statement.start()
    _wait_for_statement(server.url, "DO $$%")
    _kill(_pid(data))
    with psycopg.connect(server.start()) as connection:
        assert _one(connection, "SELECT 'served again'") == "served again"
    statement.join()


def test_a_lock_whose_process_number_now_belongs_to_another_program_is_cleared(
    server: EmbeddedPostgres, data: Path
) -> None:
    home = _home(data)
    _kill(_pid(data))
    stranger = subprocess.Popen(["sleep", "60"], **_as(home))
    try:
        for lock in (home.path / "pgdata" / "postmaster.pid", home.path / "socket" / ".s.PGSQL.5432.lock"):
            _, _, rest = lock.read_text().partition("\n")
            lock.write_text(f"{stranger.pid}\n{rest}")
        assert not server.running()
        server.start()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_killed_launcher_leaves_a_server_that_the_next_start_finds(room: Path) -> None:
    launcher = _launch(room / "data", 60)
    url = launcher.stdout.readline().strip() if launcher.stdout else ""
    launcher.kill()
    launcher.communicate()
    pid = _pid(room / "data")
    assert _server(room / "data").start() == url
    assert _pid(room / "data") == pid


def test_ctrl_c_in_the_terminal_does_not_reach_the_server(room: Path) -> None:
    launcher = _launch(room / "data", 60, process_group=0)
    assert launcher.stdout
    launcher.stdout.readline()
    os.killpg(launcher.pid, signal.SIGINT)
    launcher.communicate()
    time.sleep(0.2)
    assert _server(room / "data").running()
    assert os.getsid(_pid(room / "data")) != os.getsid(0)


def test_ctrl_c_during_the_first_start_leaves_no_process_and_the_next_start_works(room: Path) -> None:
    for moment in (0.4, 0.9):
        launcher = _launch(room / "data", 60, process_group=0)
        time.sleep(moment)
        os.killpg(launcher.pid, signal.SIGINT)
        launcher.communicate(timeout=30)
        _server(room / "data").stop()
    with psycopg.connect(_server(room / "data").start()) as connection:
        assert _one(connection, "SELECT 'whole'") == "whole"


def test_files_of_an_unfinished_first_start_are_replaced(room: Path) -> None:
    server = _server(room / "data")
    server.start()
    server.stop()
    home = _home(room / "data")
    (home.path / "pgdata").rename(home.path / "pgdata.new")
    (home.path / "pgdata.new" / "PG_VERSION").unlink()
    assert _read_tables(server.start()) == 0


@pytest.mark.parametrize("name", ["d" * 120, "a, b: c+d %41 'q' \"r\" $(touch x) ü"])
def test_any_name_of_a_directory_will_do(room: Path, name: str) -> None:
    server = _server(room / name)
    url = server.start()
    _write(url, "by libpq")
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT said FROM notes")) == "by libpq"
    engine.dispose()
    assert running_url(room / name, "postgres") == url
    socket_dir = Path(parse_qs(urlsplit(url).query)["host"][0])
    assert stat.S_IMODE(socket_dir.stat().st_mode) == 0o700
    server.stop()
    assert socket_dir.is_relative_to(room) or not socket_dir.exists()


def test_variables_of_libpq_in_the_environment_change_nothing(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PGPORT": "6543", "PGDATA": "/nowhere", "PGHOST": "nowhere", "PGDATABASE": "other"}.items():
        monkeypatch.setenv(name, value)
    with psycopg.connect(_server(room / "data").start()) as connection:
        assert _one(connection, "SELECT current_database()") == "xeno"


def test_a_failed_start_ends_with_what_the_server_said(room: Path) -> None:
    server = _server(room / "data")
    server.start()
    server.stop()
    with (_home(room / "data").path / "pgdata" / "postgresql.conf").open("a") as conf:
        conf.write("nonsense = 1\n")
    with pytest.raises(DatabaseUnavailable, match='unrecognized configuration parameter "nonsense"'):
        server.start()


def test_the_files_and_the_socket_are_closed_to_other_os_users(server: EmbeddedPostgres, data: Path) -> None:
    home = _home(data)
    for place in (home.path, home.path / "pgdata", home.path / "socket"):
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
        assert place.stat().st_uid == home.uid
    assert home.uid != 0
    assert stat.S_IMODE((home.path / "socket" / ".s.PGSQL.5432").stat().st_mode) == 0o700
    assert stat.S_IMODE((home.path / "server.log").stat().st_mode) & 0o077 == 0


def as_role(server: EmbeddedPostgres, data: Path, role: str, **changes: str) -> psycopg.Connection:
    url = running_url(data, role)
    assert url
    return psycopg.connect(url, autocommit=True, **changes)  # type: ignore[arg-type]


ESCAPES = (
    "SET ROLE NONE",
    "RESET ROLE",
    "SET ROLE postgres",
    "SET ROLE xeno_owner",
    "SET SESSION AUTHORIZATION postgres",
    "RESET SESSION AUTHORIZATION",
    "ALTER ROLE xeno_login BYPASSRLS",
    "GRANT xeno_owner TO xeno_login",
    "CREATE ROLE another SUPERUSER",
    "COPY secrets FROM '/etc/passwd'",
    "COPY (SELECT 1) TO PROGRAM 'id'",
    "SELECT pg_read_file('postgresql.conf')",
    "SELECT lo_import('/etc/passwd')",
    "ALTER SYSTEM SET log_statement = 'all'",
    "ALTER TABLE secrets DISABLE ROW LEVEL SECURITY",
    "CREATE POLICY mine ON secrets USING (true)",
    "SET row_security = off",
    "SELECT passwd FROM pg_shadow",
)


@pytest.mark.parametrize("escape", ESCAPES)
def test_the_login_that_serves_reaches_no_other_tenant_whatever_it_sets(
    server: EmbeddedPostgres, data: Path, escape: str
) -> None:
    with as_role(server, data, "xeno_owner") as owner:
        owner.execute("DROP TABLE IF EXISTS secrets; CREATE TABLE secrets (tenant_id bigint)")
        owner.execute("INSERT INTO secrets VALUES (1); ALTER TABLE secrets ENABLE ROW LEVEL SECURITY")
        owner.execute("ALTER TABLE secrets FORCE ROW LEVEL SECURITY; GRANT SELECT ON secrets TO xeno_app")
    with as_role(server, data, "xeno_login") as served:
        with suppress(psycopg.Error):
            served.execute(escape.encode())
        with suppress(psycopg.errors.InsufficientPrivilege):
            assert served.execute("SELECT * FROM secrets").fetchall() == []
        assert _one(served, "SELECT current_user") == "xeno_login"
        assert _one(served, "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user") is False


def test_each_role_is_asked_for_its_password_and_no_address_has_it(server: EmbeddedPostgres, data: Path) -> None:
    file = _home(data).path / "passwords"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    passwords = [line.rsplit(":", 1)[1] for line in file.read_text().splitlines()]
    assert len(set(passwords)) == 3
    for role in ("postgres", "xeno_owner", "xeno_login"):
        assert not [word for word in passwords if word in str(running_url(data, role))]
        with pytest.raises(psycopg.OperationalError, match=r"no password supplied|password authentication failed"):
            as_role(server, data, role, passfile="/dev/null")
    log = (_home(data).path / "server.log").read_text()
    assert not [word for word in passwords if word in log]


def test_lost_passwords_are_replaced_by_the_next_start(server: EmbeddedPostgres, data: Path) -> None:
    (_home(data).path / "passwords").unlink()
    server.start()
    with as_role(server, data, "xeno_login") as served:
        assert _one(served, "SELECT 1") == 1


def test_a_cluster_of_an_older_version_is_brought_over_in_place(room: Path) -> None:
    """There, the superuser served and owned everything, and nobody was asked for a password."""
    data = room / "data"
    server = _server(data)
    _make_older(server, data)
    server.stop()
    server.start()

    assert _command(data, "migrate") == (0, "")
    assert _command(data, "check") == (0, "")
    with as_role(server, data, "xeno_login") as served:
        assert _one(served, "SELECT count(*) FROM tenants") == 1
        owners = "SELECT DISTINCT relowner::regrole::text FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        assert served.execute(owners).fetchall() == [("xeno_owner",)]
    with pytest.raises(psycopg.OperationalError):
        as_role(server, data, "postgres", passfile="/dev/null")


def test_what_is_migrated_by_the_owner_is_served_by_the_login_without_stepping_down(room: Path) -> None:
    server = _server(room / "data")
    server.start()
    assert _command(room / "data", "migrate") == (0, "")
    program = "from core import database; print(database.pools().role, database.database_url().username)"
    done = subprocess.run(
        [sys.executable, "-c", program], env=_settings(room / "data"), capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["None", "xeno_login"]


def _make_older(server: EmbeddedPostgres, data: Path) -> None:
    """What a server of an older version left: everything of the superuser's, and `trust`."""
    server.start()
    with psycopg.connect(server.url.replace("/xeno?", "/postgres?"), autocommit=True) as superuser:
        superuser.execute("DROP DATABASE xeno")
        superuser.execute("CREATE DATABASE xeno")
        superuser.execute("DROP ROLE xeno_owner, xeno_login, xeno_app")
        superuser.execute("ALTER ROLE postgres PASSWORD NULL")
        (_home(data).path / "pgdata" / "pg_hba.conf").write_text("local all all trust\n")
        superuser.execute("SELECT pg_reload_conf()")
    (_home(data).path / "passwords").unlink()
    address = server.url.partition("&passfile=")[0]
    _until(lambda: not psycopg.connect(address).close())
    assert _command(data, "migrate", DATABASE_URL=address) == (0, "")
    with psycopg.connect(address, autocommit=True) as superuser:
        superuser.execute("INSERT INTO tenants (name) VALUES ('Acme')")


def _until(works: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            works()
            return
        except psycopg.OperationalError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def _settings(data: Path) -> dict[str, str]:
    return {"DATA_DIR": str(data), "SECRET_KEY": "k" * 32, "PATH": "", "HOME": "/nowhere"}


def _command(data: Path, command: str, **settings: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "core.database", command],
        env=_settings(data) | settings,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stderr


@only_root
def test_another_os_user_cannot_connect(server: EmbeddedPostgres) -> None:
    stranger = _as_nobody(STRANGER, server.url)
    assert stranger.returncode == 1
    assert stranger.stderr.strip() == "refused"


def test_erase_leaves_nothing(room: Path) -> None:
    server = _server(room / "data")
    server.start()
    home = _home(room / "data")
    server.erase()
    assert not home.path.exists()
    assert list((room / "data").iterdir()) == []
    server.erase()


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


@only_root
def test_a_project_below_a_closed_directory_keeps_its_data_elsewhere_and_stays_closed(room: Path) -> None:
    closed = room / "closed"
    (closed / "project").mkdir(parents=True)
    closed.chmod(0o700)
    before = _modes(closed)
    server = _server(closed / "project" / "data", room)
    _write(server.start(), "kept")
    assert _home(closed / "project" / "data").path.parent == room / "state"
    server.stop()
    assert _read(server.start()) == ["kept"]
    assert {path: mode for path, mode in _modes(closed).items() if path in before} == before
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
    before = _modes(closed)
    monkeypatch.syspath_prepend(closed)
    for name in ("one", "two"):
        with psycopg.connect(_server(room / name, room).start()) as connection:
            assert _one(connection, "SELECT 1") == 1
    copies = list((room / "state").iterdir())
    assert len(copies) == 1
    assert Path(psutil.Process(_pid(room / "two")).exe()).is_relative_to(copies[0])
    assert _modes(closed) == before


@only_root
def test_an_ordinary_user_starts_one_too_and_root_serves_it_as_that_user(room: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    (room / "theirs").mkdir()
    os.chown(room / "theirs", nobody.pw_uid, nobody.pw_gid)
    data_dir = room / "theirs" / "data"
    started = _as_nobody(LAUNCHER, data_dir, room / "state", 0)
    assert started.returncode == 0, started.stderr
    assert psutil.Process(_pid(data_dir)).username() == "nobody"
    server = _server(data_dir, room)
    server.stop()
    _write(server.start(), "by root")
    assert psutil.Process(_pid(data_dir)).username() == "nobody"


@only_root
def test_an_ordinary_user_is_told_that_the_files_are_roots(server: EmbeddedPostgres, data: Path) -> None:
    refused = _as_nobody(LAUNCHER, data, data.parent / "state", 0)
    assert refused.returncode == 1
    assert "is not open to this OS user; set DATA_DIR" in refused.stderr.splitlines()[-1]


@only_root
def test_root_is_told_about_files_that_postgresql_would_refuse(room: Path) -> None:
    server = _server(room / "data")
    server.start()
    server.stop()
    os.chown(_home(room / "data").path, 0, 0)
    with pytest.raises(ConfigError, match=r"belong to root.*chown -R xeno-db"):
        server.start()


@only_root
@pytest.mark.parametrize("name", ["root", "../etc", "-G sudo"])
def test_the_os_user_must_be_an_unprivileged_one(room: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="OS user"):
        EmbeddedPostgres(room / "data", os_user=name).start()


def test_a_data_directory_that_cannot_be_made_is_one_sentence(room: Path) -> None:
    (room / "file").write_text("not a directory")
    with pytest.raises(ConfigError, match="set DATA_DIR to a directory that you may write"):
        _server(room / "file" / "data").start()


@contextmanager
def _room() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="xeno-test-"))
    made.chmod(0o755)
    try:
        yield made
    finally:
        for home in list(made.rglob("postgres")):
            if (home / "pgdata").exists():
                EmbeddedPostgres(home.parent).erase()
        shutil.rmtree(made)


def _server(data_dir: Path, room: Path | None = None) -> EmbeddedPostgres:
    return EmbeddedPostgres(data_dir, state_dir=(room or data_dir.parent) / "state")


def _launch(data_dir: Path, stays: float, **options: int) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", LAUNCHER, str(data_dir), str(data_dir.parent / "state"), str(stays)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(arguments, **pipes, **options)  # type: ignore[call-overload]


def _as_nobody(script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    for python in (sys.executable, "/usr/bin/python3"):
        if _run_as_nobody(python, "import core.database.embedded").returncode == 0:
            return _run_as_nobody(python, script, *map(str, arguments))
    pytest.skip("this checkout, or its Python, is closed to other OS users")


def _run_as_nobody(python: str, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
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


def _as(home: Home) -> dict[str, object]:
    return {"user": home.uid, "group": home.gid, "extra_groups": []} if AS_ROOT else {}


def _home(data_dir: Path) -> Home:
    home = find_home(data_dir)
    assert home
    return home


def _pid(data_dir: Path) -> int:
    server = find_server(_home(data_dir))
    assert server
    return server.pid


def _kill(pid: int) -> None:
    process = psutil.Process(pid)
    process.kill()
    process.wait(10)


def _is_postmaster(process: psutil.Process, data_dir: Path) -> bool:
    try:
        parent = process.parent()
        return (
            process.name() == "postgres"
            and Path(process.cwd()).is_relative_to(data_dir)
            and not (parent and parent.name() == "postgres")
        )
    except psutil.Error:
        return False


def _write(url: str, said: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE notes (said text)")
        connection.execute("INSERT INTO notes VALUES (%s)", [said])


def _read(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [said for (said,) in connection.execute("SELECT said FROM notes")]


def _read_tables(url: str) -> object:
    with psycopg.connect(url) as connection:
        return _one(connection, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")


def _one(connection: psycopg.Connection, query: str) -> object:
    row = connection.execute(query).fetchone()  # type: ignore[arg-type]
    assert row
    return row[0]


def _ignoring_the_end(url: str, statement: str) -> None:
    with suppress(psycopg.OperationalError), psycopg.connect(url) as connection:
        connection.execute(statement)  # type: ignore[arg-type]


def _wait_for_statement(url: str, pattern: str) -> None:
    active = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE %s"
    with psycopg.connect(url, autocommit=True) as connection:
        while connection.execute(active, [pattern]).fetchone() == (0,):
            time.sleep(0.02)


def _modes(directory: Path) -> dict[Path, int]:
    return {path: path.lstat().st_mode for path in (directory, *directory.rglob("*"))}
