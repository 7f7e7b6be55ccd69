"""Makes a shop with its whole history. The same spec makes the same history, to the byte."""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from core.simulator.life import random_changes, random_purchases
from core.simulator.shop import catalogue, customers
from core.simulator.shop.demand import order_times
from core.simulator.shop.ids import Ids
from core.simulator.shop.model import Order
from core.simulator.shop.shop import Shop, ShopSpec

_GUESTS = 0.12
_BUYERS = 0.94  # of the customers; the others only have an account
_REFUNDS, _CANCELLATIONS, _EDITS = 0.075, 0.02, 0.015
_RARE_CHANGES = {"exchange": 0.012, "return": 0.012, "swap": 0.006, "pending": 0.006}


def make_shop(spec: ShopSpec) -> Shop:
    """Make the shop with exactly as many customers and orders as the spec says, tests included."""
    rng = random.Random(f"{spec.seed}/{spec.domain}")
    created_at = spec.midnight(spec.until - timedelta(days=spec.days - 1)) - timedelta(days=20)
    shop = Shop(spec, created_at, Ids(spec.domain))
    catalogue.add_products(shop, rng)
    _History(shop, rng).run()
    return shop


@dataclass(slots=True)
class _History:
    """One pass through the days: orders in turn, and their later changes when they are due."""

    shop: Shop
    rng: random.Random
    planned: list[tuple[datetime, int, Callable[[datetime], object]]] = field(default_factory=list)
    turn: Iterator[int] = field(default_factory=itertools.count)  # the first planned runs first at equal times

    def run(self) -> None:
        spec = self.shop.spec
        times = order_times(spec, self.rng, spec.orders)
        first_orders = self._choose_first_orders(len(times))
        for index, at in enumerate(times):
            self._run_due(at)
            self._place_order(
                at, is_new=index in first_orders, is_guest=index not in first_orders and self._is_guest()
            )
        self._run_due(self._end)
        self._add_accounts_without_orders()
        for order in self.shop.orders.values():
            order.is_fulfilled = not order.cancelled_at and order.created_at < self._end - timedelta(days=2)

    @property
    def _end(self) -> datetime:
        return datetime.combine(self.shop.spec.until, time(23, 59, 59), self.shop.spec.zone).astimezone(UTC)

    def _choose_first_orders(self, orders: int) -> frozenset[int]:
        """Choose the orders that are their customer's first. More are early, so that the shop has regulars later."""
        buyers = min(round(self.shop.spec.customers * _BUYERS), round(orders * (1 - _GUESTS)))
        keyed = sorted(range(orders), key=lambda place: (place / orders) ** 0.7 * self.rng.random())
        return frozenset(keyed[:buyers])

    def _is_guest(self) -> bool:
        return not self.shop.buyers or self.rng.random() < _GUESTS

    def _place_order(self, at: datetime, *, is_new: bool, is_guest: bool) -> None:
        customer = None
        if is_new:
            customer = customers.add_customer(
                self.shop, self.rng, at - timedelta(seconds=self.rng.randrange(20, 900))
            )
        elif not is_guest:
            customer = random_purchases.choose_returning_customer(self.shop, self.rng)
        # Every shop tries its checkout once: the third order is a test, so that each history has one.
        order = random_purchases.buy(
            self.shop, self.rng, at, customer, test=True if len(self.shop.orders) == 2 else None
        )
        self._plan_changes(order)

    def _plan_changes(self, order: Order) -> None:
        """Plan random changes of this order."""
        rng, chance = self.rng, self.rng.random()
        if chance < _REFUNDS:
            self._schedule(order, rng.uniform(2, 30), lambda at: random_changes.refund(self.shop, rng, order, at))
            if rng.random() < 0.15:
                self._schedule(
                    order, rng.uniform(30, 60), lambda at: random_changes.refund(self.shop, rng, order, at)
                )
        elif chance < _REFUNDS + _CANCELLATIONS:
            self._schedule(order, rng.uniform(0.02, 3), lambda at: random_changes.cancel(self.shop, rng, order, at))
        elif chance < _REFUNDS + _CANCELLATIONS + _EDITS:
            self._schedule(order, rng.uniform(0.02, 1), lambda at: random_changes.edit(self.shop, rng, order, at))
        self._plan_rare_changes(order)

    def _plan_rare_changes(self, order: Order) -> None:
        """Plan a rare change. Its own random stream changes nothing else of the shop."""
        shop = self.shop
        rng = random.Random(f"{shop.spec.seed}/{shop.spec.domain}/later/{order.number}")
        name = rng.choices([*_RARE_CHANGES, ""], [*_RARE_CHANGES.values(), 1 - sum(_RARE_CHANGES.values())])[0]
        days, later = rng.uniform(2, 25), rng.uniform(1, 12)
        if name not in shop.spec.rare_orders or order.test:
            return
        if name == "exchange":
            self._schedule(order, days, lambda at: random_changes.exchange(shop, rng, order, at))
        elif name == "swap":
            self._schedule(order, days / 24, lambda at: random_changes.swap(shop, rng, order, at))
        else:
            change = random_changes.take_return if name == "return" else random_changes.start_refund
            self._schedule(order, days, lambda at: change(shop, rng, order, at))
            if rng.random() < 0.6:
                self._schedule(order, days + later, lambda at: random_changes.pay_back(shop, order, at))

    def _schedule(self, order: Order, days: float, event: Callable[[datetime], object]) -> None:
        when = order.created_at + timedelta(seconds=round(days * 86_400))
        heapq.heappush(self.planned, (when, next(self.turn), event))

    def _run_due(self, until: datetime) -> None:
        while self.planned and self.planned[0][0] <= until:
            at, _, event = heapq.heappop(self.planned)
            event(at)

    def _add_accounts_without_orders(self) -> None:
        """Add the accounts that never buy, such as newsletter readers, opened at any time."""
        span = round((self._end - self.shop.created_at).total_seconds())
        for _ in range(self.shop.spec.customers - len(self.shop.customers)):
            customers.add_customer(
                self.shop, self.rng, self.shop.created_at + timedelta(seconds=self.rng.randrange(span))
            )
