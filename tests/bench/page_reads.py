"""The reads of the dashboard's pages as cases of a benchmark: each with its arguments, sorted and searched.

They are the functions of `dashboard.reads` and `dashboard.live_reads`, without the cache. A new read becomes a case
without a change here, if the names of its parameters are known to `Arguments`.
"""

from __future__ import annotations

import dataclasses
import inspect
import typing
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from core.database import StoreKey, tenant_session
from core.domain.periods import Comparison, Period, Preset, preset
from core.metrics import deliveries
from core.metrics.checkouts.report import Aging
from core.metrics.explore import Dimension, Measure, Question
from core.metrics.orders import sorts
from core.metrics.orders.discount import DiscountKey
from core.metrics.paging import Page
from core.metrics.sorting import Sort
from dashboard import live_reads, reads
from dashboard.parts.tables import ROWS
from tests.bench.many_shops import NOW

_OFFERED: Mapping[type[StrEnum], Collection[Any]] = {
    sorts.OrderKey: sorts.COLUMNS,
    deliveries.DeliveryKey: deliveries.COLUMNS,
}
"""The keys of lists that offer the others only while they are short."""


@dataclass(frozen=True, slots=True)
class Case:
    """One read with one choice of arguments."""

    name: str
    span: str
    ask: Callable[[int], object]
    """Takes the number of the sample: reads of one record read another one each time."""


class Arguments:
    """The arguments of reads by the names of their parameters, for one store."""

    def __init__(self, store: StoreKey) -> None:
        self.store = store
        with tenant_session(store.tenant_id) as session:

            def column(statement: str) -> list[Any]:
                return list(session.scalars(text(statement), store.parameters))

            of_store = "tenant_id = :tenant_id AND store_id = :store_id"
            self.zone = ZoneInfo(column(f"SELECT time_zone FROM stores WHERE {of_store}")[0])
            self.currency = column(f"SELECT currency FROM stores WHERE {of_store}")[0]
            self.orders = column(f"SELECT count(*) FROM orders WHERE {of_store}")[0]
            self.first_day: date = column(f"SELECT min(business_date) FROM orders WHERE {of_store}")[0]
            newest = (
                f"SELECT %s FROM orders WHERE {of_store} AND customer_id IS NOT NULL ORDER BY order_id DESC LIMIT 99"
            )
            self.order_ids = column(newest % "order_id")
            self.customer_keys = column(newest % "customer_key")
            self.delivery_ids = column(
                f"SELECT delivery_id FROM deliveries WHERE {of_store} ORDER BY delivery_id LIMIT 99"
            )
            self.checkout_ids = column(
                f"SELECT checkout_id FROM checkouts WHERE {of_store} ORDER BY checkout_id DESC LIMIT 99"
            )
            # The first products are those that sell best: the worst case.
            self.product_ids = column(f"SELECT product_id FROM products WHERE {of_store} ORDER BY product_id LIMIT 9")

    def spans(self) -> dict[str, Period]:
        """The periods by their names; all end today, which is not over."""
        month, year = (preset(name, self.zone, NOW) for name in (Preset.LAST_30_DAYS, Preset.LAST_12_MONTHS))
        cut = {"30 days": month, "a year": year, "all time": Period(self.first_day, month.end, self.zone)}
        return {name: replace(period, until=NOW) if period.until else period for name, period in cut.items()}

    def of(self, name: str, kind: Any, period: Period, number: int) -> object:
        """Return a value for the parameter `name` of the type `kind`.

        Raises:
            LookupError: nothing is known of such a parameter.
        """
        known: dict[str, object] = {
            "store": self.store,
            "stores": (self.store,),
            "revision": 0,
            "read_at": str(number),
            "currency": self.currency,
            "zone": self.zone,
            "period": period,
            "compared": period.compared(Comparison.PREVIOUS_PERIOD, NOW) or period,
            "grain": period.grain,
            "limit": ROWS,
            "offset": 0,
            "now": NOW,
            "since": NOW - timedelta(hours=1),
            "at": NOW - timedelta(days=7),
            "today": period.end,
            "day": period.end,
            "aging": Aging(timedelta(minutes=60), NOW),
            "days": tuple(preset(name, self.zone, NOW) for name in (Preset.TODAY, Preset.YESTERDAY)),
            "topic": "",
            "search": "",
            "state": None,
            "order_id": self.order_ids[number % len(self.order_ids)],
            "customer_key": self.customer_keys[number % len(self.customer_keys)],
            "product_id": self.product_ids[number % len(self.product_ids)],
            "product_ids": tuple(self.product_ids),
            "fewest": 5,
            "first": period.start,
            "last": period.end,
            "key": "placed",
            "asked": Question((Measure.NET_SALES, Measure.ORDERS), (Dimension.PRODUCT,)),
            "checkout_id": self.checkout_ids[number % len(self.checkout_ids)],
            "delivery_id": self.delivery_ids[number % len(self.delivery_ids)],
        }
        if kind is DiscountKey:
            return DiscountKey("code", "save10")
        if name in known:
            return known[name]
        if name == "question" and isinstance(kind, type):
            return self._question(kind, period)
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            return next(iter(kind))
        raise LookupError(f"no value is known for {name}: {kind}")

    def _question(self, kind: type, period: Period) -> object:
        """Return a question of a list as its page asks it at first: its first rows, beside the compared period."""
        compared = period.compared(Comparison.PREVIOUS_PERIOD, NOW)
        fields = {"period": period, "compared": compared, "today": period.end, "limit": ROWS}
        names = [one.name for one in dataclasses.fields(kind)]
        if missing := {one.name for one in dataclasses.fields(kind) if _is_required(one)} - fields.keys():
            raise LookupError(f"no value is known for {', '.join(sorted(missing))} of {kind.__name__}")
        return kind(**{name: value for name, value in fields.items() if name in names})


def _is_required(one: dataclasses.Field[Any]) -> bool:
    return one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING


def cases(store: StoreKey) -> list[Case]:
    """Every read with its own arguments, sorted by each column, and searched."""
    arguments = Arguments(store)
    found: list[Case] = []
    for name, read in {**_reads(reads), **_reads(live_reads)}.items():
        parameters = inspect.signature(read).parameters
        has_period = {"period", "days", "question"} & set(parameters)
        for span, period in arguments.spans().items():
            if not has_period and span != "all time":
                continue
            for variant, choice in _variants(read, parameters):
                try:
                    ask = _asking(read, parameters, choice, arguments, period)
                except LookupError as error:
                    print(f"{name} is not measured: {error}", flush=True)
                    break
                found.append(Case(f"{name}{variant}", span, ask))
                if "cursor" in parameters and "search" not in choice:
                    going_on = _going_on(read, parameters, choice, arguments, period)
                    found.append(Case(f"{name}{variant} page 401", span, going_on))
    return found


def _reads(module: Any) -> dict[str, Callable[..., object]]:
    """The reads of a module by name, without their cache."""
    names = getattr(module, "__all__", None) or [
        name
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__
    ]
    return {
        name: inspect.unwrap(getattr(module, name))
        for name in names
        if not name.startswith("_") and callable(getattr(module, name)) and not inspect.isclass(getattr(module, name))
    }


def _variants(
    read: Callable[..., object], parameters: Mapping[str, inspect.Parameter]
) -> Iterator[tuple[str, dict[str, object]]]:
    """The arguments that are tried beside the read's own defaults, each with its name."""
    yield "", {}
    if "search" in parameters:
        for word in ("anna", "#1234", "customer77@"):
            yield f" search {word}", {"search": word}
    for key in _sort_keys(read, parameters):
        yield f" by {key}", {"sort": Sort(key, is_descending=False)}
        yield f" by -{key}", {"sort": Sort(key, is_descending=True)}


def _sort_keys(read: Callable[..., object], parameters: Mapping[str, inspect.Parameter]) -> list[Any]:
    """The keys that a list offers, however long it is."""
    if "sort" not in parameters:
        return []
    (enum,) = typing.get_args(typing.get_type_hints(read)["sort"])
    return [key for key in enum if key in _OFFERED.get(enum, enum)]


def _going_on(
    read: Callable[..., object],
    parameters: Mapping[str, inspect.Parameter],
    choice: dict[str, object],
    arguments: Arguments,
    period: Period,
) -> Callable[[int], object]:
    """Ask for the page behind 20,000 rows by a cursor, which the first sample, left out of the figures, looks for."""
    far = _asking(read, parameters, choice | {"offset": 20_000 - ROWS}, arguments, period)
    cursors: list[object] = []

    def ask(number: int) -> object:
        if not cursors:
            cursors.append(typing.cast(Page[object], far(number)).after)
        return _asking(read, parameters, choice | {"cursor": cursors[0]}, arguments, period)(number)

    return ask


def _asking(
    read: Callable[..., object],
    parameters: Mapping[str, inspect.Parameter],
    choice: dict[str, object],
    arguments: Arguments,
    period: Period,
) -> Callable[[int], object]:
    kinds = typing.get_type_hints(read)
    has_limit = "limit" in parameters
    needed = [
        name
        for name, parameter in parameters.items()
        if name not in choice and (parameter.default is parameter.empty or (has_limit and name == "limit"))
    ]
    if "sort" in needed:
        choice = {"sort": Sort(_sort_keys(read, parameters)[0], is_descending=True)} | choice
        needed.remove("sort")

    def values(number: int) -> dict[str, object]:
        return {name: arguments.of(name, kinds[name], period, number) for name in needed} | choice

    values(0)
    return lambda number: read(**values(number))
