"""What is stored of a store, counted by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime

from core.domain import Deleted, Kind, Source
from core.metrics.sales.contents import Contents, contents
from tests import factories as made
from tests.cast import Cast
from tests.core.metrics.conftest import NOW, Shop, shop_of


def test_records_are_counted_with_their_oldest_day_and_those_of_a_file(acme: Shop) -> None:
    old = datetime(2024, 6, 2, 23, 30, tzinfo=UTC)  # 3 June in Berlin
    acme.receive(
        made.product(),
        made.customer(81),
        made.order(order_id=1, processed_at=old, source=Source.CSV),
        made.order(order_id=2),
        made.order(order_id=3),
    )
    acme.receive(Deleted(Kind.ORDER, 3, NOW))

    assert acme.ask(contents) == Contents(
        orders=2, imported_orders=1, first_day=date(2024, 6, 3), products=1, customers=1
    )


def test_another_business_counts_none_of_them(acme: Shop, cast: Cast) -> None:
    acme.receive(made.order(order_id=1))
    assert shop_of(cast.globex).ask(contents) == Contents(0, 0, None, 0, 0)
