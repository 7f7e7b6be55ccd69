"""How fast is a large file, and how much memory does it take? `make bench-exports ARGS="--orders 1000000"`.

The store has so many orders; files are of the last tenth of them, and of all. Each runs in a process of its own, the
way the dashboard sends it: PostgreSQL, the file, the response, and a browser that reads everything. Beside each file
stands COPY TO of the same question without any formatting, read by a bare client at the same time of day.

The peak memory is that of the process, less what it had before the file. The last line is JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from core import database, exports, stores
from core.config import settings
from core.database import StoreKey, tenant_session
from core.database.embedded import EmbeddedPostgres
from core.domain.periods import Period
from core.exports import Format, Pieces
from core.exports.selection import select
from core.exports.snapshot import Snapshot
from core.stores import StoreView
from dashboard.web import refusals
from dashboard.web.streams import Download, Places
from tests.bench import many_shops
from tests.end_to_end.processes import SECRET_KEY

FILES = ("orders", "order-lines", "customers")
COPY = "COPY TO"


@dataclass(frozen=True, slots=True)
class Run:
    """One file that was read whole; `rows` of the statement, `megabytes` of memory above that before it."""

    rows: int
    seconds: float
    cpu_seconds: float
    first_byte: float
    bytes: int
    megabytes: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "xeno-bench-exports")
    parser.add_argument("--files", nargs="+", default=list(FILES))
    parser.add_argument("--one", nargs=4, metavar=("FILE", "FORMAT", "TENANT", "STORE"), help=argparse.SUPPRESS)
    parser.add_argument("--days", type=int, default=0, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        name, kind, tenant_id, store_id = args.one
        print(json.dumps(asdict(read(stores.find(StoreKey(int(tenant_id), int(store_id))), name, kind, args.days))))
        return
    with ExitStack() as stack:
        key = filled(stack, args.folder / str(args.orders), args.orders)
        figures = {
            f"{name}, {span}": measure(key, name, days)
            for span, days in (("last days", days_of(key, args.orders // 10)), ("all", 0))
            for name in args.files
        }
    print(json.dumps({"bench": "exports", "orders": args.orders, "files": figures}))


def filled(stack: ExitStack, folder: Path, orders: int) -> StoreKey:
    """Start the server of a store with so many orders, after filling it if it is missing."""
    server = EmbeddedPostgres(folder)
    os.environ["DATABASE_URL"] = url = server.start().replace("postgresql+psycopg://", "postgresql://")
    stack.callback(server.stop)
    os.environ["SECRET_KEY"] = SECRET_KEY
    settings.cache_clear()
    database.migrate()
    if not (folder / "filled").exists():
        many_shops.fill(url, orders, 1, 1.0)
        (folder / "filled").touch()
    return many_shops.largest(url)


def days_of(key: StoreKey, orders: int) -> int:
    """The number of last days with at least so many orders."""
    query = text("""
        SELECT business_date, count(*) FROM orders WHERE tenant_id = :tenant_id GROUP BY 1 ORDER BY 1 DESC
    """)
    with tenant_session(key.tenant_id) as session:
        rows = session.execute(query, {"tenant_id": key.tenant_id}).all()
    placed = 0
    for days, (_, number) in enumerate(rows, 1):
        placed += number
        if placed >= orders:
            return days
    return len(rows)


def measure(key: StoreKey, name: str, days: int) -> dict[str, Any]:
    """Read a file in every format, and COPY TO before and after them."""
    kinds = (COPY, Format.CSV, Format.ARCHIVE, Format.EXCEL, COPY)
    runs = [(kind, run_alone(key, name, kind, days)) for kind in kinds]
    ceiling = max(run.rows / run.seconds for kind, run in runs if kind == COPY)
    print(f"\n{name}: {runs[0][1].rows:,} rows; load {os.getloadavg()[0]:.1f}")
    print(f"{'':8} {'rows/s':>10} {'of COPY':>8} {'seconds':>8} {'CPU':>7} {'first':>7} {'MB':>7} {'memory':>8}")
    for kind, run in runs:
        rate = run.rows / run.seconds
        print(
            f"{kind:8} {rate:10,.0f} {rate / ceiling:8.2f} {run.seconds:8.1f} {run.cpu_seconds:7.1f} "
            f"{run.first_byte:7.2f} {run.bytes / 1e6:7.1f} {run.megabytes:6.1f} MB",
            flush=True,
        )
    return {kind: asdict(run) for kind, run in runs}


def run_alone(key: StoreKey, name: str, kind: str, days: int) -> Run:
    """Read a file in a process of its own, whose peak memory is that of this file."""
    command = [sys.executable, "-m", "tests.bench.exports", "--days", str(days)]
    command += ["--one", name, kind, str(key.tenant_id), str(key.store_id)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ)
    return Run(**json.loads(answer.stdout.splitlines()[-1]))


def read(store: StoreView, name: str, kind: str, days: int) -> Run:
    """Read the file of the last days, or of all time, as a browser reads it."""
    end = many_shops.NOW.astimezone(store.time_zone).date()
    start = end - timedelta(days=days - 1) if days else end - timedelta(days=4 * 366)
    period = Period(start, end, store.time_zone)
    selection = select(store, name, period, {}, now=many_shops.NOW)

    def copy(snapshot: Snapshot) -> Any:
        return snapshot.lines(f"SELECT * FROM ({selection.statement}) answer")

    def pieces(chosen: str) -> Pieces:
        if chosen == COPY:
            return Pieces(store.tenant_id, selection.parameters, copy)
        return exports.stream(store, name, period, {}, now=many_shops.NOW, format=Format(chosen))

    rows = counted(store, selection.statement, selection.parameters)
    before = peak_megabytes()
    began, cpu = time.perf_counter(), time.process_time()
    first, size = drain(pieces(kind)) if kind == COPY else asyncio.run(send(pieces(kind)))
    seconds = time.perf_counter() - began
    return Run(rows, seconds, time.process_time() - cpu, first - began, size, peak_megabytes() - before)


def counted(store: StoreView, statement: str, parameters: Any) -> int:
    """Count the rows, which also warms the server's cache."""
    with tenant_session(store.tenant_id) as session:
        return int(session.scalar(text(f"SELECT count(*) FROM ({statement}) answer"), parameters) or 0)


def drain(pieces: Pieces) -> tuple[float, int]:
    """Read all pieces; return the time of the first and the sum of their bytes."""
    size = len(next(pieces, b""))
    first = time.perf_counter()
    return first, size + sum(len(piece) for piece in pieces)


async def send(pieces: Pieces) -> tuple[float, int]:
    """Send a file to a browser that reads everything; return the time of its first byte and the number of bytes."""
    first, size = 0.0, 0

    async def write(message: Any) -> None:
        nonlocal first, size
        size += len(message.get("body", b""))
        first = first or (time.perf_counter() if size else 0.0)

    async def stay() -> Any:
        await asyncio.Event().wait()

    places = Places({"process": 1})
    await Download(pieces, places, ("process",), refusals.respond, {}, "text/plain")({"type": "http"}, stay, write)
    return first, size


def peak_megabytes() -> float:
    """The peak memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
