"""After kill -9, acknowledged deliveries are applied, and started runs continue."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import requests
from sqlalchemy import text

from core import stores
from core.config import DEMO_SECRET, DEMO_SHOP, DEMO_TOKEN
from core.database import tenant_session
from core.shopify.webhooks import sign
from core.sync import runs
from tests.cast import Cast, Person
from tests.end_to_end.processes import Installation, installed, wait_until

ORDER = Path(__file__).parents[1] / "payloads" / "webhooks" / "orders__create.json"


@pytest.fixture
def installation(cast: Cast, database_url: str, tmp_path: Path) -> Iterator[Installation]:
    with installed(database_url, tmp_path) as running:
        yield running


def connect_demo_store(installation: Installation, person: Person) -> tuple[stores.StoreView, ...]:
    secrets = {"SHOPIFY_TOKEN": DEMO_TOKEN, "SHOPIFY_SECRET": DEMO_SECRET}
    installation.admin("connect-store", "--user", person.email, "--shop", DEMO_SHOP, **secrets)
    return stores.list_stores(person.tenant_id)


def count(tenant_id: int, sql: str) -> int:
    with tenant_session(tenant_id) as session:
        number: int = session.scalar(text(sql)) or 0
        return number


def test_a_sync_continues_where_its_worker_was_killed(installation: Installation, cast: Cast) -> None:
    # A bucket this small makes the first sync last long enough to be killed in the middle.
    installation.simulator("--orders", "300", "--customers", "100", "--bucket", "1000", "--restore-rate", "60")
    dana = cast.dana
    (store,) = connect_demo_store(installation, dana)
    slow_bulk = f"{installation.simulator_url}/simulator/{DEMO_SHOP}/bulk"
    requests.post(slow_bulk, json={"seconds": 2}, timeout=10).raise_for_status()
    worker = installation.worker()
    wait_until(lambda: count(dana.tenant_id, "SELECT count(*) FROM orders") > 0, "orders arrive", installation.logs)
    worker.kill()
    (killed,) = runs.recent(store.key)
    assert killed.state == "running", "the worker was killed in mid-sync"
    assert killed.records_total is not None
    assert 0 < killed.records_done < killed.records_total

    installation.worker()
    ended = wait_until(
        lambda: next((r for r in runs.recent(store.key) if not r.active), None),
        "the run ends",
        installation.logs,
        seconds=120,
    )
    assert (ended.run_id, ended.state) == (killed.run_id, "succeeded"), "the same run, not a new one"
    assert ended.records_done == killed.records_total, "no page was read twice, none was left out"
    assert count(dana.tenant_id, "SELECT count(*) FROM orders") == 300
    assert count(dana.tenant_id, "SELECT count(*) FROM customers") == 100


def test_every_acknowledged_delivery_is_applied_though_the_receiver_is_killed_under_load(
    installation: Installation, cast: Cast
) -> None:
    installation.simulator("--orders", "10", "--customers", "5")
    dana = cast.dana
    connect_demo_store(installation, dana)
    load = Load(installation.webhook_url + "/webhooks/shopify", senders=8)
    receiver = installation.receiver()
    installation.worker()
    with load:
        for kill in range(1, 4):
            wait_until(lambda aim=150 * kill: len(load.acknowledged) >= aim, "deliveries are acknowledged")
            receiver.kill()
            receiver = installation.receiver()
        wait_until(lambda: len(load.acknowledged) >= 600, "deliveries are acknowledged")
    assert load.failed > 0, "the kills were felt"

    query = "SELECT count(*) FROM deliveries WHERE state = 'pending'"
    wait_until(lambda: count(dana.tenant_id, query) == 0, "nothing waits", installation.logs)
    with tenant_session(dana.tenant_id) as session:
        stored = set(session.scalars(text("SELECT order_id FROM orders")))
    assert load.acknowledged - stored == set(), "acknowledged, and lost"


class Load:
    """Sends signed orders, each new, as fast as they are answered, and remembers the acknowledged ones."""

    def __init__(self, url: str, senders: int) -> None:
        self.acknowledged: set[int] = set()
        self.failed = 0
        self._url = url
        self._order = json.loads(ORDER.read_bytes())
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._send, args=(number,)) for number in range(senders)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _send(self, sender: int) -> None:
        number = 0
        while not self._stop.is_set():
            number += 1
            order_id = 7_000_000_000_000 + sender * 1_000_000 + number
            try:
                answer = requests.post(
                    self._url, data=(body := self._body(order_id)), headers=_headers(body), timeout=5
                )
            except requests.RequestException:
                self.failed += 1
                self._stop.wait(0.05)
                continue
            if answer.status_code == 200:
                self.acknowledged.add(order_id)

    def _body(self, order_id: int) -> bytes:
        lines = [line | {"id": order_id * 10 + at} for at, line in enumerate(self._order["line_items"])]
        # The sample's status URL names the sample's shop.
        own_fields = {"id": order_id, "test": False, "line_items": lines, "order_status_url": None}
        return json.dumps(self._order | own_fields).encode()


def _headers(body: bytes) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "X-Shopify-Topic": "orders/create",
        "X-Shopify-Shop-Domain": DEMO_SHOP,
        "X-Shopify-Webhook-Id": str(uuid4()),
        "X-Shopify-Hmac-Sha256": sign(body, DEMO_SECRET),
    }
