"""The planner's figures follow a table that grows, and a table that does not is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest

from core import ingest
from core.database import statistics, tenant_session
from tests import factories as f
from tests.cast import Business, Cast

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


def write(business: Business, first: int, orders: int) -> None:
    with tenant_session(business.tenant_id) as session:
        records = [f.order(order_id=order_id) for order_id in range(first, first + orders)]
        ingest.write(session, business.key, records, NOW)


def known(database_url: str) -> float:
    """How many orders the planner knows of; -1 before anybody looked."""
    with psycopg.connect(database_url) as owner:
        found = owner.execute("SELECT reltuples FROM pg_class WHERE oid = 'orders'::regclass").fetchone()
        assert found is not None
        return float(found[0])


@pytest.fixture(autouse=True)
def _nobody_else_looks(database_url: str, clean_database: None) -> Iterator[None]:
    """Not PostgreSQL itself either, which does so about each minute."""
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("ALTER TABLE orders SET (autovacuum_enabled = off)")
        # Other tests leave an estimate of their rows, which a deletion keeps.
        owner.execute("TRUNCATE orders CASCADE")
        yield
        owner.execute("ALTER TABLE orders RESET (autovacuum_enabled)")


def test_a_table_that_grows_is_looked_at_again_each_time_it_has_doubled(cast: Cast, database_url: str) -> None:
    seen = [known(database_url)]
    for first, orders in ((1, 200), (201, 300), (501, 1000)):
        write(cast.acme, first, orders)
        statistics.refresh(cast.acme.tenant_id)
        seen.append(known(database_url))

    assert seen == [-1, 200, 500, 1500]


def test_a_table_that_did_not_double_is_left_alone(cast: Cast, database_url: str) -> None:
    write(cast.acme, 1, 500)
    statistics.refresh(cast.acme.tenant_id)
    write(cast.acme, 501, 100)
    statistics.refresh(cast.acme.tenant_id)

    assert known(database_url) == 500


def test_an_empty_table_is_looked_at_once_it_has_rows(cast: Cast, database_url: str) -> None:
    statistics.refresh(cast.acme.tenant_id)
    assert known(database_url) == -1

    write(cast.acme, 1, 1)
    statistics.refresh(cast.acme.tenant_id)

    assert known(database_url) == 1


def test_every_table_of_tenants_with_rows_is_looked_at(cast: Cast, database_url: str) -> None:
    write(cast.acme, 1, 3)
    statistics.refresh(cast.acme.tenant_id)

    with psycopg.connect(database_url) as owner:
        unknown = owner.execute(
            "SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace AND n.nspname = 'public' "
            "WHERE relkind = 'r' AND relrowsecurity AND reltuples < 0 AND pg_relation_size(pg_class.oid) > 0"
        ).fetchall()
    assert unknown == []
