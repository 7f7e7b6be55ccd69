"""Live shops behind one local server: in process for tests, by `python -m core.simulator serve` otherwise."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from threading import Thread
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from core.simulator.http.live_shop import LiveShop, Setup
from core.simulator.http.pacer import Pacer
from core.simulator.http.wsgi import WsgiApp
from core.simulator.life.journal import Journal
from core.simulator.shop.shop import ShopSpec
from core.simulator.shop.truth import Truth, truth
from core.simulator.webhooks.deliveries import BACKOFF, Sender

HOST = "127.0.0.1"


_POLL = 0.02
"""Seconds between checks whether to stop. The default of half a second would slow each test down."""


class Simulator:
    """A local Shopify with one or more shops. Methods without a shop use the first one.

    `port` 0 takes a free port. `clock` is the shops' time. With `journal`, a restart restores the shops as they were.
    With `pace`, about every so many seconds something is bought in each.
    """

    def __init__(
        self,
        shops: Sequence[Setup | ShopSpec] = (Setup(),),
        *,
        port: int = 0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        journal: Path | None = None,
        pace: float | None = None,
        backoff: Sequence[float] = BACKOFF,
    ) -> None:
        self._port, self._clock = port, clock
        self._journal, self.sender = Journal(journal), Sender(backoff)
        self.shops = self._open([Setup(shop) if isinstance(shop, ShopSpec) else shop for shop in shops])
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
        """Serve, send webhooks and sell, in threads.

        Raises:
            OSError: the port is in use.
        """
        # Bind here, because werkzeug would print and end the process where the port is in use.
        with socket.create_server((HOST, self._port)) as bound:
            port = bound.getsockname()[1]
            self._server = make_server(
                HOST, port, WsgiApp(self.shops), threaded=True, request_handler=_QuietHandler, fd=bound.fileno()
            )
        self.sender.start()
        Thread(target=self._server.serve_forever, args=(_POLL,), name="simulator", daemon=True).start()
        if self._pacer:
            self._pacer.start()

    def stop(self) -> None:
        """Stop all threads."""
        if self._pacer:
            self._pacer.stop()
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        self.sender.stop()
        self._journal.close()
        for live_shop in self.shops.values():
            live_shop.close()

    @property
    def url(self) -> str:
        """Its address, such as http://127.0.0.1:8503."""
        port = self._server.port if self._server else self._port
        return f"http://{HOST}:{port}"

    @property
    def admin_url(self) -> str:
        """The template for SHOPIFY_ADMIN_URL."""
        return self.url + "/{shop}"

    def live_shop(self, shop: str | None = None) -> LiveShop:
        """Find a shop by its domain."""
        return self.shops[shop] if shop else next(iter(self.shops.values()))

    def sell(self, shop: str | None = None, at: datetime | None = None, **args: Any) -> int:
        """Sell an order; returns its id.

        `args` may decide: customer_id, guest or new_customer, lines ([[variant_id, quantity], …]), test, duties,
        fees.
        """
        return int(self.live_shop(shop).trigger("sell", args, at)["order_id"])

    def abandon(self, shop: str | None = None, at: datetime | None = None, **args: Any) -> int:
        """Abandon a checkout, of `customer_id` if given; returns its id."""
        return int(self.live_shop(shop).trigger("abandon", args, at)["checkout_id"])

    def fill_cart(self, shop: str | None = None, at: datetime | None = None) -> str:
        """Fill a cart and leave it before the checkout; returns its token."""
        return str(self.live_shop(shop).trigger("fill_cart", {}, at)["cart_token"])

    def refund(self, order_id: int, shop: str | None = None, at: datetime | None = None, **args: Any) -> int:
        """Refund the rest of an order, or the part that `args` give; returns the refund's id.

        `args`: units ({line_id: quantity}), shipping, discrepancy, note.
        """
        return int(self.live_shop(shop).trigger("refund", {"order_id": order_id, **args}, at)["refund_id"])

    def cancel(self, order_id: int, shop: str | None = None, at: datetime | None = None, **args: Any) -> None:
        """Cancel an order and refund the rest of it."""
        self.live_shop(shop).trigger("cancel", {"order_id": order_id, **args}, at)

    def adjust_fee(self, order_id: int, fee: Decimal, shop: str | None = None) -> None:
        """Let the provider adjust the fee of an order's payment, in the order's currency; its version stays."""
        self.live_shop(shop).trigger("adjust_fee", {"order_id": order_id, "fee": str(fee)})

    def edit(self, order_id: int, shop: str | None = None, at: datetime | None = None, **args: Any) -> dict[str, Any]:
        """Edit an order: add variant_id (with quantity), or remove quantity of line_id; without either, by chance."""
        return self.live_shop(shop).trigger("edit", {"order_id": order_id, **args}, at)

    def update_customer(self, customer_id: int, shop: str | None = None, **args: Any) -> None:
        """Change first_name, last_name or email of a customer."""
        self.live_shop(shop).trigger("customer", {"customer_id": customer_id, **args})

    def regroup(self, customer_id: int, group: str, tier: str | None = None, shop: str | None = None) -> None:
        """Let Shopify compute another segment and spend tier of a customer, who keeps their `updatedAt`."""
        self.live_shop(shop).trigger("regroup", {"customer_id": customer_id, "group": group, "tier": tier})

    def update_product(self, product_id: int, shop: str | None = None, **args: Any) -> None:
        """Change a product's title, or its prices by a factor."""
        self.live_shop(shop).trigger("product", {"product_id": product_id, **args})

    def truth(
        self,
        start: date | None = None,
        end: date | None = None,
        shop: str | None = None,
        currency: str | None = None,
    ) -> Truth:
        """Compute the true totals of some days, of the orders in one currency: the shop's unless given."""
        live_shop = self.live_shop(shop)
        with live_shop.lock:
            return truth(live_shop.shop, start, end, currency)

    def _open(self, setups: Sequence[Setup]) -> Mapping[str, LiveShop]:
        past: dict[str, list[dict[str, Any]]] = {setup.spec.domain: [] for setup in setups}
        specs: dict[str, ShopSpec] = {}
        for entry in self._journal.entries():
            if "spec" in entry:
                specs[entry["shop"]] = ShopSpec.from_json(entry["spec"])
            elif entry["shop"] in past:
                past[entry["shop"]].append(entry)
        shops = {}
        for setup in setups:
            domain = setup.spec.domain
            if domain in specs:
                setup = replace(setup, spec=specs[domain])
            else:
                self._journal.append({"shop": domain, "spec": setup.spec.to_json()})
            shops[domain] = LiveShop(
                setup, clock=self._clock, journal=self._journal, sender=self.sender, past=past[domain]
            )
        return shops


class _QuietHandler(WSGIRequestHandler):
    """A handler that logs no requests, and closes the connection where there is no answer."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing."""

    def connection_dropped(self, error: BaseException, environ: Mapping[str, Any] | None = None) -> None:
        """Close the connection: the client has left, or a fault pretends that we have."""
        self.close_connection = True
