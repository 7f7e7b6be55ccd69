"""`make run`: its refusals, the environment of its processes, and that no process is left running."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import psutil
import pytest

from core.config import Settings
from core.database.embedded import EmbeddedPostgres
from core.demo.run import JOURNAL, SERVICES, check_ports, make_secret_key, process_environment
from core.demo.terminal import framed
from core.errors import ConfigError

ROOT = Path(__file__).parents[3]
PASSWORD = "hunter2-hunter2"

SUPERVISOR = """
import os, psutil, sys
from pathlib import Path
from core.demo.shutdown import mark_run
from core.demo.run import clean_shutdown, serve

def stop_database():
    others = [p for p in psutil.Process().children(recursive=True) if p.status() != psutil.STATUS_ZOMBIE]
    Path(os.environ["FOLDER"], "database-stopped").write_text(f"beside {len(others)} others")

commands = dict(pair.split("=", 1) for pair in sys.argv[1:])
with clean_shutdown(stop_database):
    code = serve(commands, {**os.environ, **mark_run()})
sys.exit(code)
"""
GUARD = f"""
touch $FOLDER/guard
exec {sys.executable} -c '
import os
from pathlib import Path
from core.demo.shutdown import end_run_after_starter
end_run_after_starter(Path(os.environ["FOLDER"], "database-stopped").touch)'
"""
# Each writes that it runs: an ordinary one, one with a child of its own, one that ignores SIGTERM, one whose child
# has left its process group.
SERVICE = {
    "plain": "touch $FOLDER/plain; exec sleep 600",
    "parent": "sleep 600 & touch $FOLDER/parent; wait",
    "stubborn": "trap '' TERM; touch $FOLDER/stubborn; while true; do sleep 600; done",
    "escaped": "setsid sleep 600 & touch $FOLDER/escaped; wait",
}


Supervise = Callable[[dict[str, str]], "subprocess.Popen[str]"]


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Supervise]:
    """Run services under the demo's supervision, in a process of its own."""

    def start(services: dict[str, str]) -> subprocess.Popen[str]:
        pairs = [f"{name}={command}" for name, command in services.items()]
        return subprocess.Popen(
            [sys.executable, "-c", SUPERVISOR, *pairs],
            env={**os.environ, "FOLDER": str(tmp_path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    yield start
    for process in _of_this_test(tmp_path):
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_stop_ends_everything_and_the_database_last(
    tmp_path: Path, supervise: Supervise, number: signal.Signals
) -> None:
    # The stubborn and the escaped cost the demo's whole patience: once is enough.
    services = SERVICE if number == signal.SIGINT else {name: SERVICE[name] for name in ("plain", "parent")}
    supervisor = supervise(services)
    _wait_for(tmp_path, services)
    descendants = psutil.Process(supervisor.pid).children(recursive=True)
    assert len([process for process in descendants if process.name() == "sleep"]) == len(services)
    os.kill(supervisor.pid, number)
    output, errors = supervisor.communicate(timeout=30)
    assert supervisor.returncode == 0, output + errors
    assert _still_running(descendants) == []
    assert (tmp_path / "database-stopped").read_text() == "beside 0 others"


@pytest.mark.parametrize("after", [0.0, 0.03, 0.06, 0.1, 0.2])
def test_a_signal_while_starting_leaves_no_process(tmp_path: Path, supervise: Supervise, after: float) -> None:
    supervisor = supervise({"plain": SERVICE["plain"], "parent": SERVICE["parent"]})
    assert supervisor.stdout
    supervisor.stdout.readline()  # the first of them has started
    time.sleep(after)
    os.kill(supervisor.pid, signal.SIGINT)
    supervisor.communicate(timeout=30)
    assert _of_this_test(tmp_path) == []
    assert (tmp_path / "database-stopped").read_text() == "beside 0 others"


def test_a_process_that_ends_is_named_and_stops_the_rest(tmp_path: Path, supervise: Supervise) -> None:
    supervisor = supervise({"parent": SERVICE["parent"], "worker": "sleep 0.5; echo out of luck; exit 3"})
    output, errors = supervisor.communicate(timeout=30)
    assert supervisor.returncode == 1
    assert errors.strip() == (
        "worker (exit code 3) ended by itself, so everything is stopped; its last lines above say why."
    )
    assert "out of luck" in output
    assert _of_this_test(tmp_path) == []


def test_a_closed_terminal_ends_everything_although_nothing_can_be_printed(
    tmp_path: Path, supervise: Supervise
) -> None:
    talker = "touch $FOLDER/talker; while true; do echo still talking; sleep 0.05; done"
    supervisor = supervise({"talker": talker})
    _wait_for(tmp_path, ["talker"])
    assert supervisor.stdout
    assert supervisor.stderr
    supervisor.stdout.close()
    supervisor.stderr.close()
    time.sleep(0.3)
    os.kill(supervisor.pid, signal.SIGHUP)
    supervisor.wait(30)
    assert _of_this_test(tmp_path) == []
    assert (tmp_path / "database-stopped").read_text() == "beside 0 others"


def test_kill_9_of_the_starter_ends_everything_within_seconds(tmp_path: Path, supervise: Supervise) -> None:
    supervisor = supervise({"parent": SERVICE["parent"], "stubborn": SERVICE["stubborn"], "guard": GUARD})
    _wait_for(tmp_path, ["parent", "stubborn", "guard"])
    supervisor.kill()
    supervisor.communicate()
    deadline = time.monotonic() + 20
    while _of_this_test(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert _of_this_test(tmp_path) == []
    assert (tmp_path / "database-stopped").exists()


def test_a_port_in_use_is_one_sentence_that_names_it_and_its_process() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError) as refusal:
            check_ports(_settings(webhook_port=port))
    assert str(refusal.value).startswith(f"Port {port} is in use by process {os.getpid()} (")
    assert str(refusal.value).endswith("or choose another with WEBHOOK_PORT.")


def test_a_port_named_twice_is_refused() -> None:
    with pytest.raises(ConfigError, match="must be three different ports"):
        check_ports(_settings(webhook_port=8501))


def test_free_ports_pass_even_right_after_a_run(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)), server.accept()[0]:
            pass  # the server's side closes and lingers in TIME_WAIT
    check_ports(_settings(dashboard_port=port, webhook_port=_free_port(), simulator_port=_free_port()))


def test_a_first_run_makes_a_secret_key_for_its_owners_eyes(tmp_path: Path) -> None:
    make_secret_key(tmp_path / ".env", {})
    content = (tmp_path / ".env").read_text()
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    key = Settings(_env_file=tmp_path / ".env").secret_key.get_secret_value()  # type: ignore[call-arg]
    assert f"SECRET_KEY={key}" in content or os.environ.get("SECRET_KEY") == key
    make_secret_key(tmp_path / ".env", {})
    assert (tmp_path / ".env").read_text() == content, "a second run keeps the key: it opens what the first sealed"


def test_each_installation_gets_a_key_of_its_own_and_none_where_one_is_given(tmp_path: Path) -> None:
    for name in ("one", "two"):
        make_secret_key(tmp_path / name, {"SECRET_KEY": ""})
    assert (tmp_path / "one").read_text() != (tmp_path / "two").read_text()
    make_secret_key(tmp_path / "three", {"SECRET_KEY": "given"})
    assert not (tmp_path / "three").exists()


def test_the_demos_processes_speak_to_the_simulator_and_to_each_other() -> None:
    environment = process_environment(_settings(dashboard_port=1501, webhook_port=1502, simulator_port=1503), {})
    assert environment["SHOPIFY_ADMIN_URL"] == "http://127.0.0.1:1503/{shop}"
    assert environment["PUBLIC_WEBHOOK_URL"] == "http://127.0.0.1:1502"
    assert environment["PUBLIC_URL"] == "http://127.0.0.1:1501"
    assert environment["PORT"] == "1501"
    assert environment["DEMO"] == "true"
    assert Path(environment["DATA_DIR"]).is_absolute()


def test_the_user_s_settings_stay_but_an_exported_port_does_not_apply() -> None:
    given = {"SHOPIFY_ADMIN_URL": "https://{shop}", "DEMO": "false", "PORT": "3000", "DATABASE_URL": "postgresql://x"}
    chosen = _settings(shopify_admin_url="https://{shop}", demo=False, dashboard_port=1501)
    environment = process_environment(chosen, given)
    assert environment["SHOPIFY_ADMIN_URL"] == "https://{shop}"
    assert environment["DEMO"] == "false"
    assert environment["DATABASE_URL"] == "postgresql://x"
    assert environment["PORT"] == "1501"


def test_the_procfile_has_every_service_and_the_commands_find_their_program() -> None:
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    assert set(lines) == {"release", *SERVICES}
    path = process_environment(_settings(), dict(os.environ))["PATH"]
    for command in lines.values():
        program = command.removeprefix("exec ").split()[0]
        done = subprocess.run(
            ["sh", "-c", f"command -v {program}"], env={"PATH": path}, capture_output=True, text=True
        )
        assert done.stdout.startswith(str(Path(sys.executable).parent))


@pytest.mark.parametrize(
    ("database_url", "sentence"),
    [
        (f"postgresql://u:{PASSWORD}@127.0.0.1:1/xeno", "The database does not answer"),
        (f"mysql://u:{PASSWORD}@127.0.0.1/xeno", "must be a PostgreSQL address"),
        (f"not an address {PASSWORD}", "DATABASE_URL is not an address"),
    ],
)
def test_an_unreachable_database_is_one_sentence_without_its_password(
    tmp_path: Path, database_url: str, sentence: str
) -> None:
    refused = _run(tmp_path, DATABASE_URL=database_url)
    assert refused.returncode == 1
    assert sentence in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
    assert PASSWORD not in refused.stderr + refused.stdout


def test_a_port_in_use_ends_the_real_command_with_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = _run(tmp_path, SIMULATOR_PORT=str(taken.getsockname()[1]))
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert refused.stderr.count("\n") == 1
    assert "choose another with SIMULATOR_PORT" in refused.stderr


def test_the_demos_data_is_deleted_only_while_the_database_is_stopped(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path)
    server.start()
    (tmp_path / JOURNAL).touch()
    refused = _run(tmp_path, "forget")
    assert refused.returncode == 1
    assert "stop the demo first" in refused.stderr
    assert server.is_running()
    server.stop()
    assert _run(tmp_path, "forget").returncode == 0
    assert not (tmp_path / "postgres").exists()
    assert not (tmp_path / JOURNAL).exists()


def test_the_simulators_journal_is_where_it_is_deleted() -> None:
    assert f'--journal "${{DATA_DIR:-.data}}/{JOURNAL}"' in (ROOT / "Procfile").read_text()


def test_the_frame_is_straight() -> None:
    widths = {len(line) for line in framed(["short", "a longer line", ""]).splitlines()}
    assert len(widths) == 1


def _settings(**given: object) -> Settings:
    return Settings(_env_file=None, secret_key="k" * 32, **given)  # type: ignore[arg-type, call-arg]


def _run(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    ports = {name: str(_free_port()) for name in ("DASHBOARD_PORT", "WEBHOOK_PORT", "SIMULATOR_PORT")}
    environment = {**os.environ, "SECRET_KEY": "k" * 32, "DATA_DIR": str(folder), **ports, **settings}
    command = [sys.executable, "-m", "core.demo.run", *arguments]
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60)


def _wait_for(folder: Path, names: Iterable[str]) -> None:
    deadline = time.monotonic() + 20
    while not all((folder / name).exists() for name in names):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(0.1)


def _still_running(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def _of_this_test(folder: Path) -> list[psutil.Process]:
    """Return the running processes of this test."""
    running = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("FOLDER") == str(folder):
                running.append(process)
        except psutil.Error:
            continue
    return running


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
