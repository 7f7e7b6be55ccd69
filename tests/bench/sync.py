"""How fast is the first load of a store? `make bench-sync`, or `python -m tests.bench.sync --orders 100000`.

A real worker loads a shop, served from disk, into a PostgreSQL of its own. The ceiling of the same run is COPY of the
resulting rows into the same, emptied tables. Both are in orders a second. The peak memory of the worker is measured,
and the CPU per order of the worker since its start, of its PostgreSQL sessions and of COPY's: on a busy machine these
say more than the seconds. Where nothing else runs, a load takes at least as long as the greater of its first two.
Then the sums of the store are rebuilt: writes wait for the longest of its locks. The last line is JSON.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

import psycopg
import requests
from sqlalchemy import make_url

from core import accounts, database, rollups, stores
from core.config import DEMO_SECRET, DEMO_SHOP, DEMO_TOKEN, settings
from core.database import StoreKey
from core.database.embedded import EmbeddedPostgres
from core.database.models import Trigger
from core.shopify.auth import AdminToken
from core.shopify.pages import ShopInfo
from core.simulator.defaults import SCOPES
from core.sync import runs
from tests.bench.big_shop import prepare
from tests.end_to_end.processes import SECRET_KEY, free_port, wait_until

TABLES = (
    "products variants customers inventory_levels locations orders line_items shipping_lines transactions refunds "
    "refund_lines sales order_discounts checkouts checkout_lines"
).split()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=100_000, help="how many (default 100000)")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "xeno-bench")
    args = parser.parse_args()
    print(f"Preparing a shop with {args.orders:,} orders in {args.folder} (once) …", flush=True)
    folder = prepare(args.folder, args.orders)
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(_database())
        address = stack.enter_context(_shopify(folder))
        _configure(url, address)
        database.migrate()
        run, spent = _load(url)
        seconds = (run.finished_at - run.started_at).total_seconds() if run.finished_at and run.started_at else 0
        rows = _rows(url)
        assert rows["orders"] == _order_count(folder), f"{rows['orders']:,} orders were loaded"
        lock = _rebuild(url)
        copied = _copy(url)
        database.pools().dispose()
    _print_figures(rows, seconds, copied, spent, lock)
    return 0


@dataclass(frozen=True, slots=True)
class _Spent:
    """The worker's peak memory in MB, and the seconds of CPU of the worker, without its start, and of its PostgreSQL
    sessions."""

    peak: float
    cpu: float
    server_cpu: float


@dataclass(frozen=True, slots=True)
class _Copied:
    """The seconds of a COPY of all rows, and those of CPU of its PostgreSQL session."""

    seconds: float
    cpu: float


def _print_figures(rows: dict[str, int], seconds: float, copied: _Copied, spent: _Spent, lock: rollups.Lock) -> None:
    orders, ceiling = rows["orders"], copied.seconds
    cpu, server_cpu, copy_cpu = (each / orders * 1000 for each in (spent.cpu, spent.server_cpu, copied.cpu))
    print(", ".join(f"{count:,} {table}" for table, count in rows.items()))
    print(f"first load: {seconds:.1f} s, {orders / seconds:,.0f} orders/s")
    print(f"worker: memory at most {spent.peak:.0f} MB, CPU {cpu:.2f} ms an order")
    print(f"PostgreSQL: CPU {server_cpu:.2f} ms an order, COPY alone {copy_cpu:.2f} ms")
    print(f"ceiling (COPY of the same rows): {ceiling:.1f} s, {orders / ceiling:,.0f} orders/s")
    print(f"longest lock of a rebuild of the sums: {lock.seconds:.2f} s, for {lock.table}")
    figures = {
        "orders": orders,
        "orders_per_second": round(orders / seconds),
        "ceiling_orders_per_second": round(orders / ceiling),
        "ratio": round(ceiling / seconds, 3),
        "peak_rss_mb": round(spent.peak),
        "cpu_ms_per_order": round(cpu, 3),
        "server_cpu_ms_per_order": round(server_cpu, 3),
        "copy_cpu_ms_per_order": round(copy_cpu, 3),
        "cpu_ratio": round(copy_cpu / max(cpu, server_cpu), 3),
        "longest_lock_seconds": lock.seconds,
    }
    print(json.dumps(figures))


@contextlib.contextmanager
def _database() -> Iterator[str]:
    """A database of its own: on the server of DATABASE_URL, else on an embedded one."""
    with contextlib.ExitStack() as stack:
        server = os.environ.get("DATABASE_URL")
        if not server:
            embedded = EmbeddedPostgres(Path(stack.enter_context(tempfile.TemporaryDirectory())))
            server = embedded.start()
            stack.callback(embedded.erase)
        server = server.replace("postgresql+psycopg://", "postgresql://")
        name = f"xeno_bench_{uuid4().hex[:8]}"
        with psycopg.connect(server, autocommit=True) as owner:
            owner.execute(f"CREATE DATABASE {name}")
        try:
            yield make_url(server).set(database=name).render_as_string(hide_password=False)
        finally:
            with psycopg.connect(server, autocommit=True) as owner:
                owner.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextlib.contextmanager
def _shopify(folder: Path) -> Iterator[str]:
    port = free_port()
    with _process("tests.bench.disk_shopify", str(folder), str(port)):
        address = f"http://127.0.0.1:{port}"
        wait_until(lambda: _answers(address), "the shop answers")
        yield address


@contextlib.contextmanager
def _process(*module_and_arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-m", *module_and_arguments], stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def _answers(address: str) -> bool:
    with contextlib.suppress(requests.ConnectionError):
        return requests.post(address, json={"query": "query Counts", "variables": {}}, timeout=5).ok
    return False


def _configure(url: str, address: str) -> None:
    os.environ.update(
        DATABASE_URL=url, SECRET_KEY=SECRET_KEY, SHOPIFY_ADMIN_URL=f"{address}/{{shop}}", LOG_FORMAT="json"
    )
    settings.cache_clear()


def _load(url: str) -> tuple[runs.RunView, _Spent]:
    """Connect the shop and let a worker load it; returns the run, and the worker's memory and CPU."""
    now = datetime.now(UTC)
    accounts.register("Bench", "bench@example.com", "bench-password", "Bench", now)
    tenant_id = accounts.tenants_of(accounts.find_user("bench@example.com").user_id)[0].tenant_id
    shop = ShopInfo(
        1, "Bench", DEMO_SHOP, "EUR", "Europe/Berlin", False, datetime(2024, 11, 1, tzinfo=UTC), None, SCOPES
    )
    store = stores.save(tenant_id, shop, AdminToken(DEMO_TOKEN, DEMO_SECRET), now)
    with _process("core.worker") as worker:
        wait_until(lambda: _takes_jobs(url), "the worker is ready")
        started = _cpu(worker.pid)
        runs.request(store.key, Trigger.COMMAND, now)
        while (run := runs.recent(store.key)[0]).active:
            assert worker.poll() is None, "the worker ended"
            time.sleep(0.2)
        assert run.state == "succeeded", run.error
        return run, _spent(worker.pid, url, started)


def _takes_jobs(url: str) -> bool:
    """Whether a worker has begun to take jobs."""
    with psycopg.connect(url) as owner:
        return owner.execute("SELECT FROM procrastinate_workers").fetchone() is not None


def _spent(pid: int, url: str, started: float) -> _Spent:
    status = Path(f"/proc/{pid}/status").read_text()
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1000
    sessions = """
        SELECT pid FROM pg_stat_activity
        WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"""
    with psycopg.connect(url) as owner:
        pids = [row[0] for row in owner.execute(sessions)]
    return _Spent(peak, _cpu(pid) - started, sum(map(_cpu, pids)))


def _cpu(pid: int) -> float:
    """Return the seconds of CPU of a process of this machine so far."""
    # After the name in brackets, fields 12 and 13 are ticks of the process in user and in system mode.
    ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def _rows(url: str) -> dict[str, int]:
    with psycopg.connect(url) as owner:
        return {table: owner.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}  # type: ignore[index]


def _order_count(folder: Path) -> int:
    """Return the number of orders that the shop has."""
    return int(json.loads((folder / "counts.json").read_text())["orders"])


def _rebuild(url: str) -> rollups.Lock:
    """Rebuild the sums of the one store; return the longest lock."""
    with psycopg.connect(url) as owner:
        tenant_id, store_id = owner.execute("SELECT tenant_id, store_id FROM stores").fetchone() or (0, 0)
    return rollups.rebuild(StoreKey(tenant_id, store_id))


def _copy(url: str) -> _Copied:
    """Copy all rows, table by table, with all indexes and keys; return the median of three."""
    with tempfile.TemporaryDirectory() as folder, psycopg.connect(url) as owner:
        for table in TABLES:
            # Autovacuum would see pages without rows in a table that is being filled. A check of a key that is
            # planned by such figures scans the table.
            owner.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = false)")
            with Path(folder, table).open("wb") as out, owner.cursor().copy(f"COPY {table} TO STDOUT") as rows:
                for chunk in rows:
                    out.write(chunk)
        each = [_copy_once(owner, Path(folder)) for _ in range(3)]
        return _Copied(median(one.seconds for one in each), median(one.cpu for one in each))


def _copy_once(owner: psycopg.Connection[tuple[Any, ...]], folder: Path) -> _Copied:
    owner.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
    # The ceiling is the rows alone: without the sums that triggers keep of them.
    for table in TABLES:
        owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    owner.commit()
    start, spent = time.monotonic(), _cpu(owner.info.backend_pid)
    for table in TABLES:
        with (folder / table).open("rb") as lines, owner.cursor().copy(f"COPY {table} FROM STDIN") as rows:
            while chunk := lines.read(io.DEFAULT_BUFFER_SIZE * 16):
                rows.write(chunk)
    owner.commit()
    return _Copied(time.monotonic() - start, _cpu(owner.info.backend_pid) - spent)


if __name__ == "__main__":
    sys.exit(main())
