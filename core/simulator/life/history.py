"""A deterministic shop: the same spec gives the same history, to the byte."""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from core.simulator.life import random_changes, random_purchases
from core.simulator.shop import catalogue, customers
from core.simulator.shop.demand import instants
from core.simulator.shop.ids import Ids
from core.simulator.shop.model import Order
from core.simulator.shop.shop import Shop, ShopSpec

_GUESTS = 0.12
_BUYERS = 0.94  # of the customers; the others only have an account
_REFUNDS, _CANCELLATIONS, _EDITS = 0.075, 0.02, 0.015
_TURNS = {"exchange": 0.012, "return": 0.012, "swap": 0.006, "pending": 0.006}


def make_shop(spec: ShopSpec) -> Shop:
    """The shop with its whole history: exactly as many customers and orders as the spec says, tests included."""
    rng = random.Random(f"{spec.seed}/{spec.domain}")
    opened = spec.midnight(spec.until - timedelta(days=spec.days - 1)) - timedelta(days=20)
    shop = Shop(spec, opened, Ids(spec.domain))
    catalogue.stock(shop, rng)
    _History(shop, rng).unfold()
    return shop


@dataclass(slots=True)
class _History:
    """One pass through the days: orders in turn, and what becomes of them when its time has come."""

    shop: Shop
    rng: random.Random
    later: list[tuple[datetime, int, Callable[[datetime], object]]] = field(default_factory=list)
    turn: Iterator[int] = field(default_factory=itertools.count)  # first planned goes first, at equal times

    def unfold(self) -> None:
        spec = self.shop.spec
        moments = instants(spec, self.rng, spec.orders)
        newcomers = self._newcomers(len(moments))
        for place, at in enumerate(moments):
            self._catch_up(at)
            self._buy(at, is_new=place in newcomers, is_guest=place not in newcomers and self._is_guest())
        self._catch_up(self._end)
        self._fill_up()
        for order in self.shop.orders.values():
            order.is_fulfilled = not order.cancelled_at and order.created_at < self._end - timedelta(days=2)

    @property
    def _end(self) -> datetime:
        return datetime.combine(self.shop.spec.until, time(23, 59, 59), self.shop.spec.zone).astimezone(UTC)

    def _newcomers(self, orders: int) -> frozenset[int]:
        """Which orders are somebody's first: more of them early, so that the shop has regulars later."""
        buyers = min(round(self.shop.spec.customers * _BUYERS), round(orders * (1 - _GUESTS)))
        keyed = sorted(range(orders), key=lambda place: (place / orders) ** 0.7 * self.rng.random())
        return frozenset(keyed[:buyers])

    def _is_guest(self) -> bool:
        return not self.shop.buyers or self.rng.random() < _GUESTS

    def _buy(self, at: datetime, *, is_new: bool, is_guest: bool) -> None:
        customer = None
        if is_new:
            customer = customers.new_customer(
                self.shop, self.rng, at - timedelta(seconds=self.rng.randrange(20, 900))
            )
        elif not is_guest:
            customer = random_purchases.returner(self.shop, self.rng)
        # Every shop tries its checkout once: the third order is a test.
        order = random_purchases.buy(
            self.shop, self.rng, at, customer, test=True if len(self.shop.orders) == 2 else None
        )
        self._plan(order)

    def _plan(self, order: Order) -> None:
        """Perhaps something will become of this order."""
        rng, chance = self.rng, self.rng.random()
        if chance < _REFUNDS:
            self._at(order, rng.uniform(2, 30), lambda at: random_changes.give_back(self.shop, rng, order, at))
            if rng.random() < 0.15:
                self._at(order, rng.uniform(30, 60), lambda at: random_changes.give_back(self.shop, rng, order, at))
        elif chance < _REFUNDS + _CANCELLATIONS:
            self._at(order, rng.uniform(0.02, 3), lambda at: random_changes.call_off(self.shop, rng, order, at))
        elif chance < _REFUNDS + _CANCELLATIONS + _EDITS:
            self._at(order, rng.uniform(0.02, 1), lambda at: random_changes.change(self.shop, rng, order, at))
        self._plan_turns(order)

    def _plan_turns(self, order: Order) -> None:
        """Perhaps one of the rarer things will: by a chance of its own, that changes nothing else of the shop."""
        shop = self.shop
        rng = random.Random(f"{shop.spec.seed}/{shop.spec.domain}/later/{order.number}")
        name = rng.choices([*_TURNS, ""], [*_TURNS.values(), 1 - sum(_TURNS.values())])[0]
        days, later = rng.uniform(2, 25), rng.uniform(1, 12)
        if name not in shop.spec.rare_orders or order.test:
            return
        if name == "exchange":
            self._at(order, days, lambda at: random_changes.exchange(shop, rng, order, at))
        elif name == "swap":
            self._at(order, days / 24, lambda at: random_changes.swap(shop, rng, order, at))
        else:
            come_back = random_changes.send_back if name == "return" else random_changes.hold_back
            self._at(order, days, lambda at: come_back(shop, rng, order, at))
            if rng.random() < 0.6:
                self._at(order, days + later, lambda at: random_changes.pay_back(shop, order, at))

    def _at(self, order: Order, days: float, event: Callable[[datetime], object]) -> None:
        when = order.created_at + timedelta(seconds=round(days * 86_400))
        heapq.heappush(self.later, (when, next(self.turn), event))

    def _catch_up(self, until: datetime) -> None:
        while self.later and self.later[0][0] <= until:
            at, _, event = heapq.heappop(self.later)
            event(at)

    def _fill_up(self) -> None:
        """The accounts that never bought: newsletter readers, opened at any time."""
        span = round((self._end - self.shop.created_at).total_seconds())
        for _ in range(self.shop.spec.customers - len(self.shop.customers)):
            customers.new_customer(
                self.shop, self.rng, self.shop.created_at + timedelta(seconds=self.rng.randrange(span))
            )
