"""A ledger that was read outlives later webhooks, on PostgreSQL, row by row and by COPY, until it is read again."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from core import ingest
from core.database import StoreKey, tenant_session
from core.database.models import BackfillSlice, Order, Sale
from core.domain import Order as OrderRecord
from core.domain import Record, Source
from core.sync.first_load import slices
from tests.cast import NOW, Cast
from tests.factories import ORDER_ID, PLACED, REFUNDED, agreement, line, order, refund, sale
from tests.stored import row, rows, total_sales

BY_COPY, ROW_BY_ROW = 1, 10_000
LATER = REFUNDED + timedelta(days=1)
EDITED = (
    agreement(sale(quantity=2, total="60.00", tax="0")),
    agreement(
        sale(quantity=1, total="70.00", tax="0", line_item_id=12), agreement_id=62, at=REFUNDED, reason="order_edit"
    ),
    agreement(sale("duty", quantity=0, total="24.00", tax="0"), agreement_id=63),
)
LINES = (line(price="30.00", tax="0"), line(12, "70.00", 1, "0"))


@pytest.fixture(params=[BY_COPY, ROW_BY_ROW], ids=["by COPY", "row by row"])
def copy_from(request: pytest.FixtureRequest) -> int:
    from_rows: int = request.param
    return from_rows


def write(cast: Cast, copy_from: int, *records: Record) -> None:
    with tenant_session(cast.acme.tenant_id) as session:
        ingest.write(session, cast.acme.key, records, NOW, copy_from=copy_from)


def read(**changes: Any) -> OrderRecord:
    """An order of 60.00 that was edited nine days later, with duties, as the API gave it whole."""
    said = {"line_items": LINES, "shipping_lines": (), "agreements": EDITED, "updated_at": REFUNDED}
    return order(**said | {"total": Decimal("84.00")} | changes)


def webhook(**changes: Any) -> OrderRecord:
    """The same order in a later webhook, which knows of no ledger."""
    said = {"agreements": None, "source": Source.WEBHOOK, "updated_at": LATER, "total": Decimal("154.00")}
    return read(**said | changes)


def sums(cast: Cast) -> dict[str, Decimal]:
    """Net amounts by the store's day and the kind of line."""
    found: dict[str, Decimal] = {}
    for each in rows(cast.acme, Sale):
        key = f"{each['business_date']} {each['line_type']}"
        found[key] = found.get(key, Decimal(0)) + each["net"]
    return found


RIGHT = {
    "2026-11-02 product": Decimal("60.00"),
    "2026-11-11 product": Decimal("70.00"),
    "2026-11-02 duty": Decimal("24.00"),
}


def test_a_webhook_of_a_fulfilment_leaves_every_figure(cast: Cast, copy_from: int) -> None:
    write(cast, copy_from, read())
    before = rows(cast.acme, Sale)
    assert sums(cast) == {**RIGHT, "2026-11-02 duty": Decimal("24.00")}

    write(cast, copy_from, webhook(fulfillment_status="fulfilled"))

    assert rows(cast.acme, Sale) == before
    kept = row(cast.acme, Order)
    assert (kept["source"], kept["fulfillment_status"]) == ("webhook", "fulfilled"), "it still waits to be read"


def test_the_total_as_placed_outlives_webhooks_after_an_edit(cast: Cast, copy_from: int) -> None:
    write(cast, copy_from, read(presentment_total=Decimal("90.00")))

    write(cast, copy_from, webhook(presentment_total=Decimal("160.00"), current_total=Decimal("154.00")))

    kept = row(cast.acme, Order)
    assert (kept["total"], kept["presentment_total"], kept["current_total"]) == (84, 90, 154)


def test_the_first_webhook_gives_the_total_as_placed(cast: Cast, copy_from: int) -> None:
    write(cast, copy_from, webhook(total=Decimal("84.00"), updated_at=PLACED))
    write(cast, copy_from, webhook())

    assert row(cast.acme, Order)["total"] == 84


def test_a_total_in_a_file_may_be_of_after_an_edit_so_that_a_webhooks_replaces_it(cast: Cast, copy_from: int) -> None:
    write(cast, copy_from, webhook(source=Source.CSV, total=Decimal("99.00")))
    write(cast, copy_from, webhook())

    assert row(cast.acme, Order)["total"] == 154


def test_a_refund_newer_than_the_ledger_is_laid_on_top_however_it_comes(cast: Cast, copy_from: int) -> None:
    for refunds_now in ([refund(31, at=LATER)], [webhook(refunds=(refund(31, at=LATER),))]):
        write(cast, copy_from, read())

        write(cast, copy_from, *refunds_now)

        assert sums(cast) == {**RIGHT, "2026-11-12 product": Decimal("-20.00")}


def test_a_refund_that_the_reading_listed_is_not_added_after_a_later_webhook_either(
    cast: Cast, copy_from: int
) -> None:
    """The goods came back by a return: its agreement has booked them, and no agreement names the refund."""
    returned = agreement(
        sale(action="return", quantity=-1, total="-30.00", tax="0"), agreement_id=64, at=REFUNDED, reason="return"
    )
    listed = refund(31)
    right = {**RIGHT, "2026-11-11 product": Decimal("40.00")}
    write(cast, copy_from, read(agreements=(*EDITED, returned), refunds=(listed,), agreed_refunds=(31,)))
    assert sums(cast) == right

    write(cast, copy_from, listed, webhook(refunds=(listed,)))

    assert sums(cast) == right


def test_a_line_that_a_later_webhook_adds_is_laid_on_top_until_the_order_is_read_again(
    cast: Cast, copy_from: int
) -> None:
    lines = (*LINES, line(13, "5.00", 2, "0"))
    write(cast, copy_from, read())

    write(cast, copy_from, webhook(line_items=lines))

    assert sums(cast) == {**RIGHT, "2026-11-12 product": Decimal("10.00")}
    added = agreement(sale(quantity=2, total="10.00", tax="0", line_item_id=13), agreement_id=65, at=LATER)
    write(cast, copy_from, read(line_items=lines, updated_at=LATER, agreements=(*EDITED, added)))
    assert len(rows(cast.acme, Sale)) == 4
    assert total_sales(cast.acme) == Decimal("164.00")


def test_a_ledger_of_a_plain_order_that_is_read_without_it_gives_way_to_its_lines(cast: Cast, copy_from: int) -> None:
    """An address was changed, and with it the taxes: the API's last version counts."""
    write(cast, copy_from, order(agreements=(agreement(sale(quantity=2, total="47.60", tax="7.60")),)))

    write(cast, copy_from, order(updated_at=LATER))

    assert row(cast.acme, Order)["agreements"] is None
    assert total_sales(cast.acme) == Decimal("52.60")


def test_a_reading_that_comes_after_a_newer_webhook_still_brings_its_ledger_and_its_total(
    cast: Cast, copy_from: int
) -> None:
    write(cast, copy_from, webhook(fulfillment_status="fulfilled"))

    write(cast, copy_from, read())

    kept = row(cast.acme, Order)
    assert (kept["source"], kept["fulfillment_status"], kept["total"]) == ("webhook", "fulfilled", 84)
    assert sums(cast) == RIGHT


def test_a_reading_and_a_newer_webhook_may_come_together(cast: Cast, copy_from: int) -> None:
    write(cast, copy_from, read(), webhook(fulfillment_status="fulfilled"))

    assert (row(cast.acme, Order)["fulfillment_status"], sums(cast)) == ("fulfilled", RIGHT)


def test_an_older_reading_does_not_replace_the_ledger_of_a_newer_one(cast: Cast, copy_from: int) -> None:
    write(cast, copy_from, read(), webhook())

    write(cast, copy_from, read(updated_at=PLACED, agreements=EDITED[:1]))

    assert sums(cast) == RIGHT


def test_of_webhooks_that_come_together_the_oldest_gives_the_total_as_placed(cast: Cast, copy_from: int) -> None:
    write(cast, copy_from, webhook(), webhook(total=Decimal("84.00"), updated_at=PLACED))

    assert row(cast.acme, Order)["total"] == 84


def test_an_order_that_is_yet_to_be_read_whole_keeps_its_ledger_until_then(cast: Cast, copy_from: int) -> None:
    write(cast, copy_from, read())
    part = BackfillSlice(tenant_id=cast.acme.tenant_id, store_id=cast.acme.store_id, slice_no=1)
    collected, partial = read(agreements=None, updated_at=LATER), ingest.Reading(NOW, partial={ORDER_ID})

    with tenant_session(part.tenant_id) as session:
        ingest.write(
            session, StoreKey(part.tenant_id, part.store_id), [collected], NOW, copy_from=copy_from, reading=partial
        )
        slices.note_incomplete(session, part, [(ORDER_ID, LATER)])

    assert sums(cast) == RIGHT
    with tenant_session(part.tenant_id) as session:
        assert slices.list_incomplete(session, StoreKey(part.tenant_id, part.store_id), 9) == [ORDER_ID]
        slices.note_completed(session, StoreKey(part.tenant_id, part.store_id), [ORDER_ID])
    write(cast, copy_from, read(updated_at=LATER))
    with tenant_session(part.tenant_id) as session:
        slices.note_incomplete(session, part, [(ORDER_ID, LATER)])
        assert slices.list_incomplete(session, StoreKey(part.tenant_id, part.store_id), 9) == []
