"""Figures as known at an instant equal those that the ledger had then; the changed rows add up to the difference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from core.database import tenant_session
from core.database.models import Store
from core.domain import Deleted, Kind, Source
from core.domain.periods import Period
from core.metrics.bridges.known_customers import CustomersSince, KnownCustomers, customers_since
from core.metrics.bridges.known_figures import FiguresSince, KnownFigures, figures_since
from core.metrics.bridges.late_changes import ChangeKind, KindOfChange, LateChange, kinds_of_change, late_changes
from tests.cast import Cast
from tests.core.metrics.conftest import Shop, shop_of
from tests.core.rollups.test_rollups import ACTS
from tests.factories import PLACED, REFUNDED, agreement, line, order, refund, refund_line, sale

Act = Callable[..., None]
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def now_of(shop: Shop) -> datetime:
    """Return the database's clock."""
    with tenant_session(shop.business.tenant_id) as session:
        instant: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
        return instant


@pytest.fixture
def kept(cast: Cast) -> Shop:
    """Make Alice's shop, whose first load has ended."""
    with tenant_session(cast.acme.tenant_id) as session:
        ended = update(Store).where(cast.acme.key.owns(Store)).values(changes_kept_since=text("clock_timestamp()"))
        session.execute(ended)
    return shop_of(cast.acme)


def since(shop: Shop, period: Period, at: datetime) -> FiguresSince:
    found = shop.ask(figures_since, period, at)
    assert found is not None
    return found


def figures_now(shop: Shop, periods: tuple[Period, ...]) -> list[KnownFigures]:
    at = now_of(shop)
    return [since(shop, period, at).now for period in periods]


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(acts=st.lists(st.sampled_from(ACTS), min_size=2, max_size=8))
def test_figures_as_known_then_equal_those_that_the_ledger_had(
    kept: Shop, database_url: str, acts: list[Act]
) -> None:
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("DELETE FROM orders; DELETE FROM refunds; DELETE FROM deletions; DELETE FROM customer_merges")
    periods = (kept.days("2025-01-01", "2027-12-31"), kept.days("2026-11-02"), kept.days("2026-11-03", "2026-11-30"))
    readings: list[tuple[datetime, list[KnownFigures]]] = []
    for act in acts:
        act(kept.business)
        readings.append((now_of(kept), figures_now(kept, periods)))
    for at, figures in readings:
        for period, had in zip(periods, figures, strict=True):
            found = since(kept, period, at)
            assert found.then == had
            rows = kept.ask(late_changes, period, at)
            assert sum(row.change for row in rows) == found.change.net_sales
            assert sum(row.total_change for row in rows) == found.change.total_sales
            kinds = kept.ask(kinds_of_change, period, at)
            assert sum(kind.change for kind in kinds) == found.change.net_sales
            assert sum(kind.rows for kind in kinds) == len(rows)


def kinds(shop: Shop, period: Period, at: datetime) -> dict[ChangeKind, tuple[Decimal, int]]:
    found: tuple[KindOfChange, ...] = shop.ask(kinds_of_change, period, at)
    return {kind.kind: (kind.change, kind.rows) for kind in found}


def test_each_change_has_the_kind_that_a_person_would_name(kept: Shop) -> None:
    november = kept.days("2026-11-01", "2026-11-30")
    kept.receive(
        *(order(), order(order_id=1002), order(order_id=1003), order(order_id=1004, source=Source.WEBHOOK)),
        order(order_id=1005),
    )
    at = now_of(kept)
    edited = agreement(
        sale(quantity=1, total="11.90", tax="1.90", line_item_id=12),
        agreement_id=62, at=REFUNDED, reason="order_edit",
    )  # fmt: skip
    placed = agreement(sale(quantity=2, total="47.60", tax="7.60"), sale("shipping", total="5.00", tax="0"))
    kept.receive(
        order(updated_at=REFUNDED, refunds=(refund(lines=(refund_line(),)),)),
        order(order_id=1002, updated_at=REFUNDED, agreements=(placed, edited)),
        order(order_id=1004, updated_at=PLACED + MINUTE, line_items=(line(price="19.00", tax="7.22"),)),
        order(order_id=1005, updated_at=PLACED + MINUTE, processed_at=PLACED + DAY),
        order(order_id=1006),
        order(order_id=1007, source=Source.CSV),
        Deleted(Kind.ORDER, 1003, REFUNDED),
    )
    found = since(kept, november, at)
    assert kinds(kept, november, at) == {
        ChangeKind.ADDED: (Decimal(40), 2),
        ChangeKind.IMPORTED: (Decimal(40), 2),
        ChangeKind.REMOVED: (Decimal(-40), 2),
        ChangeKind.MOVED: (Decimal(0), 4),
        ChangeKind.REFUND: (Decimal(-20), 1),
        ChangeKind.EDIT: (Decimal(10), 1),
        ChangeKind.CORRECTED: (Decimal(-2), 1),
    }
    assert (found.then.orders, found.now.orders) == (5, 6)
    assert found.change.net_sales == Decimal(28)


def test_an_order_that_moved_out_of_the_period_is_one_that_moved(kept: Shop) -> None:
    kept.receive(order())
    at = now_of(kept)
    kept.receive(order(updated_at=PLACED + MINUTE, processed_at=PLACED - 5 * DAY))
    (goods, _) = rows_of(kept, kept.days("2026-11-01", "2026-11-30"), at)
    assert (goods.kind, goods.then, goods.now, goods.title) == (ChangeKind.MOVED, Decimal(40), Decimal(0), "Shirt")
    assert since(kept, kept.days("2026-10-01", "2026-10-31"), at).change.orders == 1


def test_a_change_of_currency_is_named(kept: Shop) -> None:
    kept.receive(order())
    at = now_of(kept)
    kept.receive(order(updated_at=PLACED + MINUTE, currency="USD"))
    (goods, _) = rows_of(kept, kept.days("2026-11-01", "2026-11-30"), at)
    assert (goods.kind, goods.change) == (ChangeKind.CURRENCY, Decimal(-40))


def test_what_changed_back_is_no_change(kept: Shop) -> None:
    november = kept.days("2026-11-01", "2026-11-30")
    kept.receive(order())
    at = now_of(kept)
    kept.receive(order(updated_at=PLACED + MINUTE, line_items=(line(price="30.00"),)))
    kept.receive(order(updated_at=PLACED + 2 * MINUTE))
    assert rows_of(kept, november, at) == ()
    assert since(kept, november, at).change.net_sales == 0


def test_before_changes_were_kept_nothing_is_known(kept: Shop, cast: Cast) -> None:
    november = kept.days("2026-11-01", "2026-11-30")
    assert kept.ask(figures_since, november, PLACED) is None
    assert shop_of(cast.globex).ask(figures_since, november, now_of(kept)) is None


def test_another_tenants_changes_are_in_no_figure(kept: Shop, cast: Cast) -> None:
    november, other = kept.days("2026-11-01", "2026-11-30"), shop_of(cast.globex)
    at = now_of(kept)
    other.receive(order())
    assert rows_of(kept, november, at) == ()
    assert since(kept, november, at).now.orders == 0


def rows_of(shop: Shop, period: Period, at: datetime) -> tuple[LateChange, ...]:
    found: tuple[LateChange, ...] = shop.ask(late_changes, period, at)
    return found


Noted = list[tuple[int, datetime, date, str]]
"""Orders by id, with the time and the store's day on which each was placed, and its currency."""


def ledger_orders(shop: Shop) -> Noted:
    """Note the orders that count now."""
    counted = (
        "SELECT order_id, processed_at, business_date, currency FROM orders WHERE NOT test AND deleted_at IS NULL"
    )
    with tenant_session(shop.business.tenant_id) as session:
        return [tuple(row) for row in session.execute(text(counted))]  # type: ignore[misc]


def customers_of(
    noted: list[tuple[int, datetime, date, str]], keys: dict[int, str], period: Period
) -> KnownCustomers:
    """Count the customers of a period in plain Python, by the orders of then and the customers of today."""
    histories: dict[str, list[tuple[datetime, int, date, str]]] = {}
    for order_id, at, day, currency in noted:
        if day <= period.end:
            histories.setdefault(keys[order_id], []).append((at, order_id, day, currency))
    customers = new = returning = 0
    for history in histories.values():
        history.sort()
        own = [entry for entry in history if entry[3] == "EUR"]
        if not any(period.start <= entry[2] <= period.end for entry in own):
            continue
        is_new = own[0][0] == history[0][0] and period.start <= own[0][2]
        customers += 1
        new += is_new
        returning += not is_new or len(own) > 1
    return KnownCustomers(customers, new, returning)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(acts=st.lists(st.sampled_from(ACTS), min_size=2, max_size=8))
def test_customers_as_known_then_are_those_of_the_orders_of_then(
    kept: Shop, database_url: str, acts: list[Act]
) -> None:
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("DELETE FROM orders; DELETE FROM refunds; DELETE FROM deletions; DELETE FROM customer_merges")
    readings = []
    for act in acts:
        act(kept.business)
        readings.append((now_of(kept), ledger_orders(kept)))
    with tenant_session(kept.business.tenant_id) as session:
        keys = {row.order_id: row.customer_key for row in session.execute(text("SELECT * FROM orders"))}
        zone = session.scalars(select(Store.time_zone).where(kept.business.key.owns(Store))).one()
    # The periods of a page begin on the store's clock, which an act may have changed.
    days = (("2025-01-01", "2027-12-31"), ("2026-11-02",), ("2026-11-03", "2026-11-30"))
    periods = [replace(kept.days(*each), zone=ZoneInfo(zone)) for each in days]
    for at, noted in readings:
        for period in periods:
            found = kept.ask(customers_since, period, at)
            assert found is not None
            assert found.then == customers_of(noted, keys, period)
            assert found.now == customers_of(readings[-1][1], keys, period)


def test_a_customer_who_turns_out_to_have_bought_before_was_new_then(kept: Shop) -> None:
    """An order of October becomes known later: the buyer of November was new, and is a returning one now."""
    november = kept.days("2026-11-01", "2026-11-30")
    kept.receive(order(customer_id=7), order(order_id=1002, customer_id=9))
    at = now_of(kept)
    kept.receive(order(order_id=1003, customer_id=7, processed_at=PLACED - 30 * DAY))
    assert kept.ask(customers_since, november, at) == CustomersSince(
        then=KnownCustomers(customers=2, new_customers=2, returning_customers=0),
        now=KnownCustomers(customers=2, new_customers=1, returning_customers=1),
    )
