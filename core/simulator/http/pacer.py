"""Keeps the shops alive: about every so many seconds something happens, mostly that somebody buys."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from threading import Event, Thread

from core import logs
from core.errors import XenoError
from core.simulator.http.live_shop import LiveShop
from core.simulator.shop.demand import daily_orders, moment
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
}
_ABOUT_AN_ORDER = ("refund", "cancel", "edit", "exchange", "return", "pay_back", "fulfil")
_RECENT = timedelta(days=30)
_MOST_DAYS = 31

_log = logs.get(__name__)


class Pacer:
    """A thread that lets things happen in `shops`, on average one in `pace` seconds in each."""

    def __init__(self, shops: Sequence[LiveShop], pace: float, clock: Callable[[], datetime]) -> None:
        self._shops, self._pace, self._clock = shops, pace, clock
        self._rng, self._stopping = random.Random(), Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Sell what would have been sold since the last event, then go on at the pace."""
        for live in self._shops:
            catch_up(live, self._clock(), self._rng)
        self._stopping.clear()
        self._thread = Thread(target=self._run, name="pacer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopping.set()
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(self._pace / len(self._shops) * self._rng.uniform(0.4, 1.6)):
            live = self._rng.choice(self._shops)
            try:
                one(live, self._clock(), self._rng)
            except XenoError as error:  # chance chose what cannot be, such as an order that is all refunded
                _log.info("nothing happened", reason=str(error))


def one(live: LiveShop, now: datetime, rng: random.Random) -> None:
    """Let one thing happen, chosen by chance."""
    kind = rng.choices(list(_CHANCES), list(_CHANCES.values()))[0]
    if kind in _ABOUT_AN_ORDER:
        order = _recent(live, now, rng)
        if order:
            live.trigger(kind, {"order_id": order.order_id, "by_chance": True})
            return
        kind = "sell"
    if kind == "sell":
        live.trigger(kind, {"by_chance": True})
    elif kind == "product":
        live.trigger(kind, {"product_id": rng.choice(list(live.shop.products))})
    else:
        live.trigger(kind)


def catch_up(live: LiveShop, now: datetime, rng: random.Random) -> int:
    """Sell what the shop would have sold since its last event or the end of its history; returns how many orders."""
    spec = live.setup.spec
    since = max(live.last_event_at or spec.midnight(spec.until + timedelta(days=1)), now - timedelta(days=_MOST_DAYS))
    day, moments = live.shop.local(since).date(), []
    while day <= live.shop.local(now).date():
        expected = daily_orders(spec, day)
        count = int(expected) + (rng.random() < expected % 1)
        moments += [at for at in (moment(spec, rng, day) for _ in range(count)) if since < at <= now]
        day += timedelta(days=1)
    for at in sorted(moments):
        live.trigger("sell", {"by_chance": True}, at)
    return len(moments)


def _recent(live: LiveShop, now: datetime, rng: random.Random) -> Order | None:
    with live.lock:
        orders = [
            order
            for order in live.shop.orders.values()
            if order.created_at > now - _RECENT and not order.cancelled_at and not order.test
        ]
    return rng.choice(orders) if orders else None
