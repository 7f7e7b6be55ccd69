"""Importing an orders CSV into a store: what it counts for, what wins over it, and what a wrong file changes."""

from __future__ import annotations

import io
import random
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from core import imports, ingest, rollups
from core.database import StoreKey, tenant_session
from core.domain import Deleted, Kind, Record, Source
from core.errors import DatabaseUnavailable, InvalidInput, NotAllowed, NotFound, Stopping
from core.imports import Upload, load
from core.imports.views import ImportView, Skipped
from core.rollups import deferral
from tests import factories
from tests.cast import NOW, Business, Cast, Person
from tests.core.database.refusals import giving_up, giving_up_more_than
from tests.core.shopify.csv_files import Cells, file, first, more, two_lines

ORDER_ID = int(first()["Id"])


def rows(business: Business, statement: str) -> list[tuple[Any, ...]]:
    with tenant_session(business.tenant_id) as session:
        return [tuple(row) for row in session.execute(text(statement))]


def write(business: Business, *records: Record) -> None:
    with tenant_session(business.tenant_id) as session:
        ingest.write(session, business.key, records, NOW)


def upload(name: str, content: bytes) -> Upload:
    return Upload(name, len(content), io.BytesIO(content))


def imported(person: Person, business: Business, *contents: bytes) -> ImportView:
    """The outcome of importing these files as the page and the worker do it."""
    files = [upload(f"orders_export_{number}.csv", content) for number, content in enumerate(contents, 1)]
    import_id = imports.request(person.actor, business.store_id, files, NOW)
    load.work_on(business.key, import_id)
    return imports.find(business.tenant_id, import_id)


def many(count: int, **changes: str) -> list[Cells]:
    return [first(Name=f"#{number}", Id=str(7_000_000 + number), **changes) for number in range(count)]


def from_shopify(order_id: int = ORDER_ID, **changes: Any) -> Record:
    return factories.order(order_id=order_id, name="#1001", total=Decimal("52.60"), **changes)


def test_an_imported_order_is_in_the_numbers(cast: Cast) -> None:
    view = imported(cast.alice, cast.acme, file(*two_lines()))
    assert (view.state, view.orders_total, view.orders_done, view.orders_kept) == ("succeeded", 1, 1, 0)
    assert rows(cast.acme, "SELECT name, source, total FROM orders") == [("#1001", "csv", Decimal("64.50"))]
    assert rows(cast.acme, "SELECT sum(net + tax) FROM sales") == [(Decimal("64.50"),)]
    assert rows(cast.acme, "SELECT line_item_id, title, quantity FROM line_items ORDER BY 1") == [
        (1, "Shirt - M", 2),
        (2, "Mug", 1),
    ]


def test_importing_again_changes_nothing(cast: Cast) -> None:
    contents = file(*two_lines(), *many(5))
    imported(cast.alice, cast.acme, contents)
    tables = ("orders", "line_items", "shipping_lines", "sales")
    before = [rows(cast.acme, f"SELECT * FROM {table} ORDER BY 1, 2, 3, 4") for table in tables]
    again = imported(cast.alice, cast.acme, contents)
    assert (again.state, again.orders_done) == ("succeeded", 6)
    assert [rows(cast.acme, f"SELECT * FROM {table} ORDER BY 1, 2, 3, 4") for table in tables] == before


@pytest.mark.parametrize("source", [Source.API, Source.WEBHOOK])
def test_an_order_from_shopify_is_never_overwritten_by_a_file(cast: Cast, source: Source) -> None:
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    write(cast.acme, from_shopify(updated_at=long_ago, source=source, financial_status="refunded"))
    view = imported(cast.alice, cast.acme, file(first(), *many(1)))
    assert (view.orders_done, view.orders_kept) == (2, 1)
    query = "SELECT source, financial_status FROM orders WHERE name = '#1001'"
    assert rows(cast.acme, query) == [(source, "refunded")]


@pytest.mark.parametrize("source", [Source.API, Source.WEBHOOK])
def test_a_later_order_from_shopify_replaces_a_files_version_whatever_its_date(cast: Cast, source: Source) -> None:
    imported(cast.alice, cast.acme, file(first(Refunded_Amount="23.80", Financial_Status="partially_refunded")))
    write(cast.acme, from_shopify(updated_at=datetime(2020, 1, 1, tzinfo=UTC), source=source))
    assert rows(cast.acme, "SELECT source, refunds_undated FROM orders") == [(source, None)]
    assert rows(cast.acme, "SELECT line_item_id FROM line_items") == [(11,)]
    assert imports.undated(cast.acme.key) == ()


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_in_any_order_of_arrival_shopifys_last_version_wins(cast: Cast, order: Sequence[int]) -> None:
    news = [
        lambda: imported(cast.alice, cast.acme, file(first(Fulfilled_at="2026-12-24 10:00:00 +0100"))),
        lambda: write(cast.acme, from_shopify(source=Source.WEBHOOK, financial_status="pending")),
        lambda: write(cast.acme, from_shopify(updated_at=NOW, financial_status="paid")),
    ]
    for number in order:
        news[number]()
    assert rows(cast.acme, "SELECT source, financial_status, updated_at FROM orders") == [("api", "paid", NOW)]


def test_a_later_export_replaces_an_earlier_one_and_an_earlier_one_not_a_later(cast: Cast) -> None:
    later = first(Fulfilled_at="2024-05-09 10:00:00 +0200", Fulfillment_Status="fulfilled", Refunded_Amount="5.00")
    imported(cast.alice, cast.acme, file(first()))
    imported(cast.alice, cast.acme, file(later))
    imported(cast.alice, cast.acme, file(first()))
    assert rows(cast.acme, "SELECT fulfillment_status, refunds_undated FROM orders") == [
        ("fulfilled", Decimal("5.00"))
    ]


def test_a_refund_that_only_a_later_export_knows_of_is_taken_though_no_time_in_it_changed(cast: Cast) -> None:
    imported(cast.alice, cast.acme, file(first()))
    imported(cast.alice, cast.acme, file(first(Refunded_Amount="5.00", Financial_Status="partially_refunded")))
    assert rows(cast.acme, "SELECT financial_status, refunds_undated FROM orders") == [
        ("partially_refunded", Decimal("5.00"))
    ]


def test_an_order_that_was_deleted_in_shopify_does_not_come_back_with_a_file(cast: Cast) -> None:
    write(cast.acme, Deleted(Kind.ORDER, ORDER_ID, NOW))
    view = imported(cast.alice, cast.acme, file(first()))
    assert (view.state, view.orders_kept) == ("succeeded", 1)
    assert rows(cast.acme, "SELECT count(*) FROM sales") == [(0,)]


def test_refunds_without_a_day_are_shown_with_their_sum(cast: Cast) -> None:
    changes = {"Refunded_Amount": "23.80", "Financial_Status": "partially_refunded"}
    imported(cast.alice, cast.acme, file(*many(3, **changes), first()))
    (undated,) = imports.undated(cast.acme.key)
    assert (undated.orders, undated.amount, undated.currency) == (3, Decimal("71.40"), "EUR")
    assert rows(cast.acme, "SELECT count(*) FROM sales WHERE action = 'return'") == [(0,)]


def test_a_customer_is_recognised_by_address_and_a_variant_by_sku(cast: Cast) -> None:
    made = factories.product(variants=(factories.variant(sku="SHIRT-M"),))
    write(cast.acme, factories.customer(email="ada@example.com"), made)
    imported(cast.alice, cast.acme, file(first(Email="Ada@Example.com"), more()))
    assert rows(cast.acme, "SELECT customer_id, customer_key FROM orders") == [(81, "c:81")]
    assert rows(cast.acme, "SELECT title, variant_title, product_id, variant_id FROM line_items ORDER BY 1 DESC") == [
        ("Shirt", "M", 7, 71),
        ("Mug", None, None, None),
    ]


def test_an_address_or_a_sku_that_two_bear_stands_for_neither(cast: Cast) -> None:
    twins = [factories.customer(number, email="ada@example.com") for number in (81, 82)]
    variants = tuple(factories.variant(number, sku="SHIRT-M") for number in (71, 72))
    write(cast.acme, *twins, factories.product(variants=variants))
    imported(cast.alice, cast.acme, file(first()))
    assert rows(cast.acme, "SELECT customer_key FROM orders") == [("e:ada@example.com",)]
    assert rows(cast.acme, "SELECT product_id FROM line_items") == [(None,)]


def test_customers_of_another_tenant_are_not_recognised(cast: Cast) -> None:
    write(cast.globex, factories.customer(email="ada@example.com"))
    imported(cast.alice, cast.acme, file(first()))
    assert rows(cast.acme, "SELECT customer_id FROM orders") == [(None,)]
    assert rows(cast.globex, "SELECT count(*) FROM orders") == [(0,)]


def test_one_wrong_cell_anywhere_and_nothing_of_any_file_is_written(cast: Cast) -> None:
    good, wrong = file(*many(300)), file(first(), first(Name="#1002", Id="5000000000002", Total="twelve"))
    view = imported(cast.alice, cast.acme, good, wrong)
    assert view.state == "failed"
    assert view.error == (
        "orders_export_2.csv, line 3, column “Total” is not an amount such as 12.50; import the file as Shopify sent "
        "it. Nothing was imported."
    )
    assert rows(cast.acme, "SELECT count(*) FROM orders") == [(0,)]


def test_a_file_without_orders_is_said_to_have_none(cast: Cast) -> None:
    view = imported(cast.alice, cast.acme, file())
    assert view.error is not None
    assert view.error.startswith("orders_export_1.csv holds no orders; choose some in Shopify and export them.")


def test_the_export_of_another_store_of_the_same_currency_is_refused(cast: Cast) -> None:
    write(cast.acme, from_shopify(order_id=9))
    view = imported(cast.alice, cast.acme, file(first()))
    assert view.error is not None
    assert "the file is another store's" in view.error
    assert rows(cast.acme, "SELECT order_id FROM orders") == [(9,)]


def test_orders_that_do_not_add_up_are_counted_and_the_first_ten_named(cast: Cast) -> None:
    """Over several batches: each adds its names behind those of the one before."""
    view = imported(cast.alice, cast.acme, file(first(Total="99.99"), *many(2)))
    assert (view.state, view.orders_uneven) == ("succeeded", 1)
    orders = many(230)
    for number in (5, 225):
        orders[number] |= {"Total": "1.00"}
    view = imported(cast.alice, cast.acme, file(*orders))
    assert (view.orders_uneven, [each.name for each in view.uneven]) == (2, ["#5", "#225"])
    view = imported(cast.alice, cast.acme, file(*many(230, Total="1.00")))
    assert (view.orders_uneven, [each.name for each in view.uneven]) == (230, [f"#{number}" for number in range(10)])


def test_orders_in_another_currency_are_counted_and_the_first_ten_named(cast: Cast) -> None:
    view = imported(cast.alice, cast.acme, file(first(), *many(250, Currency="CHF")))
    assert (view.state, view.orders_total, view.orders_done, view.orders_skipped) == ("succeeded", 1, 1, 250)
    assert view.skipped == tuple(Skipped(f"#{number}", "CHF") for number in range(10))


def test_a_file_of_another_currency_alone_is_taken_for_another_stores(cast: Cast) -> None:
    view = imported(cast.alice, cast.acme, file(*many(3, Currency="CHF"), first(Currency="USD")))
    assert view.state == "failed"
    assert view.error == (
        "orders_export_1.csv: all orders are in CHF or USD, and this store’s are in EUR; import it into the store "
        "that it is of, or allow orders in other currencies if this store once had that one. Nothing was "
        "imported."
    )
    assert rows(cast.acme, "SELECT count(*) FROM orders") == [(0,)]


def test_an_import_that_skips_orders_goes_on_behind_the_orders_done(cast: Cast) -> None:
    """Its place is counted in the orders that it takes."""
    skipped = [first(Name=f"#s{number}", Id=str(8_000_000 + number), Currency="CHF") for number in range(30)]
    content = file(*(order for pair in zip(many(30), skipped, strict=True) for order in pair))
    import_id = imports.request(cast.alice.actor, cast.acme.store_id, [upload("1.csv", content)], NOW)
    with pytest.raises(Stopping):
        load.work_on(cast.acme.key, import_id, _StopsAfter(60 + 45), batch_size=10)
    done = imports.find(cast.acme.tenant_id, import_id).orders_done
    load.work_on(cast.acme.key, import_id)
    view = imports.find(cast.acme.tenant_id, import_id)
    assert (0 < done < 30, view.orders_done, view.orders_skipped, view.orders_kept) == (True, 30, 30, 0)


def test_an_address_longer_than_any_index_takes_is_imported_and_still_identifies_the_buyer(cast: Cast) -> None:
    """Letters at random: what can be compressed would fit."""
    long = "".join(random.Random(3).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=3000)) + "@example.com"
    view = imported(cast.alice, cast.acme, file(*many(2, Email=long), first(Email=f"x{long}")))
    assert (view.state, view.orders_done) == ("succeeded", 3)
    assert rows(cast.acme, "SELECT max(length(email)), min(length(email)) FROM orders") == [(3013, 3012)]
    assert rows(cast.acme, "SELECT count(DISTINCT customer_key), max(length(customer_key)) FROM orders") == [(2, 66)]


@pytest.mark.parametrize("code", ["57014", "54000"], ids=["takes too long", "beyond limits"])
def test_an_order_that_the_database_gives_up_is_named_and_not_tried_for_ever(
    cast: Cast, database_url: str, code: str
) -> None:
    """All before it are in; without it, the file is."""
    orders = many(9)
    with giving_up(database_url, int(orders[6]["Id"]), code):
        view = imported(cast.alice, cast.acme, file(*orders))
        assert (view.state, view.orders_done) == ("failed", 6)
        assert view.error == (
            "The order #6 is too large; leave it out. The orders counted here are imported; you can safely import "
            "the files again."
        )
        rest = imported(cast.alice, cast.acme, file(*orders[:6], *orders[7:]))
    assert (rest.state, rest.orders_done) == ("succeeded", 8)
    assert rows(cast.acme, "SELECT count(*) FROM orders") == [(8,)]


def test_an_import_that_the_database_gives_up_at_once_is_written_in_smaller_parts(
    cast: Cast, database_url: str
) -> None:
    with giving_up_more_than(database_url, 4):
        view = imported(cast.alice, cast.acme, file(*many(11)))
    assert (view.state, view.orders_done, view.orders_kept) == ("succeeded", 11, 0)
    assert rows(cast.acme, "SELECT count(*) FROM orders") == [(11,)]


def test_a_database_that_has_no_room_is_tried_again(cast: Cast, database_url: str) -> None:
    with giving_up(database_url, ORDER_ID, "53100"), pytest.raises(DatabaseUnavailable):
        imported(cast.alice, cast.acme, file(first()))


def test_an_order_that_spans_two_uploaded_files_is_one(cast: Cast) -> None:
    head, tail = two_lines()
    view = imported(cast.alice, cast.acme, file(*many(3), head), file(tail, first(Name="#1002", Id="5000000000002")))
    assert (view.orders_total, view.orders_done) == (5, 5)
    query = "SELECT count(*) FROM line_items WHERE order_id = " + head["Id"]
    assert rows(cast.acme, query) == [(2,)]


def test_a_stopped_import_goes_on_behind_the_orders_done(cast: Cast) -> None:
    content = file(*many(35))
    import_id = imports.request(cast.alice.actor, cast.acme.store_id, [upload("1.csv", content)], NOW)
    stop = _StopsAfter(35 + 25)
    with pytest.raises(Stopping):
        load.work_on(cast.acme.key, import_id, stop, batch_size=10)
    halfway = imports.find(cast.acme.tenant_id, import_id)
    assert (halfway.state, halfway.orders_done) == ("running", 20)
    load.work_on(cast.acme.key, import_id)
    view = imports.find(cast.acme.tenant_id, import_id)
    assert (view.state, view.orders_done, view.orders_kept) == ("succeeded", 35, 0)
    assert rows(cast.acme, "SELECT count(*) FROM orders") == [(35,)]


def test_a_large_import_defers_the_sums_and_rebuilds_them_at_its_end(cast: Cast) -> None:
    content = file(*many(120))
    import_id = imports.request(cast.alice.actor, cast.acme.store_id, [upload("1.csv", content)], NOW)
    with pytest.raises(Stopping):
        load.work_on(cast.acme.key, import_id, _StopsAfter(120 + 90), batch_size=40)
    assert deferral.is_deferred(cast.acme.key)
    load.work_on(cast.acme.key, import_id)
    assert not deferral.is_deferred(cast.acme.key)
    assert rows(cast.acme, "SELECT sum(orders) FROM sales_by_day") == [(120,)]
    assert rollups.audit(cast.acme.key, NOW) == {}


class _StopsAfter(threading.Event):
    """Says "stop" once it was asked so often."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self._left = times

    def is_set(self) -> bool:
        self._left -= 1
        return self._left < 0


def test_an_import_that_has_ended_is_not_done_again(cast: Cast) -> None:
    view = imported(cast.alice, cast.acme, file(first()))
    load.work_on(cast.acme.key, view.import_id)
    assert imports.find(cast.acme.tenant_id, view.import_id) == view


def test_a_file_of_many_pieces_is_read_whole_and_kept_no_longer_than_the_import(cast: Cast) -> None:
    content = file(*many(5000, Notes="Müller, " * 60 + "\nÄ"))
    assert len(content) > 3 << 20
    view = imported(cast.alice, cast.acme, content)
    assert (view.state, view.orders_done) == ("succeeded", 5000)
    assert (view.bytes_total, view.bytes_read, view.share) == (len(content), 2 * len(content), 1.0)
    assert rows(cast.acme, "SELECT count(*) FROM import_chunks") == [(0,)]


def test_a_viewer_may_not_import(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        imports.request(cast.bob.actor, cast.acme.store_id, [upload("1.csv", file(first()))], NOW)


def test_no_tenant_imports_into_a_store_of_another_or_sees_its_imports(cast: Cast) -> None:
    view = imported(cast.alice, cast.acme, file(first()))
    with pytest.raises(NotFound):
        imports.request(cast.charlie.actor, cast.acme.store_id, [upload("1.csv", file(first()))], NOW)
    with pytest.raises(NotFound):
        imports.find(cast.globex.tenant_id, view.import_id)
    assert imports.recent(StoreKey(cast.globex.tenant_id, cast.acme.store_id)) == ()
    assert list(imports.pieces(cast.globex.tenant_id, view.import_id, 0)) == []


def test_an_import_needs_a_file(cast: Cast) -> None:
    with pytest.raises(InvalidInput, match="Choose the CSV file"):
        imports.request(cast.alice.actor, cast.acme.store_id, [], NOW)


def test_an_import_without_a_worker_is_shown_as_stalled(cast: Cast) -> None:
    import_id = imports.add(cast.alice.actor, cast.acme.store_id, [("1.csv", 1)], NOW)
    view = imports.find(cast.acme.tenant_id, import_id)
    assert not view.is_stalled(NOW + timedelta(minutes=5))
    assert view.is_stalled(NOW + timedelta(minutes=11))


def test_files_of_this_machine_are_imported_at_once(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "orders_export_1.csv"
    path.write_bytes(file(first(), *many(3)))
    view = load.import_files(cast.alice.actor, cast.acme.store_id, [path], NOW)
    assert (view.state, view.file_names, view.orders_done) == ("succeeded", ("orders_export_1.csv",), 4)


def test_a_file_that_is_not_there_is_named(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"nowhere.csv cannot be read \(No such file or directory\)"):
        load.import_files(cast.alice.actor, cast.acme.store_id, [tmp_path / "nowhere.csv"], NOW)
