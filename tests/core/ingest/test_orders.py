"""Orders come in once, whole, and at their newest, in whatever order and however often their versions arrive."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from core import ingest
from core.database import StoreKey, tenant_session
from core.database.models import LineItem, Order, Sale, ShippingLine, Store
from core.domain import Deleted, Kind, Reread, Source
from core.errors import NotFound
from tests.cast import NOW, Cast
from tests.factories import ORDER_ID, PLACED, adjustment, agreement, line, order, refund, refund_line, sale, shipping
from tests.stored import ledger, row, rows, total_sales, write

LATER = PLACED + timedelta(minutes=5)


def test_an_order_is_kept_with_its_lines_its_shipping_and_its_sales(cast: Cast) -> None:
    written = write(cast.acme, order(discount_codes=("SPRING",), email="ada@example.com", city="Köln"))

    assert (written.orders, written.changed) == (1, True)
    kept = row(cast.acme, Order)
    assert (kept["order_id"], kept["total"], kept["currency"]) == (ORDER_ID, Decimal("52.60"), "EUR")
    assert (kept["discount_codes"], kept["email"], kept["city"]) == (["SPRING"], "ada@example.com", "Köln")
    assert kept["agreements"] is None
    assert row(cast.acme, LineItem)["taxes"] == [{"title": "VAT", "rate": "0.19", "amount": "7.60"}]
    assert row(cast.acme, ShippingLine)["price"] == Decimal("5.00")
    assert [(each["line_type"], each["net"], each["tax"]) for each in rows(cast.acme, Sale)] == [
        ("product", Decimal("40.00"), Decimal("7.60")),
        ("shipping", Decimal("5.00"), Decimal("0")),
    ]


def test_an_order_falls_on_the_day_it_was_in_the_shops_time_zone(cast: Cast) -> None:
    """23:30 in Berlin on the first is 22:30 in UTC; the same instant is 17:30 on the first in New York."""
    late = datetime(2026, 11, 1, 23, 30, tzinfo=UTC)

    for business in (cast.acme, cast.globex):
        write(business, order(processed_at=late))

    assert row(cast.acme, Order)["business_date"] == date(2026, 11, 2), "Berlin"
    assert row(cast.globex, Order)["business_date"] == date(2026, 11, 1), "New York"
    assert {each["business_date"] for each in rows(cast.acme, Sale)} == {date(2026, 11, 2)}


def test_the_same_order_received_twice_is_one_order(cast: Cast) -> None:
    write(cast.acme, order(), order())
    before = ledger(cast.acme)

    again = write(cast.acme, order())

    assert not again.changed
    assert ledger(cast.acme) == before
    assert len(before["orders"]) == 1


def test_news_that_are_known_already_do_not_make_pages_read_again(cast: Cast) -> None:
    write(cast.acme, order(), now=NOW)
    write(cast.acme, order(), now=NOW + timedelta(hours=1))

    store = next(each for each in rows(cast.acme, Store) if each["store_id"] == cast.acme.store_id)
    assert (store["revision"], store["last_ingest_at"]) == (1, NOW)


def test_a_newer_version_replaces_lines_that_were_removed(cast: Cast) -> None:
    write(cast.acme, order(line_items=(line(11), line(12)), shipping_lines=(shipping(21), shipping(22))))
    write(cast.acme, order(updated_at=LATER, line_items=(line(12, quantity=1, tax="3.80"),), shipping_lines=()))

    assert [(each["line_item_id"], each["quantity"]) for each in rows(cast.acme, LineItem)] == [(12, 1)]
    assert rows(cast.acme, ShippingLine) == []
    assert total_sales(cast.acme) == Decimal("23.80")


def test_an_older_version_never_replaces_a_newer_one(cast: Cast) -> None:
    write(cast.acme, order(updated_at=LATER, financial_status="paid"))
    stale = write(cast.acme, order(updated_at=PLACED, financial_status="pending"))

    assert stale.orders == 0
    assert row(cast.acme, Order)["financial_status"] == "paid"


@pytest.mark.parametrize("first", [Source.API, Source.WEBHOOK])
def test_of_two_versions_of_the_same_moment_the_apis_stands(cast: Cast, first: Source) -> None:
    second = Source.WEBHOOK if first is Source.API else Source.API

    for source in (first, second):
        write(cast.acme, order(source=source, name=f"from {source}"))

    assert row(cast.acme, Order)["name"] == "from api"


def test_of_several_versions_in_one_batch_the_newest_is_written(cast: Cast) -> None:
    write(
        cast.acme,
        order(updated_at=PLACED, name="old"),
        order(updated_at=LATER, name="new"),
        order(updated_at=LATER, name="webhook of the same moment", source=Source.WEBHOOK),
    )

    assert row(cast.acme, Order)["name"] == "new"


def test_a_deleted_order_sells_nothing_and_later_news_do_not_bring_it_back(cast: Cast) -> None:
    write(cast.acme, order())

    written = write(cast.acme, Deleted(Kind.ORDER, ORDER_ID, LATER))
    write(cast.acme, order(updated_at=LATER + timedelta(days=1)), refund())

    assert (written.deleted, written.orders) == (1, 0)
    assert row(cast.acme, Order)["deleted_at"] == LATER
    assert rows(cast.acme, Sale) == []


def test_a_deletion_that_comes_before_its_order_keeps_it_out(cast: Cast) -> None:
    write(cast.acme, Deleted(Kind.ORDER, ORDER_ID, LATER))
    write(cast.acme, order())

    assert rows(cast.acme, Order) == []
    assert rows(cast.acme, Sale) == []


def test_a_deletion_in_the_same_batch_as_its_order_keeps_it_out(cast: Cast) -> None:
    written = write(cast.acme, order(), Deleted(Kind.ORDER, ORDER_ID, LATER))

    assert (written.deleted, written.orders) == (1, 0)
    assert total_sales(cast.acme) == 0


def test_a_deletion_received_twice_is_one(cast: Cast) -> None:
    write(cast.acme, order(), Deleted(Kind.ORDER, ORDER_ID, LATER))

    assert not write(cast.acme, Deleted(Kind.ORDER, ORDER_ID, LATER + timedelta(days=1))).changed


def test_deleting_an_order_deletes_no_customer_with_the_same_number(cast: Cast) -> None:
    write(cast.acme, order(), Deleted(Kind.CUSTOMER, ORDER_ID, LATER))

    assert row(cast.acme, Order)["deleted_at"] is None


@pytest.mark.parametrize(
    ("customer_id", "email", "key"),
    [
        (81, "ada@example.com", "c:81"),
        (None, " Ada@Example.com ", "e:ada@example.com"),
        (None, None, f"o:{ORDER_ID}"),
        (None, "  ", f"o:{ORDER_ID}"),
    ],
)
def test_who_bought_is_the_customer_else_the_address_else_only_this_order(
    cast: Cast, customer_id: int | None, email: str | None, key: str
) -> None:
    write(cast.acme, order(customer_id=customer_id, email=email))

    assert row(cast.acme, Order)["customer_key"] == key


def test_two_guests_without_an_address_are_two_and_with_the_same_address_are_one(cast: Cast) -> None:
    write(cast.acme, order(order_id=1), order(order_id=2))
    write(cast.acme, order(order_id=3, email="a@example.com"), order(order_id=4, email="A@example.com"))

    assert [each["customer_key"] for each in rows(cast.acme, Order)] == [
        "o:1",
        "o:2",
        "e:a@example.com",
        "e:a@example.com",
    ]


def test_a_test_order_is_kept_and_sells_nothing(cast: Cast) -> None:
    write(cast.acme, order(test=True, refunds=(refund(),)))

    assert row(cast.acme, Order)["test"] is True
    assert rows(cast.acme, Sale) == []


def test_a_cancelled_order_stays_and_its_return_takes_its_money_away(cast: Cast) -> None:
    everything = refund(
        lines=(refund_line(quantity=2, subtotal="40.00", tax="7.60"),), adjustments=(adjustment("shipping", "5.00"),)
    )
    write(cast.acme, order())
    write(cast.acme, order(updated_at=LATER, cancelled_at=LATER, cancel_reason="customer", refunds=(everything,)))

    assert row(cast.acme, Order)["cancel_reason"] == "customer"
    assert [each["action"] for each in rows(cast.acme, Sale)] == ["order", "order", "return", "return"]
    assert total_sales(cast.acme) == 0


def test_yen_are_kept_without_inventing_cents(cast: Cast) -> None:
    write(cast.acme, order(currency="JPY", total=Decimal(2200), line_items=(line(price="1100", tax="0"),)))

    assert str(row(cast.acme, Order)["total"]) == "2200"
    assert row(cast.acme, LineItem)["currency"] == "JPY"


def test_a_gift_card_sold_and_a_tip_are_no_sales(cast: Cast) -> None:
    card = line(price="50.00", quantity=1, tax="0", is_gift_card=True)

    write(cast.acme, order(line_items=(card,), shipping_lines=(), tip=Decimal("4.00")))

    assert [each["line_type"] for each in rows(cast.acme, Sale)] == ["gift_card", "tip"]
    assert total_sales(cast.acme) == 0


def test_what_shopifys_own_ledger_says_comes_back_exactly(cast: Cast) -> None:
    agreements = (
        agreement(sale(quantity=2, total="47.60", tax="7.60", discount="0.10")),
        agreement(
            sale(action="return", quantity=-1, total="-23.80", tax="-3.80"),
            agreement_id=62,
            at=LATER,
            reason="refund",
            refund_id=31,
        ),
    )

    write(cast.acme, order(agreements=agreements, refunds=(refund(31),)))

    assert [
        (each["action"], each["net"], each["discount"], each["happened_at"]) for each in rows(cast.acme, Sale)
    ] == [
        ("order", Decimal("40.00"), Decimal("0.10"), PLACED),
        ("return", Decimal("-20.00"), Decimal("0"), LATER),
    ]


def test_a_computed_ledger_and_shopifys_give_the_same_rows_for_a_plain_order(cast: Cast) -> None:
    agreements = (agreement(sale(quantity=2, total="47.60", tax="7.60"), sale("shipping", total="5.00", tax="0")),)
    write(cast.acme, order(source=Source.WEBHOOK))
    computed = rows(cast.acme, Sale)

    write(cast.acme, order(agreements=agreements))

    assert rows(cast.acme, Sale) == computed


def test_a_webhook_after_the_ledger_was_read_keeps_it_until_it_is_read_again(cast: Cast) -> None:
    write(cast.acme, order(agreements=(agreement(sale(quantity=5, total="119.00", tax="19.00")),)))
    write(cast.acme, order(updated_at=LATER, source=Source.WEBHOOK))

    assert row(cast.acme, Order)["agreements"] is not None
    assert total_sales(cast.acme) == Decimal("119.00")


@pytest.mark.parametrize("unstorable", ["Jo\0hn", "Jo\ud800hn"])
def test_a_sign_that_no_database_can_hold_does_not_keep_a_sale_out(cast: Cast, unstorable: str) -> None:
    dirty = line(title=unstorable)

    write(cast.acme, order(city=unstorable, discount_codes=(unstorable,), line_items=(dirty,)))

    kept = row(cast.acme, Order)
    assert kept["city"] in ("John", "Jo?hn")
    assert kept["discount_codes"] == [kept["city"]]
    assert row(cast.acme, LineItem)["title"] == kept["city"]


def test_names_in_any_script_are_kept_as_they_are(cast: Cast) -> None:
    write(cast.acme, order(city="東京 – Ærøskøbing 🧦"))

    assert row(cast.acme, Order)["city"] == "東京 – Ærøskøbing 🧦"


def test_writing_to_a_store_that_is_somebody_elses_is_refused(cast: Cast) -> None:
    with (
        pytest.raises(NotFound, match="no such store here"),
        tenant_session(cast.acme.tenant_id) as session,
    ):
        ingest.write(session, StoreKey(cast.acme.tenant_id, cast.globex.store_id), [order()], NOW)


def test_a_record_that_has_to_be_refetched_cannot_be_written(cast: Cast) -> None:
    with pytest.raises(ValueError, match="re-fetched"):
        write(cast.acme, Reread(Kind.ORDER, ORDER_ID))


def test_nothing_to_write_changes_nothing(cast: Cast) -> None:
    assert not write(cast.acme).changed
