"""`make storm MINUTES=30 SEED=7`: see `tests.storm`. Exits with 1 if anything was lost, and lists it."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from tests.storm.storm import Report, storm


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.storm", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5, help="how long it rages (default 5)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="the same seed draws the same storm")
    parser.add_argument("--orders", type=int, default=600, help="orders that each shop has before (default 600)")
    args = parser.parse_args()
    print(f"A storm of {args.minutes:g} minutes, seed {args.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        report = storm(Path(folder), args.minutes * 60, args.seed, args.orders, _print_line)
    _print_report(report)
    return 1 if report.lost else 0


def _print_line(line: str) -> None:
    print(line, flush=True)


def _print_report(report: Report) -> None:
    print(f"events:   {_joined(report.triggered)}")
    print(f"injected: {_joined(report.injected)}")
    print(f"killed:   {_joined(report.killed)}")
    print(f"compared: {_joined(report.compared)} rows; {report.deliveries:,} deliveries were stored")
    if report.lost:
        print(f"lost:     {len(report.lost)}")
        print("\n".join(f"  {line}" for line in report.lost[:50]))
    else:
        print(f"lost:     nothing; all was equal {report.seconds_until_equal:.0f} s after the storm")


def _joined(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count) or "nothing"


if __name__ == "__main__":
    sys.exit(main())
