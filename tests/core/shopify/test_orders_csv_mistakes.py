"""Files imported by mistake get a sentence with the cure; valid files of unusual form are read."""

from __future__ import annotations

import gzip
import io
import zipfile
from decimal import Decimal

import pytest

from core.errors import InvalidFile
from core.shopify.orders_csv import Mapped, to_order
from core.simulator.shop.orders_csv import COLUMNS
from tests.core.shopify.csv_files import Cells, file, first, mapped, more, read

SECOND = first(Name="#1002", Id="5000000000002")
NO_GOODS = {"Lineitem_sku": "", "Lineitem_requires_shipping": "false", "Lineitem_taxable": "false"}
AS_CSV = "export the orders from Shopify as a CSV file, and import that."


def refusal(content: bytes) -> str:
    with pytest.raises(InvalidFile) as caught:
        taken(content)
    return str(caught.value)


def taken(content: bytes) -> list[Mapped]:
    return [to_order(raw) for raw in read(content)]


def names(content: bytes) -> list[str]:
    return [raw.name for raw in read(content)]


def archive(*members: str, second: int = 0) -> bytes:
    """Make an archive whose header has the time 00:00:`second`: the same bytes in every run."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for member in members:
            packed.writestr(zipfile.ZipInfo(member, (2026, 1, 1, 0, 0, second)), file(first()))
    return out.getvalue()


def no_goods(title: str, price: str) -> Cells:
    return more(Lineitem_name=title, Lineitem_price=price, **NO_GOODS)


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\n\r\n", "\ufeff".encode(), b"sep=;\n"])
def test_an_empty_file_is_called_so(content: bytes) -> None:
    assert refusal(content) == "1.csv, the file is empty; export the orders from Shopify again."


def test_an_archive_is_to_be_unpacked() -> None:
    unpack = "unpack it, and import the CSV files in it."
    assert refusal(archive("orders_export_1.csv")) == f"1.csv, the file is a ZIP archive; {unpack}"
    assert refusal(gzip.compress(file(first()))) == f"1.csv, the file is a compressed archive; {unpack}"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (archive("[Content_Types].xml", "xl/workbook.xml"), "a workbook of a spreadsheet program"),
        # Half of 20 is the byte of a line end: the first line of these bytes ends before the name.
        (archive("[Content_Types].xml", "xl/workbook.xml", second=20), "a workbook of a spreadsheet program"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "an Excel workbook"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "a PDF document"),
    ],
    ids=["xlsx", "xlsx with a line end", "xls", "pdf"],
)
def test_a_file_of_another_program_is_named(content: bytes, kind: str) -> None:
    assert refusal(content) == f"1.csv, the file is {kind}; {AS_CSV}"


@pytest.mark.parametrize("above", [b"\n\n", b"\r\n", b"sep=,\n", b"SEP=,\r\n\n"])
def test_lines_above_the_column_names_are_skipped_but_counted(above: bytes) -> None:
    assert names(above + file(first(), more())) == ["#1001"]
    line = len(above.splitlines()) + 2
    assert refusal(above + file(first(Total="twelve"))).startswith(f"1.csv, line {line}, column “Total”")


def test_a_first_line_that_is_repeated_between_orders_is_no_order() -> None:
    repeated = file().splitlines(keepends=True)[0]
    begun, rest = file(first(), more()), file(SECOND, more(Name="#1002")).split(b"\n", 1)[1]
    assert [len(raw.rows) for raw in read(begun + repeated + rest)] == [2, 2]
    again = [(raw.name, len(raw.rows)) for raw in read(begun + "\ufeff".encode() + begun)]
    assert again == [("#1001", 2), ("#1001", 2)], (
        "the same order in both files is twice the same, not twice the lines"
    )
    head, row, *others = begun.splitlines(keepends=True)
    assert [len(raw.rows) for raw in read(head + row + repeated + b"".join(others))] == [2], "within an order"


def test_a_cell_beyond_a_megabyte_is_called_too_long() -> None:
    assert "or a cell of more than 1 MB" in refusal(file(first(Notes="x" * 2_000_000)))
    assert names(file(first(Notes="x" * 100_000))) == ["#1001"]


@pytest.mark.parametrize(
    "written",
    [
        "2024-05-02 11:04:33 +0200",
        "2024-05-02 11:04:33 +02:00",
        "2024-05-02T11:04:33+02:00",
        "2024-05-02T09:04:33Z",
        "2024-05-02 09:04:33 UTC",
    ],
)
def test_a_time_with_its_offset_is_read_however_it_is_written(written: str) -> None:
    assert mapped(first(Created_at=written)).order == mapped(first()).order


def test_a_line_without_a_name_is_sold_nevertheless() -> None:
    found = mapped(first(Lineitem_name=""))
    assert (found.is_even, [line.quantity for line in found.order.line_items]) == (True, [2])


def test_two_tips_in_another_language_are_found_by_the_surplus_of_the_total() -> None:
    found = mapped(first(Total="57.60"), no_goods("Trinkgeld", "3.00"), no_goods("Trinkgeld", "2.00"))
    assert (found.is_even, found.order.tip, len(found.order.line_items)) == (True, Decimal("5.00"), 1)
    assert found.order.discounts == 0


def test_goods_that_are_called_tip_stay_goods_beside_the_tip() -> None:
    found = mapped(first(Subtotal="70.00", Total="87.60"), no_goods("Tip", "30.00"), no_goods("Tip", "5.00"))
    assert (found.is_even, found.order.tip) == (True, Decimal("5.00"))
    assert [line.unit_price for line in found.order.line_items] == [Decimal("20.00"), Decimal("30.00")]


def test_an_export_of_draft_orders_lacks_columns_by_name() -> None:
    columns = [column for column in COLUMNS if column not in ("Id", "Refunded Amount", "Paid at")]
    assert refusal(file(first(), columns=columns)) == (
        "1.csv, line 1 lacks the columns “Id”, “Refunded Amount”; export the orders from Shopify again."
    )


@pytest.mark.parametrize(("total", "included"), [("40.02", True), ("39.60", True), ("47.65", False)])
def test_a_total_rounded_by_a_till_still_shows_whether_prices_contain_tax(total: str, included: bool) -> None:
    found = mapped(first(Shipping="0.00", Total=total))
    assert found.order.taxes_included is included
    assert (found.is_even, found.worth) == (False, Decimal("40.00") if included else Decimal("47.60"))


def test_a_total_that_is_further_away_says_nothing_of_prices() -> None:
    assert not mapped(first(Shipping="0.00", Total="41.00")).order.taxes_included


def test_a_file_whose_rows_were_sorted_apart_is_refused_where_they_part() -> None:
    assert refusal(file(first(), SECOND, more())) == (
        "1.csv, line 4, column “Id” is empty and no row of its order is right above; import the file as "
        "Shopify sent it."
    )
