"""A short storm; `make storm MINUTES=30 SEED=7` is a long one."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.end_to_end.processes import ROOT

SEED = 20261121


@pytest.mark.timeout(1600)
def test_after_a_storm_all_rows_and_figures_are_shopifys_and_nobody_had_to_do_anything() -> None:
    command = [sys.executable, "-m", "tests.storm", "--minutes", "0.5", "--seed", str(SEED), "--orders", "150"]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=1500
    )
    assert done.returncode == 0, f"{done.stdout[-20_000:]}\n{done.stderr[-5_000:]}"
    assert "lost:     nothing" in done.stdout
