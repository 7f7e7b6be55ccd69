"""Keeps shops busy: every few seconds an event, mostly a sale."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from threading import Event, Thread

from core import logs
from core.errors import XenoError
from core.simulator.http.live_shop import LiveShop
from core.simulator.shop.demand import expected_orders, order_time
from core.simulator.shop.model import Order

_CHANCES = {
    "sell": 84,
    "refund": 5,
    "cancel": 1,
    "edit": 1,
    "exchange": 1,
    "return": 1,
    "pay_back": 1,
    "fulfil": 4,
    "new_customer": 3,
    "product": 2,
    "abandon": 9,
    "fill_cart": 14,
}
_ABOUT_AN_ORDER = ("refund", "cancel", "edit", "exchange", "return", "pay_back", "fulfil")
_RECENT = timedelta(days=30)
_MOST_DAYS = 31

_log = logs.get(__name__)


class Pacer:
    """A thread that triggers random events in `shops`, on average one every `pace` seconds in each."""

    def __init__(self, shops: Sequence[LiveShop], pace: float, clock: Callable[[], datetime]) -> None:
        self._shops, self._pace, self._clock = shops, pace, clock
        self._rng, self._stopping = random.Random(), Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Sell the orders since the last event, then trigger events at the pace."""
        for live_shop in self._shops:
            catch_up(live_shop, self._clock(), self._rng)
        self._stopping.clear()
        self._thread = Thread(target=self._run, name="pacer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread."""
        self._stopping.set()
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(self._pace / len(self._shops) * self._rng.uniform(0.4, 1.6)):
            live_shop = self._rng.choice(self._shops)
            try:
                trigger_random_event(live_shop, self._clock(), self._rng)
            except XenoError as error:  # chance chose an impossible event, such as a refund of a refunded order
                _log.info("a planned event did not happen", reason=str(error))


def trigger_random_event(live_shop: LiveShop, now: datetime, rng: random.Random) -> None:
    """Trigger one random event."""
    kind = rng.choices(list(_CHANCES), list(_CHANCES.values()))[0]
    if kind in _ABOUT_AN_ORDER:
        order = _recent_order(live_shop, now, rng)
        if order:
            live_shop.trigger(kind, {"order_id": order.order_id, "by_chance": True})
            return
        kind = "sell"
    if kind == "sell":
        live_shop.trigger(kind, {"by_chance": True})
    elif kind == "product":
        live_shop.trigger(kind, {"product_id": rng.choice(list(live_shop.shop.products))})
    else:
        live_shop.trigger(kind)


def catch_up(live_shop: LiveShop, now: datetime, rng: random.Random) -> int:
    """Sell the expected orders since the last event or the end of the history. Returns their number."""
    spec = live_shop.setup.spec
    since = max(
        live_shop.last_event_at or spec.midnight(spec.until + timedelta(days=1)), now - timedelta(days=_MOST_DAYS)
    )
    day, order_times = live_shop.shop.local(since).date(), []
    while day <= live_shop.shop.local(now).date():
        expected = expected_orders(spec, day)
        count = int(expected) + (rng.random() < expected % 1)
        order_times += [at for at in (order_time(spec, rng, day) for _ in range(count)) if since < at <= now]
        day += timedelta(days=1)
    for at in sorted(order_times):
        live_shop.trigger("sell", {"by_chance": True}, at)
    return len(order_times)


def _recent_order(live_shop: LiveShop, now: datetime, rng: random.Random) -> Order | None:
    with live_shop.lock:
        orders = [
            order
            for order in live_shop.shop.orders.values()
            if order.created_at > now - _RECENT and not order.cancelled_at and not order.test
        ]
    return rng.choice(orders) if orders else None
