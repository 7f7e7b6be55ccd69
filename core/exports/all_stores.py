"""The files of the All stores page: each day of each store with its rate, and the stores over time.

Each store has its own days, because "today" is another day in Tokyo than in Los Angeles. The address names them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from sqlalchemy import text

from core.database import tenant_session
from core.domain.money import minor_digits
from core.domain.periods import Grain, Period
from core.errors import InvalidInput
from core.exchange import rate_tables
from core.exports.files import Export
from core.stores import StoreView, list_stores

NAME, OVER_TIME = "all-stores", "all-stores-over-time"
_DAYS = re.compile(r"\A(\d{1,18})_(\d{4}-\d\d-\d\d)_(\d{4}-\d\d-\d\d)\Z", re.ASCII)
_CODE = re.compile(r"\A[A-Z]{3}\Z", re.ASCII)

_DAYS_OF_STORES = """
SELECT s.store_id, s.name AS store, d.business_date AS day, d.currency,
       d.gross_sales, d.discounts, d.returns, d.net_sales, t.total_sales, d.orders, r.rate,
       r.rate IS NULL AND (d.gross_sales, d.discounts, d.returns, d.net_sales, t.total_sales, d.placed_value)
           IS DISTINCT FROM (0, 0, 0, 0, 0, 0) AS is_unknown
FROM unnest(CAST(:stores AS bigint[]), CAST(:first_days AS date[]), CAST(:last_days AS date[]))
     AS c (store_id, first, last)
JOIN stores s ON s.tenant_id = :tenant_id AND s.store_id = c.store_id
JOIN sales_by_day d ON d.tenant_id = s.tenant_id AND d.store_id = s.store_id AND d.currency = s.currency
    AND d.business_date BETWEEN c.first AND c.last
CROSS JOIN LATERAL (SELECT d.net_sales + d.shipping + d.taxes + d.duties + d.fees AS total_sales) t
LEFT JOIN unnest(CAST(:rate_currencies AS text[]), CAST(:rate_days AS date[]), CAST(:rates AS numeric[]))
    AS r (currency, day, rate) ON r.currency = d.currency AND r.day = d.business_date
"""
"""Each day of each store with its rate, which `core.exchange` finds. A day without any amount needs none."""
_ROWS = f"""
SELECT store, day, currency, gross_sales, discounts, returns, net_sales, total_sales, orders, rate,
       net_sales * rate AS net_sales_converted, total_sales * rate AS total_sales_converted
FROM ({_DAYS_OF_STORES}) days
ORDER BY day, store, store_id
"""
_POINTS = f"""
SELECT CAST(date_trunc(:grain, CAST(day AS timestamp)) AS date) AS begins, store, currency,
       sum(net_sales) AS net_sales, sum(total_sales) AS total_sales, sum(orders)::bigint AS orders,
       CASE WHEN NOT bool_or(is_unknown) THEN sum(coalesce(net_sales * rate, 0)) END AS net_sales_converted,
       CASE WHEN NOT bool_or(is_unknown) THEN sum(coalesce(total_sales * rate, 0)) END AS total_sales_converted,
       CASE WHEN NOT bool_or(bool_or(is_unknown)) OVER point
            THEN sum(sum(coalesce(net_sales * rate, 0))) OVER point END AS net_sales_together
FROM ({_DAYS_OF_STORES}) days
GROUP BY 1, store_id, store, currency
WINDOW point AS (PARTITION BY CAST(date_trunc(:grain, CAST(day AS timestamp)) AS date))
ORDER BY begins, store, store_id
"""

EXPORTS = {
    NAME: Export(
        _ROWS,
        """store=text day=text_of_day currency=text gross_sales=own_amount discounts=own_amount returns=own_amount
        net_sales=own_amount total_sales=own_amount orders=count rate=number net_sales_converted=amount
        total_sales_converted=amount converted_into=currency""",
        title="All stores by day",
        row="a day of a store",
        meanings={"rate": "rate_of_day", "store": "store_name"},
    ),
    OVER_TIME: Export(
        _POINTS,
        """begins=text_of_day store=text currency=text net_sales=own_amount total_sales=own_amount orders=count
        net_sales_converted=amount total_sales_converted=amount net_sales_together=level converted_into=currency""",
        title="All stores over time",
        row="{grain} and store",
        meanings={"store": "store_name"},
    ),
}


def days_parameter(periods: Mapping[int, Period]) -> str:
    """The parameter of an address that names the days of each store, by the store's id."""
    return ",".join(
        f"{store_id}_{period.start.isoformat()}_{period.end.isoformat()}" for store_id, period in periods.items()
    )


def parameters(store: StoreView, period: Period, filters: Mapping[str, str], grain: Grain) -> dict[str, object]:
    """The parameters of the files: the "days" of each store, the currency "into", and the rates of these days.

    An address without "days" asks for this store and `period`.

    Raises:
        InvalidInput: they cannot be read.
    """
    into = filters.get("into") or store.currency
    days = filters.get("days") or days_parameter({store.store_id: period})
    matches = [_DAYS.match(part) for part in days.split(",")]
    if not _CODE.match(into) or not all(matches):
        raise InvalidInput("This address is not complete; download the file from the All stores page.")
    try:
        named = [
            (int(match[1]), date.fromisoformat(match[2]), date.fromisoformat(match[3])) for match in matches if match
        ]
    except ValueError:
        raise InvalidInput("This address is not complete; download the file from the All stores page.") from None
    ids, first_days, last_days = zip(*named, strict=True)
    ranges = {"stores": list(ids), "first_days": list(first_days), "last_days": list(last_days)}
    return {
        **ranges,
        **_rates(store.key.tenant_id, into, ranges),
        **{"into": into, "currency": into, "digits": minor_digits(into), "grain": str(grain)},
    }


def stores_of(store: StoreView, parameters: Mapping[str, object]) -> tuple[StoreView, ...]:
    """The stores that the `parameters` name, of the business of `store`."""
    named = parameters["stores"]
    assert isinstance(named, list)
    stores = [chosen for chosen in list_stores(store.key.tenant_id) if chosen.store_id in named]
    return tuple(sorted(stores, key=lambda chosen: (chosen.name, chosen.store_id)))


def _rates(tenant_id: int, into: str, ranges: Mapping[str, object]) -> dict[str, object]:
    """The rate of each day with sales, by currency; a day without one is left out."""
    with tenant_session(tenant_id) as session:
        sold = session.execute(text(_SOLD), {"tenant_id": tenant_id, **ranges}).all()
    known = []
    if sold:
        days = [row.business_date for row in sold]
        tables = rate_tables(tenant_id, into, {row.currency for row in sold}, min(days), max(days))
        priced = ((row.currency, row.business_date, tables[row.currency].on(row.business_date)) for row in sold)
        known = [row for row in priced if row[2] is not None]
    currencies, rate_days, rates = zip(*known, strict=True) if known else ((), (), ())
    return {"rate_currencies": list(currencies), "rate_days": list(rate_days), "rates": list(rates)}


_SOLD = """
SELECT DISTINCT d.currency, d.business_date
FROM unnest(CAST(:stores AS bigint[]), CAST(:first_days AS date[]), CAST(:last_days AS date[]))
     AS c (store_id, first, last)
JOIN stores s ON s.tenant_id = :tenant_id AND s.store_id = c.store_id
JOIN sales_by_day d ON d.tenant_id = s.tenant_id AND d.store_id = s.store_id AND d.currency = s.currency
    AND d.business_date BETWEEN c.first AND c.last
"""
