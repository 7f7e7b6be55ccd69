"""Live shops behind one local server: in process for tests, by `python -m core.simulator serve` for others."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Thread
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from core.simulator.http.live_shop import LiveShop, Setup
from core.simulator.http.pacer import Pacer
from core.simulator.http.wsgi import Web
from core.simulator.life.journal import Journal
from core.simulator.shop.shop import ShopSpec
from core.simulator.shop.truth import Truth, truth
from core.simulator.webhooks.deliveries import GAPS, Sender

HOST = "127.0.0.1"


_POLL = 0.02
"""Seconds between two looks whether to stop; half a second, the default, is what each test would wait."""


class Simulator:
    """A local Shopify with one or more shops; the methods that name no shop mean the first one.

    `port` 0 takes a free one. `clock` tells the shops' time. With `journal`, the shops are after a restart as they
    were, and as they were made the first time. With `pace`, about every so many seconds something is bought.
    """

    def __init__(
        self,
        shops: Sequence[Setup | ShopSpec] = (Setup(),),
        *,
        port: int = 0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        journal: Path | None = None,
        pace: float | None = None,
        backoff: Sequence[float] = GAPS,
    ) -> None:
        self._port, self._clock = port, clock
        self._journal, self.sender = Journal(journal), Sender(backoff)
        self.shops = self._open([Setup(each) if isinstance(each, ShopSpec) else each for each in shops])
        self._pacer = Pacer(list(self.shops.values()), pace, clock) if pace else None
        self._server: BaseWSGIServer | None = None

    @contextmanager
    def running(self) -> Iterator[Simulator]:
        """Serve while the block runs."""
        self.start()
        try:
            yield self
        finally:
            self.stop()

    def start(self) -> None:
        """Serve, send webhooks and go on selling, in threads of their own.

        Raises:
            OSError: the port is in use.
        """
        # Bound here: where a port is in use, werkzeug would print, and end the process.
        with socket.create_server((HOST, self._port)) as bound:
            port = bound.getsockname()[1]
            self._server = make_server(
                HOST, port, Web(self.shops), threaded=True, request_handler=_Quiet, fd=bound.fileno()
            )
        self.sender.start()
        Thread(target=self._server.serve_forever, args=(_POLL,), name="simulator", daemon=True).start()
        if self._pacer:
            self._pacer.start()

    def stop(self) -> None:
        """End all of that."""
        if self._pacer:
            self._pacer.stop()
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        self.sender.stop()
        self._journal.close()
        for live in self.shops.values():
            live.close()

    @property
    def url(self) -> str:
        """Where it serves, such as http://127.0.0.1:8503."""
        port = self._server.port if self._server else self._port
        return f"http://{HOST}:{port}"

    @property
    def admin_url(self) -> str:
        """The template for SHOPIFY_ADMIN_URL."""
        return self.url + "/{shop}"

    def live_shop(self, shop: str | None = None) -> LiveShop:
        """A shop by its domain."""
        return self.shops[shop] if shop else next(iter(self.shops.values()))

    def sell(self, shop: str | None = None, at: datetime | None = None, **args: Any) -> int:
        """Somebody buys something; returns the order's id. `args` may decide: customer_id, guest or new_customer,
        lines ([[variant_id, quantity], …]), test, duties, fees."""
        return int(self.live_shop(shop).trigger("sell", args, at)["order_id"])

    def abandon(self, shop: str | None = None, at: datetime | None = None, **args: Any) -> int:
        """Somebody (`customer_id` may say who) begins to check out and leaves; returns the checkout's id."""
        return int(self.live_shop(shop).trigger("abandon", args, at)["checkout_id"])

    def refund(self, order_id: int, shop: str | None = None, at: datetime | None = None, **args: Any) -> int:
        """All that is left of an order goes back, or what `args` say: units ({line_id: quantity}), shipping,
        discrepancy, note. Returns the refund's id."""
        return int(self.live_shop(shop).trigger("refund", {"order_id": order_id, **args}, at)["refund_id"])

    def cancel(self, order_id: int, shop: str | None = None, at: datetime | None = None, **args: Any) -> None:
        """An order is cancelled, and all that is left of it goes back."""
        self.live_shop(shop).trigger("cancel", {"order_id": order_id, **args}, at)

    def edit(self, order_id: int, shop: str | None = None, at: datetime | None = None, **args: Any) -> dict[str, Any]:
        """An order is edited: variant_id (with quantity) is added, or line_id loses quantity; else by chance."""
        return self.live_shop(shop).trigger("edit", {"order_id": order_id, **args}, at)

    def update_customer(self, customer_id: int, shop: str | None = None, **args: Any) -> None:
        """first_name, last_name or email of a customer change."""
        self.live_shop(shop).trigger("customer", {"customer_id": customer_id, **args})

    def update_product(self, product_id: int, shop: str | None = None, **args: Any) -> None:
        """A product's title changes, or its prices by a factor."""
        self.live_shop(shop).trigger("product", {"product_id": product_id, **args})

    def truth(
        self,
        start: date | None = None,
        end: date | None = None,
        shop: str | None = None,
        currency: str | None = None,
    ) -> Truth:
        """The true totals of some days, of the orders in one currency: the shop's, unless named."""
        live = self.live_shop(shop)
        with live.lock:
            return truth(live.shop, start, end, currency)

    def _open(self, setups: Sequence[Setup]) -> Mapping[str, LiveShop]:
        past: dict[str, list[dict[str, Any]]] = {setup.spec.domain: [] for setup in setups}
        made: dict[str, ShopSpec] = {}
        for entry in self._journal.entries():
            if "spec" in entry:
                made[entry["shop"]] = ShopSpec.from_json(entry["spec"])
            elif entry["shop"] in past:
                past[entry["shop"]].append(entry)
        shops = {}
        for setup in setups:
            domain = setup.spec.domain
            if domain in made:
                setup = replace(setup, spec=made[domain])
            else:
                self._journal.append({"shop": domain, "spec": setup.spec.to_json()})
            shops[domain] = LiveShop(
                setup, clock=self._clock, journal=self._journal, sender=self.sender, past=past[domain]
            )
        return shops


class _Quiet(WSGIRequestHandler):
    """Answers without a line for each request, and hangs up where there is no answer."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""

    def connection_dropped(self, error: BaseException, environ: Mapping[str, Any] | None = None) -> None:
        """Hang up: the client is gone, or is to believe that we are."""
        self.close_connection = True
