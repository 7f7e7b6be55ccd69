"""Excel workbooks and archives: opened again, they have the page's numbers, and say what they are."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils.escape import unescape

from core import exports, stores
from core.domain.periods import Comparison, Period
from core.exports.definitions import definition
from core.exports.manifest import manifest_of
from core.exports.selection import select
from core.exports.snapshot import Pieces
from core.exports.workbook import workbook_pieces
from tests import factories as made
from tests.cast import NOW, Cast, add_store
from tests.core.exports.downloads import download
from tests.core.metrics.conftest import Shop, headline, shop_of
from tests.core.metrics.sales.test_headline import at, utc

NOTHING: Mapping[str, str] = {}
Facts = dict[str, Any]


@pytest.fixture
def acme(cast: Cast) -> Shop:
    return shop_of(cast.acme)


@pytest.fixture
def november(acme: Shop) -> Period:
    return acme.days("2026-11-01", "2026-11-30")


def file_of(
    shop: Shop,
    name: str,
    period: Period,
    file_format: exports.Format = exports.Format.EXCEL,
    filters: Mapping[str, str] = NOTHING,
    compared: Period | None = None,
) -> bytes:
    store = stores.find(shop.business.key)
    return b"".join(exports.stream(store, name, period, filters, compared, now=NOW, format=file_format))


def opened(content: bytes) -> Workbook:
    return load_workbook(io.BytesIO(content))


def rows_of(book: Workbook, sheet: int = 0) -> list[Facts]:
    header, *rows = book.worksheets[sheet].iter_rows(values_only=True)
    return [dict(zip([str(label) for label in header], row, strict=True)) for row in rows]


def about(book: Workbook) -> dict[str, list[Any]]:
    """The lines of the sheet About by their first cell; of equal ones the first, as facts stand above columns."""
    lines = [row for row in book["About"].iter_rows(values_only=True) if row[0] is not None]
    return {str(row[0]): list(row[1:]) for row in reversed(lines)}


def test_every_column_of_every_file_has_a_definition_and_every_file_a_title() -> None:
    for name, export in exports.EXPORTS.items():
        assert export.title, name
        assert export.row, name
        for column in export.parsed:
            assert definition(export, column).label, f"{name}: {column.name}"
            assert column.name == "delivery_id" or column.name.endswith("_id") == (
                column.kind in (exports.Kind.ID, exports.Kind.RECORD)
            ), column.name


def test_a_workbook_has_the_numbers_of_the_page_as_numbers_with_the_decimals_of_the_currency(
    acme: Shop, november: Period
) -> None:
    acme.receive(made.customer(81), made.order(customer_id=81, refunds=(made.refund(),)))
    book = opened(file_of(acme, "orders", november))
    assert book.sheetnames == ["Orders", "About"]
    (row,) = rows_of(book)
    assert row["Order id"] == "5000000000000000001"
    assert row["Placed"] == datetime(2026, 11, 2, 10, 30)
    assert (row["Items"], row["Net of this order"], row["Order total"]) == (2, 20, 52.6)
    assert row["Cancelled"] is None
    cell = {str(head.value): cell for head, cell in zip(*book.worksheets[0].iter_rows(), strict=True)}
    assert cell["Order total"].number_format == "#,##0.00"
    assert cell["Placed"].number_format == "yyyy-mm-dd hh:mm:ss"
    assert cell["Order id"].data_type == "s"
    assert cell["Order total"].data_type == "n"


def test_control_totals_are_the_headline_of_the_page_to_the_cent(acme: Shop, november: Period) -> None:
    discounted = made.line(discount=Decimal("4.01"))
    acme.receive(
        made.product(),
        made.order(line_items=(discounted,), refunds=(made.refund(),)),
        at(utc(2026, 11, 4), 2, email="guest@example.com"),
    )
    whole = acme.ask(headline, november)
    facts = about(opened(file_of(acme, "sales-over-time", november)))
    labels = {"Gross sales": "gross_sales", "Net sales": "net_sales", "Taxes": "taxes", "Total sales": "total_sales"}
    for label, metric in labels.items():
        # The label also names a column further down: the totals come from the text of the archive here.
        assert f"  {metric}: {getattr(whole, metric)} EUR" in text_of(acme, "sales-over-time", november), label
    assert facts["Rows"][0] == "30"
    assert rows_of(opened(file_of(acme, "products", november)))[0]["Net sales"] == float(whole.net_sales)


def text_of(shop: Shop, name: str, period: Period, **filters: str) -> str:
    """The text of an archive; its CSV adds up to the control totals."""
    with zipfile.ZipFile(io.BytesIO(file_of(shop, name, period, exports.Format.ARCHIVE, filters))) as archive:
        about_file, csv_file = archive.namelist()
        assert archive.testzip() is None
        text = archive.read(about_file).decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(archive.read(csv_file).decode("utf-8-sig"), newline="")))
    assert csv_file == exports.filename(stores.find(shop.business.key), name, period)
    assert f"Rows: {len(rows)}" in text
    for line in text.partition("Control totals")[2].partition("Columns")[0].splitlines():
        if " (" in line and "no value" not in line:
            column, amount = line.strip().partition(" (")[0].split(": ")
            number, _, currency = amount.partition(" ")
            cells = [row[column] for row in rows if not currency or row.get("currency") == currency]
            assert sum((Decimal(cell) for cell in cells if cell), Decimal(0)) == Decimal(number), line
    return text


def test_each_file_is_a_workbook_and_an_archive_whose_totals_are_the_sums_of_its_columns(
    acme: Shop, november: Period
) -> None:
    acme.receive(
        made.product(variants=(made.variant(inventory_item_id=9071),)),
        made.customer(81),
        made.order(customer_id=81, line_items=(made.line(discount=Decimal(1)),), refunds=(made.refund(),)),
        made.order(order_id=2, currency="JPY"),
        made.checkout(),
    )
    for name in exports.EXPORTS:
        assert "Time zone: Europe/Berlin" in text_of(acme, name, november), name
        book = opened(file_of(acme, name, november))
        assert len(rows_of(book)) == len(download(acme, name, november)), name
        assert about(book)["Store"][0] == "Acme (acme.myshopify.com)"


def test_yen_and_dinars_have_their_own_decimals_in_one_sheet(acme: Shop, november: Period) -> None:
    yen = made.line(price="1980", tax="396")
    acme.receive(
        made.order(order_id=1, name="#1"),
        made.order(order_id=2, name="#2", currency="JPY", line_items=(yen,), shipping_lines=(), total=Decimal(4356)),
        made.order(order_id=3, name="#3", currency="KWD", total=Decimal("52.605")),
    )
    sheet = opened(file_of(acme, "orders", november)).worksheets[0]
    total = [cell.value for cell in sheet[1]].index("Order total")
    assert {(row[total].value, row[total].number_format) for row in sheet.iter_rows(min_row=2)} == {
        (52.6, "#,##0.00"),
        (4356, "#,##0"),
        (52.605, "#,##0.000"),
    }
    text = text_of(acme, "orders", november)
    assert "  total: 4356 JPY (1 row " in text
    assert "  total: 52.605 KWD (1 row " in text


def test_a_store_in_yen_has_no_decimals_anywhere(cast: Cast) -> None:
    shop = shop_of(add_store(cast.alice.tenant_id, "Tokyo", "tokyo.myshopify.com", "JPY", "Asia/Tokyo"))
    shop.receive(
        made.order(
            currency="JPY", line_items=(made.line(price="1980", tax="396"),), shipping_lines=(), total=Decimal(4356)
        )
    )
    book = opened(file_of(shop, "sales-over-time", shop.days("2026-11-01", "2026-11-03")))
    sheet = book.worksheets[0]
    net = [cell.value for cell in sheet[1]].index("Net sales")
    assert [(row[net].value, row[net].number_format) for row in sheet.iter_rows(min_row=2)] == [
        (0, "#,##0"),
        (3960, "#,##0"),
        (0, "#,##0"),
    ]
    assert about(book)["Currency"][0] == "JPY"


TITLES = (
    *("=1+1", '=HYPERLINK("http://x")', "@SUM(A1)", "-2", "00123", "1e5", "http://x"),
    *('a "b" <c> & d', "x\ny\tz", "🧦 _x0041_", "  spaces  "),
)


def test_a_text_of_a_workbook_is_that_text_whatever_it_looks_like(acme: Shop, november: Period) -> None:
    acme.receive(*(made.product(number, title=title) for number, title in enumerate(TITLES, 1)))
    lines = tuple(
        made.line(number, "1.00", 1, "0", title=title, product_id=number, variant_id=None)
        for number, title in enumerate(TITLES, 1)
    )
    acme.receive(made.order(line_items=lines, shipping_lines=(), total=Decimal(len(lines))))
    sheet = opened(file_of(acme, "products", november)).worksheets[0]
    cells = [row[1] for row in sheet.iter_rows(min_row=2)]
    assert {unescape(cell.value) for cell in cells} == set(TITLES)
    assert all(cell.data_type == "s" and cell.hyperlink is None for cell in cells)


def test_signs_that_xml_cannot_hold_are_written_as_excel_writes_them(acme: Shop, november: Period) -> None:
    acme.receive(made.product(title="a\x0bb\rc\ufffe"), made.order())
    cell = opened(file_of(acme, "products", november)).worksheets[0].cell(2, 2)
    assert unescape(cell.value) == "a\x0bb\rc\ufffd"


def test_an_empty_table_is_a_workbook_with_its_header(acme: Shop, november: Period) -> None:
    book = opened(file_of(acme, "orders", november))
    assert [cell.value for cell in book.worksheets[0][1]][:3] == ["Order id", "Order", "Placed"]
    assert rows_of(book) == []
    assert about(book)["Rows"][0] == "0"


def test_more_rows_than_a_sheet_holds_go_on_in_the_next_one(acme: Shop, november: Period) -> None:
    acme.receive(*(at(utc(2026, 11, 3, 12), n, name=f"#{n}") for n in range(1, 8)))
    selection = select(stores.find(acme.business.key), "orders", november, NOTHING, now=NOW)

    def write(snapshot: Any) -> Any:
        return workbook_pieces(manifest_of(selection, snapshot), snapshot, most_rows=3)

    book = opened(b"".join(Pieces(acme.business.tenant_id, selection.parameters, write)))
    assert book.sheetnames == ["Orders", "Orders 2", "Orders 3", "About"]
    names = [row["Order"] for sheet in range(3) for row in rows_of(book, sheet)]
    assert sorted(names) == [f"#{n}" for n in range(1, 8)]
    assert [book.worksheets[sheet].dimensions for sheet in range(3)] == ["A1:S4", "A1:S4", "A1:S2"]
    assert about(book)["Sheets"][0].startswith("Orders, Orders 2, Orders 3: a sheet of Excel holds 3 rows")


def test_a_file_says_its_filters_its_period_and_until_when_it_is_complete(acme: Shop, november: Period) -> None:
    acme.receive(made.order(financial_status="paid"))
    compared = november.compared(Comparison.PREVIOUS_PERIOD, NOW)
    filters = {"status": "paid", "search": "=1", "state": "failed"}
    facts = about(opened(file_of(acme, "orders", november, filters=filters)))
    assert (facts["Status"][0], facts["Search"][0]) == ("paid", "=1")
    assert "State" not in facts, "the list of orders has no such filter"
    assert facts["Period"][0] == "2026-11-01 to 2026-11-30"
    assert facts["Complete until"][0].startswith("The first sync has not finished")
    chart = about(opened(file_of(acme, "sales-over-time", november, compared=compared)))
    assert chart["Compared with"][0] == "2026-10-02 to 2026-10-31"
    assert chart["Filters"][0] == "None"


def test_an_order_that_arrives_while_a_file_is_read_is_in_neither_rows_nor_totals(
    acme: Shop, november: Period
) -> None:
    acme.receive(made.order())
    selection = select(stores.find(acme.business.key), "orders", november, NOTHING, now=NOW)
    counted: list[int] = []

    def write(snapshot: Any) -> Any:
        manifest = manifest_of(selection, snapshot)
        counted.append(manifest.rows)
        acme.receive(at(utc(2026, 11, 3, 12), 2, name="#2"))
        yield from workbook_pieces(manifest, snapshot)

    book = opened(b"".join(Pieces(acme.business.tenant_id, selection.parameters, write)))
    assert counted == [len(rows_of(book))] == [1]
    assert len(rows_of(opened(file_of(acme, "orders", november)))) == 2


def test_a_workbook_that_is_closed_early_gives_its_connection_back(acme: Shop, november: Period) -> None:
    acme.receive(made.order())
    store = stores.find(acme.business.key)
    for _ in range(30):
        pieces = exports.stream(store, "orders", november, NOTHING, now=NOW, format=exports.Format.EXCEL)
        assert next(pieces)
        pieces.close()
        pieces.close()
    assert partial(next, pieces, b"")() == b""


def test_lines_add_up_to_their_orders(acme: Shop, november: Period) -> None:
    tip = made.line(13, "3.00", 1, "0", title="Tip", product_id=None, variant_id=None, is_tip=True)
    acme.receive(
        made.product(),
        made.customer(81),
        made.order(customer_id=81, line_items=(made.line(discount=Decimal("4.01")), tip), refunds=(made.refund(),)),
        at(utc(2026, 11, 4), 2, name="#2", financial_status="pending"),
    )
    orders, lines = download(acme, "orders", november), download(acme, "order-lines", november)
    assert {row["name"] for row in lines} == {"#1001", "#2"}
    assert sum(Decimal(row["net_sales"]) for row in lines) == sum(Decimal(row["net_sales"]) for row in orders)
    whole = acme.ask(headline, november)
    assert sum(Decimal(row["charged"]) for row in lines) == whole.net_sales + whole.shipping + whole.tips
    assert sum(Decimal(row["taxes"]) for row in lines) == whole.taxes
    kinds = [(row["line_type"], row["title"], row["units_sold"]) for row in lines if row["name"] == "#1001"]
    assert kinds[:2] == [("product", "Shirt", "2"), ("tip", "Tip", "0")]
    assert {row["name"] for row in download(acme, "order-lines", november, {"status": "pending"})} == {"#2"}
    assert {row["name"] for row in download(acme, "order-lines", november, {"search": "ada"})} == {"#1001"}
