"""Row by row and table by table: one tenant's session never reads, makes, changes or takes a row of another's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from msgspec.structs import replace
from sqlalchemy import Table, delete, func, insert, select, text, update
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from core import accounts, database, imports, rollups
from core.accounts import Role
from core.database import system_session, tenant_session
from core.database.models import (
    BackfillSlice,
    Base,
    BasketBuild,
    BasketProduct,
    CheckRun,
    Cost,
    CostBasis,
    CostKind,
    CustomerScore,
    DayCheck,
    DeferredSums,
    Erasure,
    ExchangeRate,
    FirstProduct,
    FormerOrder,
    FormerSale,
    FormerUnitCost,
    NextProduct,
    Order,
    OrderToRead,
    PrivacyRequest,
    ProductPair,
    RecentSale,
    RecentStock,
    Redaction,
    Remap,
    ReportCurrency,
    RollupAudit,
    SavedReport,
    SegmentBuild,
    SegmentSum,
    Target,
    UnitCost,
    UnitCostFile,
    UnreadableRecord,
    UnsettledOrder,
)
from core.database.models.base import OUTSIDE_POLICIES
from core.domain import Deleted, Kind, Merged, OrderAnswer, ReturnLine, Transaction
from core.imports import Upload
from core.shopify.auth import AccessToken
from core.stores import tokens
from core.stores.stock_days import keep_stock_of_day
from core.sync import runs
from tests.cast import NOW, Business, Cast, make_cast
from tests.emptying import empty_database
from tests.factories import cart, checkout, customer, level, line, order, product, refund
from tests.shopify_sends import store_delivery
from tests.stored import write

TABLES = [table for name, table in sorted(Base.metadata.tables.items()) if name not in OUTSIDE_POLICIES]
BASKET_DAYS = ("start", "end", "first_start", "first_end")
BASKET_COUNTS = ("orders", "large_orders", "customers", "repeat_customers")
REFUSED = "violates row-level security policy"


@pytest.fixture(scope="module")
def filled(database_url: str) -> Cast:
    """Both businesses have something in every table of tenants; no test here leaves a change behind."""
    empty_database(database_url)
    cast = make_cast()
    for owner_of, business in ((cast.alice, cast.acme), (cast.charlie, cast.globex)):
        paid = (Transaction(5, "sale", "success", NOW, Decimal(1)),)
        discounted = (line(discount=Decimal(1)),)
        write(business, order(), refund())
        back = (ReturnLine(5, 4, NOW, "open", 1, "unwanted"),)
        second = order(order_id=2, updated_at=NOW, line_items=discounted, checkout_token="t", transactions=paid)
        second = replace(second, return_lines=back, answer=OrderAnswer({"id": 2}))
        write(business, second)
        write(business, customer(), product(), level())
        keep_stock_of_day(business.key, NOW)
        write(business, checkout(), cart())
        write(business, Deleted(Kind.PRODUCT, 99, NOW), Merged(81, 82, NOW))
        rollups.refresh_money(business.key)
        write(business, order(order_id=3, updated_at=NOW))
        store_delivery(business, "orders/create", {"id": 1})
        runs.request(business.key, "button", NOW)
        file = Upload("orders.csv", 4, BytesIO(b"Name"))
        imports.request(owner_of.actor, business.store_id, [file], NOW)
        accounts.invite(owner_of.actor, "eve@example.com", Role.VIEWER, NOW)
        accounts.record_visit(owner_of.actor, business.store_id, NOW)
        _work_under_way(business)
    return cast


def _work_under_way(business: Business) -> None:
    """What the first load, settling, checks, privacy requests and tokens that end leave in their tables."""
    store = business.key.parameters
    today = NOW.date()
    request = {"shop_domain": business.shop_domain, "webhook_id": "w", "topic": "shop/redact", "outcome": "Erased."}
    check = {"trigger": "button", "first_day": today, "last_day": today, "is_whole": False, "requested_at": NOW}
    day = {"day": today, "state": "equal", "ours": 1, "theirs": 1, "currency": "EUR", "checked_at": NOW}
    cost = {"kind": CostKind.OTHER, "name": "Rent", "basis": CostBasis.MONTH, "amount": 1}
    dated = {"until": NOW, "business_date": today, "currency": "EUR"}
    sold = {"reason": "order", "action": "order", "line_type": "product"}
    sold |= {"quantity": 1, "net": 1, "discount": 0, "tax": 0}
    entered = {"currency": "EUR", "valid_from": today, "entered_at": NOW}
    scores = {"segment": "new", "recency": 5, "frequency": 1, "monetary": 1, "orders": 1, "net_sales": 1}
    scores["last_order_at"] = NOW
    baskets = dict.fromkeys(BASKET_DAYS, today) | dict.fromkeys(BASKET_COUNTS, 1)
    erasure = {"order_ids": [1], "orders": 1, "bodies": 0, "seen_id": 0, "last_id": 1}
    with tenant_session(business.tenant_id) as session:
        tokens.store_token(session, business.key, AccessToken("shpat_of_an_hour"), NOW)
        asked = PrivacyRequest(**store, **request, received_at=NOW, done_at=NOW)
        session.add(asked)
        session.flush()
        session.add_all(
            [
                BackfillSlice(**store, slice_no=1, entity="orders", planned_at=NOW),
                OrderToRead(**store, order_id=1, slice_no=1),
                UnreadableRecord(**store, kind="order", shopify_id=3, reason="the API's order: name", seen_at=NOW),
                UnsettledOrder(**store, order_id=1, reported_at=NOW, due_at=NOW),
                Redaction(**store, kind="customer", shopify_id=83, redacted_at=NOW),
                Erasure(**store, **erasure, request_id=asked.request_id),
                CheckRun(**store, **check, state="running"),
                DayCheck(**store, **day),
                Cost(**store, **cost, **entered),
                FormerOrder(**store, **dated, order_id=1, processed_at=NOW),
                FormerSale(**store, **dated, order_id=1, sale_no=0, happened_at=NOW, **sold),
                FormerUnitCost(**store, variant_id=71, until=NOW, unit_cost=1, currency="EUR"),
                UnitCost(**store, variant_id=71, unit_cost=1, **entered),
                UnitCostFile(**store, name="costs.csv", content="", uploaded_at=NOW),
                SavedReport(tenant_id=business.tenant_id, name="R", name_norm="r", definition={}, saved_at=NOW),
                ReportCurrency(tenant_id=business.tenant_id, currency="EUR", set_at=NOW),
                ExchangeRate(
                    tenant_id=business.tenant_id, currency="USD", into="EUR", rate=Decimal("0.92"), entered_at=NOW
                ),
                Target(**store, month=date(2026, 11, 1), metric="orders", amount=9, currency="EUR", set_at=NOW),
                Remap(**store, version=1, requested_at=NOW, orders_total=2, orders_left=1),
                RollupAudit(**store, audited_at=NOW, differing=0),
                DeferredSums(**store, since=NOW, rebuild_seconds=1),
                SegmentBuild(**store, built_at=NOW, currency="EUR", customers=1),
                SegmentSum(**store, segment="new", customers=1, orders=1, net_sales=1),
                CustomerScore(**store, customer_key="c:1", **scores),
                BasketBuild(**store, **baskets, built_at=NOW),
                BasketProduct(**store, product_id=7, orders=1),
                ProductPair(**store, product_id=7, other_id=8, orders=1),
                RecentSale(**store, currency="EUR", product_id=7, variant_id=71, units=1, net_sales=1),
                RecentStock(**store, variant_id=71, location_id=0, days_out=1, units_left=1),
                FirstProduct(**store, product_id=7, customers=1, repeat_customers=1),
                NextProduct(**store, product_id=7, next_id=8, customers=1),
            ]
        )


@pytest.fixture(params=TABLES, ids=lambda table: table.name)
def table(request: pytest.FixtureRequest) -> Table:
    found: Table = request.param
    return found


class _TakenBack(Exception):
    """Ends a transaction without a trace."""


@contextmanager
def attempt(tenant_id: int) -> Iterator[Session]:
    """A tenant's session, in which nothing is kept."""
    with suppress(_TakenBack), tenant_session(tenant_id) as session:
        yield session
        raise _TakenBack


def count(table: Table, tenant_id: int) -> int:
    """How many rows a tenant has, by its own session."""
    with tenant_session(tenant_id) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_session_sees_its_own_rows_and_none_of_another_tenant(filled: Cast, table: Table) -> None:
    for business, other in ((filled.acme, filled.globex), (filled.globex, filled.acme)):
        with tenant_session(business.tenant_id) as session:
            assert {row.tenant_id for row in session.execute(select(table))} == {business.tenant_id}
            asked = select(table).where(table.c.tenant_id == other.tenant_id)
            assert session.execute(asked).all() == []


def test_no_row_can_be_put_into_another_tenants_table(filled: Cast, table: Table) -> None:
    """Under numbers that are free there, so that nothing else but the policy stands in the way."""
    with tenant_session(filled.globex.tenant_id) as session:
        stored = [column for column in table.c if column.computed is None]
        forged = dict(session.execute(select(*stored).limit(1)).one()._mapping)
    parents = {key.parent.name for key in table.foreign_keys}
    free = {int: 4242, date: date(2001, 2, 3)}
    for key in table.primary_key:
        if key.name not in parents:
            forged[key.name] = free.get(key.type.python_type, forged[key.name])

    with pytest.raises(ProgrammingError, match=REFUSED), attempt(filled.acme.tenant_id) as session:
        session.execute(insert(table).values(forged))


def test_no_row_of_another_tenant_can_be_changed(filled: Cast, table: Table) -> None:
    beside_its_keys = (each for each in table.c if not each.primary_key and not each.foreign_keys)
    column = next(beside_its_keys, list(table.c)[-1])
    with attempt(filled.acme.tenant_id) as session:
        theirs = update(table).where(table.c.tenant_id == filled.globex.tenant_id).values({column.name: column})
        everything = update(table).values({column.name: column})
        assert session.execute(theirs).rowcount == 0  # type: ignore[attr-defined]
        assert session.execute(everything).rowcount == count(table, filled.acme.tenant_id)  # type: ignore[attr-defined]


def test_no_row_can_be_given_to_another_tenant(filled: Cast, table: Table) -> None:
    with pytest.raises(ProgrammingError, match=REFUSED), attempt(filled.acme.tenant_id) as session:
        session.execute(update(table).values(tenant_id=filled.globex.tenant_id))


def test_no_row_of_another_tenant_can_be_deleted(filled: Cast, table: Table) -> None:
    with attempt(filled.acme.tenant_id) as session:
        theirs = delete(table).where(table.c.tenant_id == filled.globex.tenant_id)
        assert session.execute(theirs).rowcount == 0  # type: ignore[attr-defined]
        assert session.execute(delete(table)).rowcount == count(table, filled.acme.tenant_id)  # type: ignore[attr-defined]
    assert count(table, filled.globex.tenant_id) > 0


def test_without_a_tenant_there_are_no_rows(filled: Cast, table: Table) -> None:
    with system_session() as session:
        assert session.execute(select(table)).all() == []
        assert session.execute(delete(table)).rowcount == 0  # type: ignore[attr-defined]


def test_without_a_tenant_nothing_can_be_written(filled: Cast) -> None:
    row = "(tenant_id, store_id, kind, shopify_id, deleted_at)"
    forged = text(f"INSERT INTO deletions {row} VALUES (:tenant_id, :store_id, 'order', 1, now())")
    acme = {"tenant_id": filled.acme.tenant_id, "store_id": filled.acme.store_id}
    with pytest.raises(ProgrammingError, match=REFUSED), system_session() as session:
        session.execute(forged, acme)


def test_a_connection_that_goes_back_to_the_pool_forgets_the_tenant(filled: Cast) -> None:
    database.pools().dispose()
    backends = set()
    for business in (filled.acme, None, filled.globex, None):
        with tenant_session(business.tenant_id) if business else system_session() as session:
            backends.add(session.scalar(text("SELECT pg_backend_pid()")))
            seen = set(session.scalars(select(Order.tenant_id)))
        assert seen == ({business.tenant_id} if business else set())
    assert len(backends) == 1, "the same connection served all of them"


def test_after_an_error_the_connection_forgets_the_tenant_too(filled: Cast) -> None:
    with pytest.raises(ZeroDivisionError), tenant_session(filled.acme.tenant_id):
        raise ZeroDivisionError
    with system_session() as session:
        assert session.scalar(select(func.count()).select_from(Order)) == 0


def test_a_savepoint_that_is_undone_keeps_the_tenant(filled: Cast) -> None:
    with tenant_session(filled.acme.tenant_id) as session:
        with suppress(_TakenBack), session.begin_nested():
            raise _TakenBack
        assert set(session.scalars(select(Order.tenant_id))) == {filled.acme.tenant_id}


def test_a_tenant_is_a_number_and_nothing_that_could_be_a_statement() -> None:
    with pytest.raises(ValueError, match="invalid literal"), tenant_session("1'; RESET ROLE; --"):  # type: ignore[arg-type]
        pass


@pytest.mark.parametrize(
    "trick", ["ALTER TABLE orders DISABLE ROW LEVEL SECURITY", "DROP POLICY tenant ON orders", "CREATE TABLE t ()"]
)
def test_the_role_that_serves_cannot_take_the_policies_away(filled: Cast, trick: str) -> None:
    with pytest.raises(ProgrammingError, match=r"must be owner|permission denied"), system_session() as session:
        session.execute(text(trick))


def test_switching_row_security_off_is_an_error_and_not_a_view_of_everything(filled: Cast) -> None:
    with system_session() as session:
        session.execute(text("SET LOCAL row_security = off"))
        with pytest.raises(ProgrammingError, match="query would be affected"):
            session.execute(select(Order))
        session.rollback()
