"""One attacked installation for the whole run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.attack.target import Target, attacked, psycopg_url
from tests.conftest import own_database
from tests.end_to_end.processes import ROOT, SECRET_KEY
from tests.workers import TALLY


@pytest.fixture(scope="session")
def target(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """Receiver, dashboard, worker and two stores. All attacks share them, so each leaves them unchanged."""
    with own_database(database_url) as url:
        env = {"DATABASE_URL": url, "SECRET_KEY": SECRET_KEY, "PYTHONPATH": str(ROOT)}
        subprocess.run([sys.executable, "-m", "core.database", "migrate"], cwd=ROOT, env=env, check=True, timeout=120)
        with attacked(psycopg_url(url), tmp_path_factory.mktemp("attack"), TALLY) as attacked_target:
            yield attacked_target
            assert TALLY.lose(attacked_target.lost()) == 0, "acknowledged deliveries are stored"
