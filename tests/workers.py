"""How `make test` shares the suite among its worker processes (a plugin for pytest-xdist)."""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadFileScheduling

from tests.attack.tally import Tally

TOGETHER = ("tests/attack/",)
"""Folders whose tests share one costly installation."""

TALLY = Tally()
"""The attacks of this process, in the end of all workers."""


class _Files(LoadFileScheduling):
    """Hands a worker one file at a time, or a whole folder of `TOGETHER`."""

    def _split_scope(self, nodeid: str) -> str:
        return next((folder for folder in TOGETHER if nodeid.startswith(folder)), super()._split_scope(nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadFileScheduling | None:
    return _Files(config, log) if config.getoption("dist") == "loadfile" else None  # type: ignore[arg-type]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand this worker's attacks to the main process."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["attacks"] = TALLY.sums()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """Add the attacks of a worker that ended; one that crashed has sent none."""
    TALLY.add(getattr(node, "workeroutput", {}).get("attacks", Tally().sums()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the sums of the attacks, if there were any."""
    if TALLY.attempts:
        terminalreporter.section("attacks")
        for line in TALLY.lines():
            terminalreporter.line(line)
