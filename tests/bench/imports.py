"""`make bench-imports`: a large orders CSV through the operator's command: rows a second, and memory.

ROWS (default 1,000,000) line items. DATABASE_URL names a server on which a database may be created, else an embedded
one is started. Beside the figures it prints the time of csv.reader alone for the same bytes. The last line is JSON.
"""

from __future__ import annotations

import csv
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from core.database.embedded import EmbeddedPostgres
from core.simulator.life.history import make_shop
from core.simulator.shop import orders_csv
from core.simulator.shop.shop import ShopSpec
from tests.conftest import SERVER, own_database

ROWS = int(os.environ.get("ROWS", "1000000"))
EMAIL, SHOP = "bench@example.com", "bench.myshopify.com"


def main() -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        path = folder / "orders_export_1.csv"
        orders, rows = generate(path, ROWS)
        print(f"{path.stat().st_size / 1e6:,.0f} MB, {orders:,} orders, {rows:,} rows")
        bare = reading_alone(path)
        os.environ["DATABASE_URL"] = stack.enter_context(own_database(_server(stack, folder)))
        _store()
        began = time.monotonic()
        command = ["import-orders", "--user", EMAIL, "--shop", SHOP, str(path)]
        subprocess.run([sys.executable, "-m", "core.admin", *command], check=True)
        took = time.monotonic() - began
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    figures = {
        "rows": rows,
        "orders": orders,
        "seconds": round(took, 1),
        "rows_per_second": round(rows / took),
        "orders_per_second": round(orders / took),
        "csv_reader_rows_per_second": round(rows / bare),
        "peak_rss_mb": round(peak),
    }
    print(json.dumps(figures))


def generate(path: Path, wanted: int) -> tuple[int, int]:
    """Write a file of at least so many rows: a made-up shop's export many times over, with other names and ids."""
    text = io.StringIO()
    orders_csv.write(make_shop(ShopSpec(orders=2000, customers=900)), text)
    text.seek(0)
    header, *template = csv.reader(text)
    name, order_id = header.index("Name"), header.index("Id")
    orders = rows = 0
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        copy = 0
        while rows < wanted:
            for row in template:
                again = list(row)
                again[name] = f"{row[name]}-{copy}"
                if row[order_id]:
                    orders += 1
                    again[order_id] = str(5_000_000_000_000 + orders)
                writer.writerow(again)
                rows += 1
            copy += 1
    return orders, rows


def reading_alone(path: Path) -> float:
    """Return the seconds of csv.reader for the file, read twice like by the import."""
    began = time.monotonic()
    for _ in range(2):
        with path.open(newline="", encoding="utf-8") as handle:
            for _row in csv.reader(handle):
                pass
    return time.monotonic() - began


def _server(stack: ExitStack, folder: Path) -> str:
    """Return the server of DATABASE_URL, else an embedded one for as long as the stack is open."""
    if SERVER is not None:
        return SERVER
    embedded = EmbeddedPostgres(folder / "postgres")
    stack.callback(embedded.erase)
    return embedded.start()


def _store() -> None:
    from core import accounts, database
    from tests.cast import add_store

    now = datetime.now(UTC)
    database.migrate()
    user_id = accounts.register("Bench", EMAIL, "a long password", "Bench", now)
    add_store(accounts.tenants_of(user_id)[0].tenant_id, "Bench", SHOP, "EUR", "Europe/Berlin", now)
    database.pools().dispose()


if __name__ == "__main__":
    main()
