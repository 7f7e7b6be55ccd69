"""One attacked installation for the whole run, and what came of all attacks at its end."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.attack.ground import Ground, attacked, psycopg_url
from tests.attack.tally import Tally
from tests.conftest import own_database
from tests.end_to_end.processes import ROOT, SECRET_KEY

TALLY = Tally()


@pytest.fixture(scope="session")
def ground(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """Receiver, dashboard, worker and two stores; shared by all attacks, so each leaves it as it was."""
    with own_database(database_url) as url:
        env = {"DATABASE_URL": url, "SECRET_KEY": SECRET_KEY, "PYTHONPATH": str(ROOT)}
        subprocess.run([sys.executable, "-m", "core.database", "migrate"], cwd=ROOT, env=env, check=True, timeout=120)
        with attacked(psycopg_url(url), tmp_path_factory.mktemp("attack"), TALLY) as made:
            yield made
            assert TALLY.lose(made.lost()) == 0, "what was acknowledged is kept"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what came of the attacks, where there were any."""
    if TALLY.attempts:
        terminalreporter.section("attacks")
        for line in TALLY.lines():
            terminalreporter.line(line)
