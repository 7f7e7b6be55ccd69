"""How fast are deliveries acknowledged, and applied? `make bench-webhooks`.

The receiver under gunicorn, as the Procfile runs it, and a worker beside it, get orders of 10 KB at 1, 8, 32 and 500
in flight. Beside them stand two ceilings of the same run: a bare Flask app under the same gunicorn that only verifies
and inserts, and the same bytes inserted by pgbench. DATABASE_URL names a server where a database may be made, else an
embedded one is started. The last line is JSON.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg

from core import db
from core.config import WEBHOOK_PATH, settings
from core.shopify.webhooks import sign
from tests.bench.sync import _database
from tests.end_to_end.processes import SECRET_KEY, free_port, wait_until

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests" / "payloads" / "webhooks" / "orders__create.json"
LOADS = {1: 400, 8: 2000, 32: 3000, 500: 4000}
"""Deliveries in flight at once, and how many are sent."""
BYTES = 10_000


def main() -> int:
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(_database())
        os.environ |= {"DATABASE_URL": url, "SECRET_KEY": SECRET_KEY, "LOG_FORMAT": "json"}
        settings.cache_clear()
        db.migrate()
        # Only now: they read the settings.
        from tests.cast import make_cast
        from tests.shopify_sends import ACME_SECRET, give_secret

        acme = make_cast().acme
        give_secret(acme, ACME_SECRET)
        with psycopg.connect(url, autocommit=True) as owner:
            owner.execute("CREATE TABLE bench_inbox (webhook_id text PRIMARY KEY, body bytea NOT NULL)")
        os.environ |= {"BENCH_DATABASE_URL": url, "BENCH_SECRET": ACME_SECRET}
        figures = {
            str(at_once): _compare(url, acme.shop_domain, ACME_SECRET, at_once, count)
            for at_once, count in LOADS.items()
        }
        figures["pgbench_per_second"] = _pgbench(url)
        db.engine().dispose()
    print(json.dumps(figures))
    return 0


def _compare(url: str, shop: str, secret: str, at_once: int, count: int) -> dict[str, float]:
    """Ours and the bare one under the same load."""
    with _gunicorn("tests.bench.bare_receiver:app") as port:
        bare = _send(port, shop, secret, at_once, count)
    with _gunicorn("webhook_receiver.wsgi:app") as port, _worker():
        ours = _send(port, shop, secret, at_once, count)
        applied = _until_applied(url)
    found = {
        "per_second": round(count / ours[0]),
        "bare_per_second": round(count / bare[0]),
        "ratio": round(bare[0] / ours[0], 2),
        **{f"p{share}_ms": round(_percentile(ours[1], share) * 1000, 1) for share in (50, 95, 99)},
        "applied_seconds_after_the_last": round(applied, 2),
    }
    print(f"{at_once:>4} in flight: {found}", flush=True)
    return found


@contextlib.contextmanager
def _gunicorn(app: str) -> Iterator[int]:
    """The app as the Procfile serves the receiver."""
    port = free_port()
    flags = "--worker-class gthread --workers 1 --threads 8 --no-control-socket --log-level warning".split()
    command = [sys.executable, "-m", "gunicorn", app, *flags, "--bind", f"127.0.0.1:{port}"]
    with _running(command):
        wait_until(lambda: _answers(port), f"{app} serves", 30)
        yield port


@contextlib.contextmanager
def _worker() -> Iterator[None]:
    with _running([sys.executable, "-m", "core.worker"]):
        yield


@contextlib.contextmanager
def _running(command: Sequence[str]) -> Iterator[None]:
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


def _answers(port: int) -> bool:
    import socket

    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def _send(port: int, shop: str, secret: str, at_once: int, count: int) -> tuple[float, list[float]]:
    """Seconds that all took, and those that each did; every one is acknowledged, or this fails."""
    requests = [_request(shop, secret, number) for number in range(count)]
    return asyncio.run(_burst(port, requests, at_once))


def _request(shop: str, secret: str, number: int) -> bytes:
    """An order of its own as the bytes of a request."""
    order = json.loads(SAMPLE.read_text()) | {"id": uuid4().int >> 68, "name": f"#{number}", "test": False}
    short = len(_json(order | {"note": ""}))
    body = _json(order | {"note": "x" * max(0, BYTES - short)})
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


async def _burst(port: int, requests: list[bytes], at_once: int) -> tuple[float, list[float]]:
    waiting, took = iter(requests), list[float]()

    async def sender() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in waiting:
            began = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
            await reader.readexactly(int(length.split(b":")[1]))
            took.append(time.perf_counter() - began)
            if b"connection: close" in head.lower():
                writer.close()
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(sender() for _ in range(at_once)))
    return time.perf_counter() - began, took


def _until_applied(url: str) -> float:
    """Seconds from the last acknowledgement until nothing is pending."""
    began = time.monotonic()
    with psycopg.connect(url, autocommit=True) as owner:
        query = "SELECT count(*) FROM deliveries WHERE state = 'pending'"
        wait_until(lambda: owner.execute(query).fetchone() == (0,), "all deliveries are applied", 300)
        failed = owner.execute("SELECT count(*), max(reason) FROM deliveries WHERE state <> 'applied'").fetchone()
    assert failed == (0, None), failed
    return time.monotonic() - began


def _percentile(took: list[float], share: int) -> float:
    return sorted(took)[min(len(took) - 1, len(took) * share // 100)]


def _pgbench(url: str) -> float | None:
    """The same bytes, inserted from 8 connections by the tool that PostgreSQL brings; None where it is not."""
    tool = shutil.which("pgbench")
    if tool is None:
        return None
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        body = _request("bench.myshopify.com", "bench", 0).partition(b"\r\n\r\n")[2].hex()
        script.write(f"INSERT INTO bench_inbox VALUES (gen_random_uuid()::text, '\\x{body}'::bytea);\n")
        script.flush()
        command = [tool, "-n", "-M", "prepared", "-c", "8", "-j", "2", "-T", "5", "-f", script.name, _plain(url)]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    line = next(line for line in said.splitlines() if line.startswith("tps"))
    return round(float(line.split()[2]))


def _plain(url: str) -> str:
    return urlsplit(url)._replace(scheme="postgresql").geturl()


if __name__ == "__main__":
    sys.exit(main())
