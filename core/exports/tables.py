"""Stream the CSV file of a table or chart from PostgreSQL: all rows of the page's statement, in a COPY.

Amounts are plain decimals with a column for their currency; times are in the store's time zone, in ISO 8601. A text
that a spreadsheet would run as a formula gets an apostrophe before it.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from psycopg import Connection
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import psycopg as dialects

from core.database import export_session
from core.domain.ids import parse_id
from core.domain.money import minor_digits
from core.domain.periods import Grain, Period
from core.errors import InvalidInput, NotFound
from core.exports import baskets, changes, checkouts, cohorts, discounts, explore, returns, segments, stock
from core.exports import overview as overview_files
from core.exports.files import Export
from core.exports.money import MONEY
from core.metrics import Scope, deliveries, formulas, health
from core.metrics.checkouts.report import Aging
from core.metrics.customers import listing as customers
from core.metrics.money import profit
from core.metrics.orders import listing as orders
from core.metrics.products import changes as product_changes
from core.metrics.products import details as product_details
from core.metrics.products import listing as products
from core.metrics.sales import overview
from core.stores import StoreView

_GOODS = """
    units_sold=count units_returned=count
    gross_sales=amount discounts=amount returns=amount net_sales=amount"""

_BESIDE = "earlier_net_sales=amount return_rate=share discount_rate=share abc=text"

EXPORTS = {
    "sales-over-time": Export(
        overview.OVER_TIME,
        """start=time gross_sales=amount discounts=amount returns=amount net_sales=amount shipping=amount taxes=amount
        duties=amount fees=amount total_sales=amount currency=currency orders=count compared_start=time
        compared_net_sales=amount compared_total_sales=amount compared_orders=count time_zone=zone""",
    ),
    "customers-over-time": Export(
        overview.OVER_TIME,
        """start=time customers=count new_customers=count repeat_customers=count returning_customers=count
        time_zone=zone""",
    ),
    "product-over-time": Export(
        product_details.OVER_TIME,
        """start=time gross_sales=amount discounts=amount returns=amount net_sales=amount currency=currency
        time_zone=zone""",
    ),
    "products": Export(
        product_changes.product_rows_statement,
        f"""product_id=count title=text vendor=text product_type=text {_GOODS} {_BESIDE}
        lowest_price=amount highest_price=amount currency=currency stock=count""",
        product_changes.BEST_FIRST,
    ),
    "variants": Export(
        product_changes.variant_rows_statement,
        f"""product_id=count variant_id=count title=text variant=text sku=text vendor=text product_type=text
        {_GOODS} {_BESIDE} price=amount currency=currency stock=count""",
        product_changes.BEST_FIRST,
    ),
    "customers": Export(
        customers.buyers_statement,
        """customer_key=text name=text email=text country=text orders=count net_sales=amount orders_to_date=count
        net_sales_to_date=amount currency=currency first_order_at=time last_order_at=time is_new=flag
        time_zone=zone""",
        customers.BEST_FIRST,
    ),
    **MONEY,
    "orders": Export(
        orders.orders_statement,
        """order_id=count name=text processed_at=time customer=text country=text items=count net_sales=own_amount
        total=own_amount currency=text financial_status=text fulfillment_status=text cancelled_at=time
        time_zone=zone""",
        orders.NEWEST_FIRST,
    ),
    "deliveries": Export(
        deliveries.deliveries_statement,
        """delivery_id=count topic=text record_id=count order_name=text state=text
        received_at=time triggered_at=time applied_at=time retry_at=time
        attempts=count size=count reason=text time_zone=zone""",
        deliveries.NEWEST_FIRST,
    ),
    "webhooks-not-applied": Export(
        deliveries.REFUSALS,
        "day=text_of_day refusal=text deliveries=count time_zone=zone",
    ),
    "checked-days": Export(
        health.DAYS,
        """day=text_of_day state=text ours=count theirs=count our_total=own_amount their_total=own_amount
        currency=text
        orders=named reason=text checked_at=time repaired_at=time time_zone=zone""",
    ),
    **changes.EXPORTS,
    **overview_files.EXPORTS,
    **returns.EXPORTS,
    **stock.EXPORTS,
    **baskets.EXPORTS,
    **cohorts.EXPORTS,
    **segments.EXPORTS,
    **checkouts.EXPORTS,
    **discounts.EXPORTS,
}
"""Every file, by its name."""


class Pieces(Iterator[bytes]):
    """A file in pieces, as PostgreSQL sends them. It holds a connection from the first piece to the last, or to
    `close`."""

    def __init__(self, tenant_id: int, statement: str, parameters: Mapping[str, object]) -> None:
        self._driver: Connection[Any] | None = None
        self._pieces = self._copy(tenant_id, statement, parameters)

    def __next__(self) -> bytes:
        """Return the next piece.

        Raises:
            DatabaseUnavailable: see `core.database.export_session`.
        """
        return next(self._pieces)

    def close(self) -> None:
        """Release the connection, even within the file; not while another thread waits for a piece."""
        self._pieces.close()

    def cancel(self) -> None:
        """Cancel the statement in PostgreSQL: a thread that waits for a piece gets an error soon."""
        driver = self._driver
        if driver is not None:
            driver.cancel_safe(timeout=5)

    def _copy(self, tenant_id: int, statement: str, parameters: Mapping[str, object]) -> Generator[bytes]:
        # COPY takes no parameters on the wire: the driver puts them into the text, quoted.
        driver_text = str(text(statement).compile(dialect=dialects.dialect()))
        with export_session(tenant_id) as session:
            driver = self._driver = session.connection().connection.driver_connection
            if driver is None:
                raise RuntimeError("An export needs a connection that its pool has not given up")
            try:
                with driver.cursor() as cursor, cursor.copy(driver_text, parameters) as copy:
                    for piece in copy:
                        yield bytes(piece)
            finally:
                # The next file may use the connection now, and a late `cancel` must not end that one.
                self._driver = None


def stream(
    store: StoreView,
    name: str,
    period: Period,
    filters: Mapping[str, str],
    compared: Period | None = None,
    today: date | None = None,
    now: datetime | None = None,
) -> Pieces:
    """Stream the file `name` in UTF-8 with a header line; the statement runs when the first piece is read.

    `filters` has the page's filters ("status", "search", "goods", "sort", "grain", "product") and the "currency" of
    its figures, by default the store's; `compared` is the period of comparison. Filters that do not apply to the file
    are ignored. Figures of the last days, such as a product's class, are as of `today`; by default, the day after the
    period. Checkouts are as old as at `now`; by default, at the end of the period.

    Raises:
        NotFound: there is no such file.
        InvalidInput: the status is unknown, the store has no orders in the currency, the search has a NUL, or the
            "question" of Explore cannot be read.
    """
    question = explore.question_of(filters.get("question", "")) if name == explore.NAME else None
    export = explore.export_of(question) if question else _find(name)
    statement = _statement(export, filters.get("sort", ""))
    grain = export.grain or period.grain_named(filters.get("grain", ""))
    parameters = _parameters(store, name, period, filters, grain) | _compared_parameters(period, compared, grain)
    today = today or period.end + timedelta(days=1)
    parameters |= stock.parameters(today, filters) | baskets.parameters(filters) | {"today": today}
    parameters |= segments.parameters(filters) | (explore.parameters(question) if question else {})
    parameters |= {"is_compared": compared is not None}
    aging = Aging(store.abandoned_delay, now or period.instants[1])
    parameters |= aging.parameters
    return Pieces(store.tenant_id, statement, parameters)


def filename(store: StoreView, name: str, period: Period) -> str:
    """Name the file on the merchant's disk: store, table or chart, first and last day."""
    handle = re.sub(r"[^a-z0-9-]", "", store.shop_domain.removesuffix(".myshopify.com"))
    return f"{handle}-{name}-{period.start.isoformat()}-{period.end.isoformat()}.csv"


def _find(name: str) -> Export:
    try:
        return EXPORTS[name]
    except KeyError:
        raise NotFound("There is no such file; download it from the page that shows its rows.") from None


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
        **(orders.search_parameters(search) if name == "orders" else {}),
        "contained": formulas.containing(search),
        "goods": _goods(filters.get("goods", "")),
        "limit": None,
        "offset": 0,
        "digits": minor_digits(currency),
        "zone": store.time_zone.key,
    }


_NO_PRODUCT = 0
_SEARCHES = {
    "deliveries": deliveries.search_parameter,
    **dict.fromkeys([*stock.EXPORTS, *baskets.EXPORTS], formulas.containing),
    **dict.fromkeys(returns.LISTS, lambda typed: formulas.prefix(typed.strip().removeprefix("#"))),
    "products": formulas.containing,
    "profit-by-product": formulas.containing,
    "variants": formulas.containing,
}


def _goods(chosen: str) -> str:
    return chosen if chosen in list(products.Goods) else products.Goods.ALL


def _compared_parameters(period: Period, compared: Period | None, grain: Grain) -> dict[str, object]:
    """Make the parameters of the compared period; without one, those of a period without days."""
    if compared is None:
        no_days: dict[str, object] = {
            "start": period.end,
            "end": period.start - timedelta(days=1),
            "until": None,
            "points": [],
        }
        return {f"compared_{name}": value for name, value in no_days.items()}
    return {
        "compared_start": compared.start,
        "compared_end": compared.end,
        "compared_until": compared.until,
        "compared_points": list(compared.points_beside(period, grain)),
    }


def _statement(export: Export, sort: str) -> str:
    columns = ", ".join(kind.value.format(f'"{name}"') + f' AS "{name}"' for name, kind in export.parsed)
    return f"COPY (SELECT {columns} FROM ({export.sorted_by(sort)}) answer) TO STDOUT (FORMAT csv, HEADER)"
