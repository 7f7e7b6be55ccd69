"""What a person asked to download: a file of a store, its period, and the filters of its page.

Filters come from an address. Each is a parameter of the statement, and one that the file does not have changes
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.domain.ids import parse_id
from core.domain.money import minor_digits
from core.domain.periods import Grain, Period
from core.errors import InvalidInput
from core.exports import (
    all_stores,
    baskets,
    changes,
    customers,
    discounts,
    explore,
    one_order,
    returns,
    segments,
    stock,
    tables,
)
from core.exports import targets as target_files
from core.exports.files import Export
from core.metrics import Scope, deliveries, formulas
from core.metrics.checkouts.report import Aging
from core.metrics.money import profit
from core.metrics.orders import listing as orders
from core.metrics.products import listing as products
from core.metrics.returns import orders as returned_orders
from core.metrics.scope import period_parameters
from core.metrics.searching import range_of
from core.stores import StoreView


@dataclass(frozen=True, slots=True)
class Selection:
    """A file as it was asked for: `statement` selects its rows with the `parameters`."""

    store: StoreView
    name: str
    export: Export
    period: Period
    compared: Period | None
    filters: Mapping[str, str]
    statement: str
    parameters: Mapping[str, object]
    now: datetime
    grain: Grain
    together: tuple[StoreView, ...] = ()
    """The stores of a file about several, in the order of their names."""

    @property
    def currency(self) -> str:
        """The currency of the figures; amounts of single orders are in the order's own."""
        return self.filters.get("currency") or self.store.currency


def select(
    store: StoreView,
    name: str,
    period: Period,
    filters: Mapping[str, str],
    compared: Period | None = None,
    today: date | None = None,
    now: datetime | None = None,
) -> Selection:
    """Select the rows of the file `name`.

    `filters` has the page's filters ("status", "search", "goods", "sort", "grain", "product", "customer", "order"),
    and the "currency" of its figures, by default the store's; `compared` is the period of comparison. Filters that do
    not apply to the file are ignored. Figures of the last days, such as a product's class, are as of `today`; by
    default, the day after the period. Checkouts are as old as at `now`; by default, at the end of the period.

    Raises:
        NotFound: there is no such file.
        InvalidInput: the status is unknown, the store has no orders in the currency, the search has a NUL, or the
            "question" of Explore cannot be read.
    """
    question = explore.question_of(filters.get("question", "")) if name == explore.NAME else None
    export = explore.export_of(question) if question else tables.find(name)
    grain = export.grain or period.grain_named(filters.get("grain", ""))
    parameters = _parameters(store, name, period, filters, grain) | _compared_parameters(period, compared, grain)
    today = today or period.end + timedelta(days=1)
    parameters |= stock.parameters(today, filters) | baskets.parameters(filters) | {"today": today}
    parameters |= changes.parameters(period, filters) | discounts.parameters(filters) | customers.parameters(filters)
    parameters |= segments.parameters(filters) | one_order.parameters(filters)
    parameters |= explore.parameters(question) if question else {}
    parameters |= {"is_compared": compared is not None}
    together: tuple[StoreView, ...] = ()
    if name in all_stores.EXPORTS:
        parameters |= all_stores.parameters(store, period, filters, grain)
        together = all_stores.stores_of(store, parameters)
    if name in target_files.EXPORTS:
        parameters |= target_files.parameters(name, store, period, str(parameters["currency"]), today)
    now = now or period.instants[1]
    parameters |= Aging(store.abandoned_delay, now).parameters
    statement = export.sorted_by(filters.get("sort", ""))
    return Selection(store, name, export, period, compared, filters, statement, parameters, now, grain, together)


def _parameters(
    store: StoreView, name: str, period: Period, filters: Mapping[str, str], grain: Grain
) -> dict[str, object]:
    if any("\0" in value for value in filters.values()):
        raise InvalidInput("PostgreSQL holds no NUL character; take it out of the address.")
    currency = filters.get("currency") or store.currency
    if currency not in store.currencies:
        raise InvalidInput("This store has no orders in that currency; download the file from its page.")
    status, search = filters.get("status") or orders.Status.ALL, filters.get("search", "")
    if status not in list(orders.Status):
        raise InvalidInput("There is no such status of orders; download the file from the Orders page.")
    return {
        **Scope(store.key, currency).within(period),
        "points": list(period.points(grain)),
        **profit.day_starts(period, period.points(grain)),
        "product_id": parse_id(filters.get("product", "")) or _NO_PRODUCT,
        "status": str(status),
        "topic": filters.get("topic", ""),
        "state": filters.get("state", ""),
        "key": filters.get("term") or None,
        "search": _SEARCHES.get(name, formulas.prefix)(search),
        **(_RANGES[name](search) if name in _RANGES else {}),
        "contained": formulas.containing(search),
        "goods": _goods(filters.get("goods", "")),
        "limit": None,
        "offset": 0,
        "digits": minor_digits(currency),
        "zone": store.time_zone.key,
    }


_NO_PRODUCT = 0
_RANGES = {
    **dict.fromkeys(("orders", "order-lines"), orders.search_parameters),
    **dict.fromkeys(("customers", "checkouts"), range_of),
    **dict.fromkeys(returns.LISTS, returned_orders.searches),
}
"""The files whose search is a range of an index, as on their pages."""
_SEARCHES = {
    "deliveries": deliveries.search_parameter,
    **dict.fromkeys([*stock.EXPORTS, *baskets.EXPORTS], formulas.containing),
    "products": formulas.containing,
    "profit-by-product": formulas.containing,
    "variants": formulas.containing,
}


def _goods(chosen: str) -> str:
    return chosen if chosen in list(products.Goods) else products.Goods.ALL


def _compared_parameters(period: Period, compared: Period | None, grain: Grain) -> dict[str, object]:
    """Make the parameters of the compared period. Without one, they name a period without days."""
    if compared is None:
        no_days: dict[str, object] = {
            "start": period.end,
            "end": period.start - timedelta(days=1),
            "until": None,
            "last_whole_day": period.start - timedelta(days=1),
            "points": [],
        }
        return {f"compared_{name}": value for name, value in no_days.items()}
    return {
        **period_parameters(compared, "compared_"),
        "compared_points": list(compared.points_beside(period, grain)),
    }
