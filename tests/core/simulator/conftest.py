"""Fixtures of the simulator's tests: clocks, webhook receivers, and shops behind the Admin API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from core.simulator.life.history import make_shop
from core.simulator.shop.shop import ShopSpec
from tests.core.simulator.admin_api import AdminApi
from tests.core.simulator.clocks import Clock
from tests.core.simulator.receivers import Receiver
from tests.core.simulator.small_shop import customer, order, tiny_shop


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            status = receiver.take(dict(self.headers), raw)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            if status == 302:
                self.send_header("Location", receiver.url)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/webhooks/shopify"
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield receiver
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def api() -> AdminApi:
    """A shop with a long history, for tests that change nothing."""
    return AdminApi(make_shop(ShopSpec(customers=80, orders=260, until=date(2026, 11, 20))))


@pytest.fixture
def small() -> AdminApi:
    """Three orders, the last two changed in the same second."""
    shop = tiny_shop()
    ann = customer(shop, "Ann")
    order(shop, "2026-03-02T10:00:00+01:00", "Mug", customer=ann)
    for _ in range(2):
        order(shop, "2026-03-03T10:00:00+01:00", "Lamp")
    return AdminApi(shop)
