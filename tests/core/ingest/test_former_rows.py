"""Rows of the ledger know when they became known, and what was replaced or removed is kept: changes of money, day or
type, and no others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from sqlalchemy import text, update

from core import ingest
from core.database import tenant_session
from core.database.models import FormerOrder, FormerSale, Sale, Store
from core.domain import Deleted, Kind, Source
from core.ingest import redaction
from tests.cast import NOW, Business, Cast
from tests.factories import ORDER_ID, PLACED, REFUNDED, agreement, line, order, refund, refund_line, sale
from tests.stored import rows, write

MINUTE = timedelta(minutes=1)


@pytest.fixture
def acme(cast: Cast) -> Business:
    """Make Alice's store, whose first load has ended."""
    with tenant_session(cast.acme.tenant_id) as session:
        ended = update(Store).where(cast.acme.key.owns(Store)).values(changes_kept_since=text("clock_timestamp()"))
        session.execute(ended)
    return cast.acme


def former(business: Business) -> list[tuple[Any, ...]]:
    """Return the former rows of the ledger: what they were about, and their net."""
    return [(row["line_type"], row["action"], row["net"]) for row in rows(business, FormerSale)]


def known(business: Business) -> list[datetime | None]:
    """Return when each row of the ledger became known, in the order of their keys."""
    with tenant_session(business.tenant_id) as session:
        return list(session.scalars(text("SELECT known_at FROM sales ORDER BY order_id, sale_no")))


def test_a_row_is_known_from_the_instant_of_its_write(acme: Business) -> None:
    before = datetime.now(UTC)
    write(acme, order(), order(order_id=1002))
    instants = known(acme)
    assert len(set(instants)) == 1, "a write has one instant"
    assert instants[0] is not None
    assert before <= instants[0] <= datetime.now(UTC)


def test_rows_of_a_first_load_are_no_changes(cast: Cast) -> None:
    write(cast.acme, order())
    write(cast.acme, order(updated_at=PLACED + MINUTE, line_items=(line(price="30.00"),)))
    assert set(known(cast.acme)) == {None}
    assert former(cast.acme) == []


def test_an_equal_row_is_no_change_whatever_path_brings_it(acme: Business) -> None:
    write(acme, order(source=Source.WEBHOOK, refunds=(refund(lines=(refund_line(),)),)))
    first = known(acme)
    listed = agreement(
        sale("shipping", total="5.00", tax="0"), sale(quantity=2, total="47.60", tax="7.60"), at=PLACED
    )
    returned = agreement(
        sale(action="return", quantity=-1, total="-23.80", tax="-3.80"),
        agreement_id=61, at=REFUNDED + timedelta(seconds=2), reason="refund", refund_id=31,
    )  # fmt: skip
    refunds = (refund(lines=(refund_line(),)),)
    write(acme, order(updated_at=REFUNDED, source=Source.API, agreements=(listed, returned), refunds=refunds))
    assert [row["happened_at"] for row in rows(acme, Sale)][-1] == REFUNDED + timedelta(seconds=2)
    assert known(acme) == first
    assert former(acme) == []


def test_a_changed_amount_keeps_what_it_was(acme: Business) -> None:
    write(acme, order())
    first = known(acme)
    write(acme, order(updated_at=PLACED + MINUTE, line_items=(line(price="30.00", tax="11.40"),)))
    goods, shipping = known(acme)
    assert former(acme) == [("product", "order", Decimal("40.00"))]
    (old,) = rows(acme, FormerSale)
    assert old["until"] == goods
    assert goods is not None
    assert first[0] is not None
    assert goods > first[0]
    assert shipping == first[1]


def test_a_deleted_order_leaves_its_former_rows(acme: Business) -> None:
    write(acme, order())
    write(acme, Deleted(Kind.ORDER, ORDER_ID, REFUNDED))
    assert [net for _, _, net in former(acme)] == [Decimal("40.00"), Decimal("5.00")]
    (deleted,) = rows(acme, FormerOrder)
    assert (deleted["order_id"], deleted["business_date"]) == (ORDER_ID, PLACED.date())


def test_no_writer_can_forget(acme: Business) -> None:
    write(acme, order())
    with tenant_session(acme.tenant_id) as session:
        session.execute(text("UPDATE sales SET business_date = business_date - 1 WHERE line_type = 'product'"))
    with tenant_session(acme.tenant_id) as session:
        session.execute(text("DELETE FROM sales"))
    moved = [(row["line_type"], row["business_date"]) for row in rows(acme, FormerSale)]
    day = PLACED.date()
    assert sorted(moved) == [("product", day - timedelta(days=1)), ("product", day), ("shipping", day)]


def test_a_row_that_is_replaced_in_its_own_transaction_was_never_known(acme: Business) -> None:
    with tenant_session(acme.tenant_id) as session:
        dearer = order(updated_at=PLACED + MINUTE, line_items=(line(price="30.00"),))
        for record in (order(), dearer, Deleted(Kind.ORDER, ORDER_ID, REFUNDED)):
            ingest.write(session, acme.key, [record], NOW)
    assert former(acme) == []


def test_former_rows_have_nothing_personal_and_go_with_the_store(acme: Business, database_url: str) -> None:
    write(acme, order(email="ann@example.com", customer_id=81))
    write(acme, order(updated_at=PLACED + MINUTE, email="ann@example.com", line_items=(line(price="30.00"),)))
    with tenant_session(acme.tenant_id) as session:
        redaction.blank(session, acme.key, [81], [ORDER_ID])
        kept = session.scalars(text("SELECT f::text FROM former_sales f")).all()
    assert kept
    assert not any("ann" in row for row in kept)
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("DELETE FROM stores WHERE store_id = %s", [acme.store_id])
    assert former(acme) == []
    assert rows(acme, FormerOrder) == []
