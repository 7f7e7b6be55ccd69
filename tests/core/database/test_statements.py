"""What is done for many is done by set: more of them take no more statements."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import event

from core import database, ingest
from core.database import tenant_session
from core.domain import Record
from core.simulator.http.simulator import Simulator
from core.sync import refetch
from core.webhooks import apply
from tests.cast import NOW, Cast
from tests.core.webhooks.test_apply import an_order
from tests.factories import checkout, customer, order, product
from tests.shopify_sends import deliveries, store_delivery

FEW, MANY = 3, 20
COPIED = 10_000
"""Rows from which on they are copied, which is another way: more than there are here."""


def taken(work: Callable[[], object]) -> int:
    """How many statements the work takes."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(database.engine(), "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(database.engine(), "before_cursor_execute", note)
    return len(sent)


def test_applying_many_deliveries_takes_as_many_statements_as_applying_few(cast: Cast) -> None:
    def applied(count: int) -> int:
        for each in range(count):
            store_delivery(cast.acme, "orders/create", an_order(count * 1000 + each))
        return taken(lambda: apply.apply_pending(cast.acme.key, NOW))

    applied(1)  # the store's first order has its currency noted, too
    assert applied(MANY) == applied(FEW)
    assert {row.state for row in deliveries(cast.acme)} == {"applied"}


def test_writing_many_records_takes_as_many_statements_as_writing_few(cast: Cast) -> None:
    def written(count: int) -> int:
        made: list[Record] = []
        for number in range(count * 1000, count * 1000 + count):
            made += [order(order_id=number), customer(number), product(number), checkout(number)]
        with tenant_session(cast.acme.tenant_id) as session:
            return taken(lambda: ingest.write(session, cast.acme.key, made, NOW, COPIED))

    written(1)  # the store's first order has its currency noted, too
    assert written(MANY) == written(FEW)


def test_refetching_many_orders_takes_hardly_more_statements_than_few(connected: Cast, shopify: Simulator) -> None:
    order_ids = list(shopify.live_shop().shop.orders)

    def settled(ids: list[int]) -> int:
        with tenant_session(connected.acme.tenant_id) as session:
            refetch.request(session, connected.acme.key, ids, NOW - timedelta(days=1))
        return taken(lambda: refetch.work_on(connected.acme.key))

    few, many = settled(order_ids[:FEW]), settled(order_ids[FEW : FEW + refetch.BATCH])
    assert many <= few + 5, "where there are refunds among them"
