"""How long does each read of each page take? `make bench-dashboard ARGS="--orders 100000 1000000"`.

The orders are of 100 tenants, and the store that is read has a tenth of them (`--share`; `--tenants 1`: all). Every
read of `tests.bench.page_reads` is measured without the cache, as the pages call it: a session of the tenant, through
the role and the policies of the product, at 30 days, a year and all time.

Beside each read stands `SELECT 1` through the same session at the same moment, because the times of a busy machine
say little without it. At the end eight viewers ask at once, from one process as in the product. Sorts and searches
are printed if they are slow; all figures are in `figures.json` of the folder. The last line is JSON, too.

The filled database stays in `--folder` for the next run, which migrates it; `--fresh` fills it again. A migration
that rewrites a table of ten million orders takes its time.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from core import database
from core.config import settings
from core.database import StoreKey, tenant_session
from core.database.embedded import EmbeddedPostgres
from core.errors import TooMuch
from tests.bench import many_shops
from tests.bench.page_reads import Arguments, Case, cases
from tests.end_to_end.processes import SECRET_KEY

AIM_MS, AIM_OF_EIGHT_MS = 50, 150
SAMPLES, FEWEST, SECONDS = 21, 3, 1.5
"""Samples of each read: this many, or fewer if they take longer than these seconds."""
VIEWERS, VIEWED_SECONDS = 8, 20
SPANS = ("30 days", "a year", "all time")


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of one case, and of the cheapest query at the same moment."""

    p50: float
    p95: float
    cheapest: float
    error: str = ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, nargs="+", default=[1_000_000], help="one or more sizes")
    parser.add_argument("--tenants", type=int, default=100)
    parser.add_argument("--share", type=float, default=0.1, help="the part of the orders that the store has")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "xeno-bench-dashboard")
    parser.add_argument("--fresh", action="store_true", help="fill the database again")
    parser.add_argument("--only", default="", help="reads whose name contains this")
    parser.add_argument("--plain", action="store_true", help="no sorts, no searches: much faster")
    parser.add_argument("--no-viewers", action="store_true", help="leave out the eight viewers")
    args = parser.parse_args()
    figures = {}
    for orders in args.orders:
        share = "" if args.share == 0.1 else f"-{args.share}"
        figures[orders] = measure(args.folder / f"{orders}-of-{args.tenants}{share}", orders, args)
    print_growth(figures)
    (args.folder / "figures.json").write_text(json.dumps({"tenants": args.tenants, "figures": figures}, indent=1))
    print(json.dumps({"bench": "dashboard", "tenants": args.tenants, "sizes": summary(figures)}))


def measure(folder: Path, orders: int, args: argparse.Namespace) -> dict[str, Any]:
    """Fill the database of one size if it is missing, and measure every read of its largest store."""
    server = EmbeddedPostgres(folder)
    if args.fresh:
        server.erase()
    with ExitStack() as stack:
        url = server.start().replace("postgresql+psycopg://", "postgresql://")
        stack.callback(server.stop)
        os.environ.update(DATABASE_URL=url, SECRET_KEY=SECRET_KEY)
        settings.cache_clear()
        stack.callback(close)
        database.migrate()
        filled = folder / "filled"
        if not filled.exists():
            many_shops.fill(url, orders, args.tenants, args.share)
            filled.touch()
        else:
            many_shops.refresh(url)
        store = many_shops.largest(url)
        found = [case for case in cases(store) if args.only in case.name and not (args.plain and " " in case.name)]
        print(
            f"\n{orders:,} orders of {args.tenants} tenants; the store has {Arguments(store).orders:,}\n", flush=True
        )
        alone = measure_alone(found, store)
        together = {} if args.no_viewers else measure_viewers(found, store)
    return {
        "alone": [
            {"read": name, "span": span, "p50": t.p50, "p95": t.p95, "cheapest": t.cheapest, "error": t.error}
            for (name, span), t in alone.items()
        ],
        "eight_viewers": together,
    }


def measure_alone(found: list[Case], store: StoreKey) -> dict[tuple[str, str], Times]:
    """Measure each case by itself, and print the row of a read as soon as it is known."""
    print(f"{'ms, p50 / p95 (p95 : SELECT 1)':38}" + "".join(f"{span:>30}" for span in SPANS))
    alone: dict[tuple[str, str], Times] = {}
    for name in dict.fromkeys(case.name for case in found):
        alone |= {(name, case.span): measure_case(case, store) for case in found if case.name == name}
        print_row(name, [alone.get((name, span)) for span in SPANS])
    print_sum(alone)
    return alone


def close() -> None:
    """Let no connection of this size reach the next one."""
    database.pools().dispose()
    database.pools.cache_clear()
    settings.cache_clear()


def measure_case(case: Case, store: StoreKey) -> Times:
    """Ask again and again; the first answer, which may read from disk, does not count."""
    taken: list[float] = []
    cheapest: list[float] = []
    began = time.monotonic()
    for number in range(SAMPLES + 1):
        try:
            milliseconds = _milliseconds(lambda: case.ask(number))  # noqa: B023  # called at once
        except Exception as error:  # another read's failure must not hide the others
            return Times(math.nan, math.nan, math.nan, f"{type(error).__name__}: {str(error)[:100]}")
        cheapest.append(_milliseconds(lambda: _ask_cheapest(store)))
        if number:
            taken.append(milliseconds)
        if len(taken) >= FEWEST and time.monotonic() - began > SECONDS:
            break
    return Times(_percentile(taken, 50), _percentile(taken, 95), round(statistics.median(cheapest), 2))


def measure_viewers(found: list[Case], store: StoreKey) -> dict[str, Any]:
    """Let eight viewers ask every read at once, each in an order of its own; sorts and searches aside."""
    plain = [case for case in found if " " not in case.name]
    taken: dict[str, list[float]] = {f"{case.name}, {case.span}": [] for case in plain}
    cheapest: list[float] = []
    until = time.monotonic() + VIEWED_SECONDS

    def view(viewer: int) -> None:
        order = random.Random(viewer)
        while time.monotonic() < until:
            for case in order.sample(plain, len(plain)):
                taken[f"{case.name}, {case.span}"].append(_milliseconds(lambda: _ask_or_fail(case, viewer)))  # noqa: B023
                cheapest.append(_milliseconds(lambda: _ask_cheapest(store)))

    viewers = [threading.Thread(target=view, args=(viewer,)) for viewer in range(VIEWERS)]
    for viewer in viewers:
        viewer.start()
    for viewer in viewers:
        viewer.join()
    everything = [value for values in taken.values() for value in values]
    slowest = sorted(((_percentile(values, 95), name) for name, values in taken.items() if values), reverse=True)
    base = _percentile(cheapest, 95)
    print(
        f"\neight viewers at once: {len(everything):,} reads, p50 {_percentile(everything, 50)} ms, "
        f"p95 {_percentile(everything, 95)} ms; SELECT 1 p50 {_percentile(cheapest, 50)}, p95 {base} ms"
    )
    for value, name in slowest[:12]:
        print(f"  p95 {value:8.1f} ms{' !' if value > AIM_OF_EIGHT_MS else '  '} {name}")
    return {
        "p50": _percentile(everything, 50),
        "p95": _percentile(everything, 95),
        "cheapest_p95": base,
        "p95_by_read": {name: value for value, name in slowest},
    }


def print_row(name: str, of_spans: list[Times | None]) -> None:
    """Print the times of a read, or of a sort or search that is above the aim in any span."""
    if " " not in name or any(times and not times.p95 <= AIM_MS for times in of_spans):
        print(f"{name:38}" + "".join(f"{_cell(times):>30}" for times in of_spans), flush=True)


def print_sum(alone: Mapping[tuple[str, str], Times]) -> None:
    """Print how many reads are above the aim, and which failed."""
    slow = sum(1 for times in alone.values() if times.p95 > AIM_MS)
    failed = {name: times.error for (name, _), times in alone.items() if times.error}
    print(f"\n{slow} of {len(alone)} are above {AIM_MS} ms at p95; SELECT 1 takes {_cheapest(alone):.2f} ms")
    for name, error in failed.items():
        print(f"FAILED {name}: {error}")


def summary(figures: Mapping[int, dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """Return the slowest read of each size, how many are above the aim, and the p95 of eight viewers."""
    return {
        size: {
            "reads": len(figure["alone"]),
            "above_aim": sum(row["p95"] > AIM_MS for row in figure["alone"]),
            "slowest_p95": max((row["p95"] for row in figure["alone"]), default=None),
            "eight_viewers_p95": figure["eight_viewers"].get("p95"),
        }
        for size, figure in figures.items()
    }


def print_growth(figures: Mapping[int, dict[str, Any]]) -> None:
    """Print the reads that grew most from the smallest to the largest size."""
    if len(figures) < 2:
        return
    small, large = (
        {(row["read"], row["span"]): row["p95"] for row in figures[size]["alone"]}
        for size in (min(figures), max(figures))
    )
    growth = sorted(((large[key] / small[key], key) for key in small if small[key] and key in large), reverse=True)
    print(f"\np95 at {max(figures):,} orders : p95 at {min(figures):,}")
    for ratio, (name, span) in growth:
        if ratio > 1.5:
            print(f"  {ratio:6.1f} {name}, {span}: {small[name, span]} → {large[name, span]} ms")


def _cell(times: Times | None) -> str:
    if times is None:
        return ""
    if times.error:
        return "failed"
    mark = " !" if times.p95 > AIM_MS else "  "
    return f"{times.p50:.1f} / {times.p95:.1f} ({times.p95 / times.cheapest:.0f}){mark}"


def _cheapest(alone: Mapping[tuple[str, str], Times]) -> float:
    return statistics.median(times.cheapest for times in alone.values() if not times.error)


def _ask_or_fail(case: Case, viewer: int) -> None:
    """Ask; a question that is refused as too much has taken its time, too."""
    with suppress(TooMuch):
        case.ask(viewer)


def _ask_cheapest(store: StoreKey) -> None:
    with tenant_session(store.tenant_id) as session:
        session.execute(text("SELECT 1"))


def _milliseconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def _percentile(values: list[float], percent: int) -> float:
    """The smallest value that is not below `percent` of all."""
    ordered = sorted(values)
    return round(ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)], 1) if ordered else math.nan


if __name__ == "__main__":
    main()
