"""Whatever is written, what is kept of customers equals a recomputation, and counts of customers look back right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from core import rollups, stores
from core.database import tenant_session
from core.database.models import CustomerDay, CustomerOrder
from core.domain import Deleted, Kind, Merged
from core.domain.periods import Grain, Period
from core.ingest import business_dates, redaction
from core.metrics import Scope
from core.metrics import formulas as f
from core.metrics.sales import overview
from tests.cast import NOW, Business, Cast
from tests.factories import order
from tests.stored import rows, write

BOUNDED = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
FIRST = datetime(2026, 10, 24, 20, tzinfo=UTC)
"""Hours before the night in which Berlin's clocks go back."""
ZONES = ("Europe/Berlin", "Asia/Tokyo", "America/New_York")

ORDER_IDS = st.integers(1, 6)
CUSTOMER_IDS = st.sampled_from([81, 82, None])
ORDERS = st.builds(
    lambda number, customer_id, email, currency, hours, test, minute: order(
        order_id=number,
        customer_id=customer_id,
        email=email,
        currency=currency,
        processed_at=FIRST + timedelta(hours=hours),
        updated_at=FIRST + timedelta(minutes=minute),
        test=test,
    ),
    ORDER_IDS,
    CUSTOMER_IDS,
    st.sampled_from(["a@example.com", "b@example.com", None]),
    st.sampled_from(["EUR", "EUR", "USD"]),
    st.sampled_from([0, 0, 1, 5, 12, 30, 31, 60, 100, 200, 800, 2200, 9000]),
    st.sampled_from([False, False, False, True]),
    st.integers(0, 99),
)
WRITES = st.one_of(
    st.lists(ORDERS, min_size=1, max_size=4).map(lambda orders: ("write", orders)),
    st.lists(ORDERS, min_size=1, max_size=4).map(lambda orders: ("copy", orders)),
    ORDER_IDS.map(lambda number: ("delete", number)),
    ORDER_IDS.map(lambda number: ("erase row", number)),
    st.sampled_from([(81, 82), (82, 81)]).map(lambda ids: ("merge", ids)),
    ORDER_IDS.map(lambda number: ("redact", number)),
    st.sampled_from(ZONES).map(lambda zone: ("zone", zone)),
)


@BOUNDED
@given(writes=st.lists(WRITES, min_size=1, max_size=8), data=st.data())
def test_after_any_writes_what_is_kept_equals_a_recomputation(
    cast: Cast, database_url: str, writes: list[tuple[str, Any]], data: st.DataObject
) -> None:
    forget(database_url)
    for kind, what in writes:
        ACTS[kind](cast.acme, database_url, what)
        assert rollups.audit(cast.acme.key, NOW) == {}, (kind, what)

    start, length = data.draw(st.integers(0, 9)), data.draw(st.integers(0, 9))
    period = some_days(cast.acme, start, length, data.draw(st.none() | st.integers(0, 24 * length + 24)))
    grain = data.draw(st.sampled_from([Grain.DAY, Grain.WEEK, Grain.MONTH])) if length else Grain.HOUR
    for currency in ("EUR", "USD"):
        assert counts(cast.acme, currency, period, grain) == looked_back(cast.acme, currency, period, grain)


def test_a_wrong_place_in_a_history_is_found_and_repaired(cast: Cast, database_url: str) -> None:
    write(cast.acme, *(order(order_id=number, customer_id=81) for number in (1, 2, 3)))
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("UPDATE customer_orders SET number = 7 WHERE order_id = 2")
        owner.execute("UPDATE cohort_sums SET seconds = 9 WHERE width = 'week'")

    assert rollups.audit(cast.acme.key, NOW) == {"customer_orders": 1, "cohort_sums": 1}
    assert rollups.audit(cast.acme.key, NOW) == {}
    assert [row["number"] for row in rows(cast.acme, CustomerOrder)] == [1, 2, 3]


def test_an_erased_store_leaves_nothing_of_its_customers(cast: Cast, database_url: str) -> None:
    write(cast.acme, order(order_id=1, customer_id=81), order(order_id=2, customer_id=81))
    write(cast.globex, order(order_id=1, customer_id=81))

    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(text("DELETE FROM stores WHERE store_id = :store_id"), {"store_id": cast.acme.store_id})

    assert (rows(cast.acme, CustomerOrder), rows(cast.acme, CustomerDay)) == ([], [])
    assert len(rows(cast.globex, CustomerDay)) == 1


def write_orders(business: Business, _: str, orders: list[Any]) -> None:
    write(business, *orders)


def copy_orders(business: Business, _: str, orders: list[Any]) -> None:
    write(business, *orders, copy_from=1)


def delete_order(business: Business, _: str, number: int) -> None:
    write(business, Deleted(Kind.ORDER, number, FIRST))


def erase_row(_business: Business, database_url: str, number: int) -> None:
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("DELETE FROM orders WHERE order_id = %s", [number])


def merge(business: Business, _: str, ids: tuple[int, int]) -> None:
    write(business, Merged(*ids, FIRST))


def redact(business: Business, _: str, number: int) -> None:
    with tenant_session(business.tenant_id) as session:
        redaction.blank(session, business.key, [], [number])


def change_zone(business: Business, database_url: str, zone: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("UPDATE stores SET time_zone = %s WHERE store_id = %s", [zone, business.key.store_id])
    business_dates.recompute(business.key, chunk=2)


ACTS: dict[str, Callable[[Business, str, Any], None]] = {
    "write": write_orders,
    "copy": copy_orders,
    "delete": delete_order,
    "erase row": erase_row,
    "merge": merge,
    "redact": redact,
    "zone": change_zone,
}


def forget(database_url: str) -> None:
    """Each example begins with no orders, in Berlin."""
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("DELETE FROM orders; DELETE FROM deletions; DELETE FROM customer_merges")
        owner.execute("UPDATE stores SET time_zone = 'Europe/Berlin'")


def some_days(business: Business, start: int, length: int, cut_hours: int | None) -> Period:
    """Return days from `start` after the first one, cut some hours after the first begins."""
    zone = stores.find(business.key).time_zone
    first = date(2026, 10, 23) + timedelta(days=start)
    period = Period(first, first + timedelta(days=length), zone)
    until = None if cut_hours is None else period.instants[0] + timedelta(hours=cut_hours)
    return replace(period, until=until)


def counts(business: Business, currency: str, period: Period, grain: Grain) -> list[tuple[int, ...]]:
    """Return customers, new, repeat and returning ones, of the whole period and of each point."""
    with tenant_session(business.tenant_id) as session:
        report = overview.report(session, Scope(business.key, currency), period, grain)
    figures = [report.whole, *(point.figures for point in report.points)]
    return [(e.customers, e.new_customers, e.repeat_customers, e.returning_customers) for e in figures]


def looked_back(business: Business, currency: str, period: Period, grain: Grain) -> list[tuple[int, ...]]:
    """Return `counts` as a query over all orders gives them, without anything that is kept."""
    points = list(period.points(grain))
    parameters = {**Scope(business.key, currency).within(period), "points": points}
    with tenant_session(business.tenant_id) as session:
        found = {row.point: tuple(row[1:]) for row in session.execute(LOOKING_BACK, parameters)}
    return [found.get(point, (0, 0, 0, 0)) for point in (None, *range(len(points)))]


LOOKING_BACK = text(f"""
    SELECT point, count(*), count(*) FILTER (WHERE first_ever = first_here),
           count(*) FILTER (WHERE first_ever < first_here),
           count(*) FILTER (WHERE orders >= 2 OR first_ever < first_here)
    FROM (
        SELECT {f.point("o.processed_at")} AS point, o.customer_key, count(*) AS orders,
               min(o.processed_at) AS first_here
        FROM orders o WHERE {f.ORDERS_IN_PERIOD}
        GROUP BY GROUPING SETS ((1, 2), (2))
    ) here
    JOIN (
        SELECT o.customer_key, min(o.processed_at) AS first_ever
        FROM orders o WHERE {f.ORDERS_SO_FAR}
        GROUP BY 1
    ) ever USING (customer_key)
    GROUP BY point
""")
