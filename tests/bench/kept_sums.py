"""How much slower is ingest for the sums that it keeps? `make bench-kept-sums`, or `python -m tests.bench.kept_sums`.

A store with many orders gets pages of a sync, each in one transaction: new orders, placed after all that are stored,
then newer versions of the same.
Every other page turns the triggers of kept sums off. Both kinds thus meet the same load and tables of the same size.
CPU is that of this process and of its PostgreSQL session. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from msgspec.structs import replace
from sqlalchemy import text

from core import accounts, database, ingest, rollups, stores
from core.config import DEMO_SECRET, DEMO_SHOP, DEMO_TOKEN
from core.database import StoreKey, statistics, tenant_session
from core.domain import Order
from core.shopify.auth import AdminToken
from core.shopify.mapping import bulk_orders
from core.shopify.pages import ShopInfo
from core.shopify.spool import Spool
from core.simulator.defaults import SCOPES
from tests.bench.big_shop import BASE, prepare
from tests.bench.database import fresh_database

PAGE = 50
"""Orders of a transaction: a page of a sync."""
STEPS = ("new", "changed", "unchanged money")
"""What is written: orders, versions of them with one more unit of each line, and versions with another status."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=16_000, help="orders stored before (default 16000)")
    parser.add_argument("--pages", type=int, default=40, help="pages of each kind (default 40)")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "xeno-bench")
    args = parser.parse_args()
    measured = 2 * PAGE * args.pages
    # A shop on disk has a multiple of `BASE` orders, and no more than it was asked for.
    copies = -(-(args.orders + measured) // BASE)
    # A result file is read in parts, each with orders of all years.
    orders = iter(sorted(_orders(prepare(args.folder, copies * BASE)), key=lambda order: order.processed_at))
    with fresh_database():
        store = _store()
        _write_many(store, [next(orders) for _ in range(args.orders)])
        pages = [[next(orders) for _ in range(PAGE)] for _ in range(2 * args.pages)]
        figures = {step: _compare(store, [_version(step, page) for page in pages]) for step in STEPS}
        database.pools().dispose()
    for step, ratios in figures.items():
        print(
            f"{step}: {ratios['cpu']:.2f} times the CPU without kept sums, {ratios['seconds']:.2f} times the seconds"
        )
    print(json.dumps({"orders": args.orders, "pages": args.pages, "ratios": figures}))
    return 0


def _orders(folder: Path) -> Iterator[Order]:
    with (folder / "orders.jsonl").open("rb") as lines, Spool((folder / "orders.jsonl").stat().st_size) as spool:
        spool.fill(line.rstrip(b"\n") for line in lines)
        for line, children in spool.groups():
            yield bulk_orders.order(line, children)[0]


def _store() -> StoreKey:
    now = datetime.now(UTC)
    accounts.register("Bench", "bench@example.com", "bench-password", "Bench", now)
    tenant_id = accounts.tenants_of(accounts.find_user("bench@example.com").user_id)[0].tenant_id
    shop = ShopInfo(1, "Bench", DEMO_SHOP, "EUR", "Europe/Berlin", False, now, None, SCOPES)
    return stores.save(tenant_id, shop, AdminToken(DEMO_TOKEN, DEMO_SECRET), now).key


def _write_many(store: StoreKey, orders: Sequence[Order]) -> None:
    for first in range(0, len(orders), 2000):
        with tenant_session(store.tenant_id) as session:
            rollups.defer(session, store)
            ingest.write(session, store, orders[first : first + 2000], datetime.now(UTC))
        if first == 0:
            statistics.refresh(store.tenant_id)
    rollups.rebuild_deferred(store)
    statistics.refresh(store.tenant_id)


def _version(step: str, page: Sequence[Order]) -> list[Order]:
    later = timedelta(minutes=STEPS.index(step))
    if step == "changed":
        return [replace(_with_more(order), updated_at=order.updated_at + later) for order in page]
    if step == "unchanged money":
        return [
            replace(_with_more(order), updated_at=order.updated_at + later, fulfillment_status="fulfilled")
            for order in page
        ]
    return list(page)


def _with_more(order: Order) -> Order:
    return replace(order, line_items=tuple(replace(line, quantity=line.quantity + 1) for line in order.line_items))


def _compare(store: StoreKey, pages: Sequence[Sequence[Order]]) -> dict[str, float]:
    """Write the pages, alternately with and without sums; return the ratios of the medians."""
    spent: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    for number, page in enumerate(pages):
        is_kept = number % 2 == 0
        spent[is_kept].append(_write_page(store, page, is_kept))
    kept, bare = ([median(column) for column in zip(*spent[is_kept], strict=True)] for is_kept in (True, False))
    return {"cpu": round(kept[0] / bare[0], 3), "seconds": round(kept[1] / bare[1], 3)}


def _write_page(store: StoreKey, page: Sequence[Order], is_kept: bool) -> tuple[float, float]:
    """Write a page; return the seconds of CPU, and all seconds, with the commit."""
    began, own = time.monotonic(), time.thread_time()
    with tenant_session(store.tenant_id) as session:
        pid = int(session.scalar(text("SELECT pg_backend_pid()")) or 0)
        server = _cpu(pid)
        if not is_kept:
            session.execute(text("SET LOCAL xeno.sums = 'deferred'"))
        ingest.write(session, store, page, datetime.now(UTC))
    return time.thread_time() - own + _cpu(pid) - server, time.monotonic() - began


def _cpu(pid: int) -> float:
    """Return the seconds of CPU of a process of this machine so far."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


if __name__ == "__main__":
    sys.exit(main())
