"""The orders in the rows of files of every kind, and the refusal of a faulty file."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import pytest

from core.errors import InvalidFile
from core.shopify.orders_csv import orders_in
from core.shopify.orders_csv.rows import COLUMNS as READ
from core.shopify.orders_csv.rows import Row
from core.simulator.shop.orders_csv import COLUMNS
from tests.core.shopify.csv_files import Cells, file, first, more, read


def shape(*contents: bytes) -> list[tuple[str, int]]:
    """List name and number of rows of each order."""
    return [(order.name, len(order.rows)) for order in read(*contents)]


def refusal(*contents: bytes) -> str:
    with pytest.raises(InvalidFile) as caught:
        read(*contents)
    return str(caught.value)


def other(number: int, **changes: str) -> Cells:
    return first(Name=f"#{number}", Id=f"50000000{number}", **changes)


def test_every_field_that_is_read_has_its_column() -> None:
    assert Row._fields[0] == "line"
    assert len(Row._fields) == len(READ) + 1
    assert set(READ) <= set(COLUMNS)


def test_the_rows_of_an_order_belong_together_and_the_next_first_row_begins_another() -> None:
    content = file(first(), more(), more(Lineitem_name="Cup"), other(1002), other(1003), more(Name="#1003"))
    assert shape(content) == [("#1001", 3), ("#1002", 1), ("#1003", 2)]


def test_a_file_whose_order_level_columns_were_filled_down_reads_the_same() -> None:
    assert shape(file(first(), first(Lineitem_name="Mug"), other(1002))) == [("#1001", 2), ("#1002", 1)]


def test_a_byte_order_mark_and_windows_line_ends_change_nothing() -> None:
    plain = file(first(), more(), other(1002))
    saved = "\ufeff".encode() + plain.replace(b"\n", b"\r\n")
    assert [order.rows for order in read(saved)] == [order.rows for order in read(plain)]


def test_a_note_of_several_lines_with_quotes_and_commas_is_one_cell() -> None:
    note = 'Ring twice,\n"2nd floor",\n\nMüller'
    orders = read(file(first(Notes=note), more(), other(1002)))
    assert [order.name for order in orders] == ["#1001", "#1002"]
    assert [row.line for order in orders for row in order.rows] == [2, 6, 7]


def test_columns_are_found_by_name_in_any_order_and_older_exports_have_fewer() -> None:
    few = [column for column in reversed(COLUMNS) if not column.startswith(("Tax ", "Duties", "Source", "Vendor"))]
    (order,) = read(file(first(), columns=few))
    assert (order.rows[0].total, order.rows[0].title, order.rows[0].tax_1, order.rows[0].source) == (
        "52.60",
        "Shirt - M",
        "",
        "",
    )


def test_the_american_spelling_and_other_capitals_of_a_column_are_the_same_column() -> None:
    content = file(first(Cancelled_at="2024-05-03 09:00:00 +0200"))
    content = content.replace(b"Cancelled at", b"Canceled at").replace(b"Lineitem sku", b"Lineitem SKU")
    (order,) = read(content)
    assert (order.rows[0].cancelled_at, order.rows[0].sku) == ("2024-05-03 09:00:00 +0200", "SHIRT-M")


def test_an_order_that_begins_in_one_file_and_goes_on_in_the_next_is_one_order() -> None:
    one, two = file(other(1000), first(), more()), file(more(Lineitem_name="Cup"), other(1002))
    assert sorted(shape(one, two)) == [("#1000", 1), ("#1001", 3), ("#1002", 1)]


def test_the_files_of_an_export_may_be_given_in_any_order() -> None:
    one, two = file(other(1000), first(), more()), file(more(Lineitem_name="Cup"), other(1002))
    assert sorted(shape(two, one)) == sorted(shape(one, two))


def test_an_order_over_three_files_is_one_order() -> None:
    one, two, three = file(first()), file(more()), file(more(Lineitem_name="Cup"), other(1002))
    assert sorted(shape(one, two, three)) == [("#1001", 3), ("#1002", 1)]


def test_a_file_that_begins_within_an_order_asks_for_the_file_before_it() -> None:
    assert refusal(file(more(), other(1002))) == (
        "1.csv, line 2, column “Id” is empty: the order #1001 begins in another file; import the files of the export "
        "together."
    )


def test_a_row_without_id_that_follows_another_order_is_refused_and_not_lost() -> None:
    assert refusal(file(first(), more(Name="#1002"))) == (
        "1.csv, line 3, column “Id” is empty and no row of its order is right above; import the file as "
        "Shopify sent it."
    )


def test_a_row_without_name_is_refused() -> None:
    assert "line 3, column “Name” is empty" in refusal(file(first(), more(Name="")))


def test_another_csv_is_no_orders_export() -> None:
    content = b"Handle,Title,Vendor,Variant SKU\nshirt,Shirt,Acme,S-1\n"
    assert refusal(content) == (
        "1.csv, line 1 does not name the columns of Shopify's orders export (such as Name, Id and Lineitem "
        "quantity); in Shopify, choose Orders → Export, and import the CSV file that it sends."
    )


@pytest.mark.parametrize("content", [b"a", b"\n,\n", b"Name;Id;Created at;Currency;Total\n"])
def test_a_file_without_delimiters_is_refused_at_its_first_line(content: bytes) -> None:
    assert refusal(content).startswith("1.csv, line 1 does not name the columns")


def test_a_missing_column_is_named() -> None:
    columns = [column for column in COLUMNS if column != "Refunded Amount"]
    assert refusal(file(first(), columns=columns)) == (
        "1.csv, line 1 lacks the column “Refunded Amount”; export the orders from Shopify again."
    )


def test_a_file_that_was_cut_off_is_refused_at_the_line_where_it_ends() -> None:
    whole = file(first(), more(), other(1002))
    assert "1.csv, line 4 has 12 columns where the first line names 79" in refusal(b",".join(whole.split(b",")[:-67]))


def test_a_quotation_mark_that_is_never_closed_is_named_where_it_opens() -> None:
    content = file(first(), other(1002)) + b'#1003,"open\n' + file(*[other(n) for n in range(1004, 1010)])
    assert refusal(content).startswith(
        "1.csv, line 4 has a quotation mark where none may be, or one that is never closed"
    )


def test_a_field_without_end_does_not_take_in_the_whole_file() -> None:
    content = file(first()) + b'#1002,"' + b"a line of it\n" * 200_000
    assert "line 3 has a quotation mark" in refusal(content)


def test_a_line_without_end_is_not_read_whole() -> None:
    assert (
        refusal(b"a" * (1 << 20))
        == "1.csv, line 1 has no end: this is not a CSV; import the file as Shopify sent it."
    )


@pytest.mark.parametrize("broken", [b"M\xfcller", b"M\x00ller"])
def test_text_in_another_encoding_is_named_by_its_line(broken: bytes) -> None:
    content = file(first(), other(1002, Email="MARK")).replace(b"MARK", broken)
    assert refusal(content) == "1.csv, line 3 is not text in UTF-8; import the file as Shopify sent it."


def test_of_a_large_file_only_a_few_rows_are_in_memory() -> None:
    head, row, following = file(first(), more()).splitlines(keepends=True)

    def lines() -> Iterator[bytes]:
        yield head
        for number in range(20_000):
            name = f"#{number}".encode()
            yield row.replace(b"#1001", name)
            yield following.replace(b"#1001", name)

    tracemalloc.start()
    try:
        orders = sum(1 for _ in orders_in([("1.csv", lines())]))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert orders == 20_000
    assert peak < 1_000_000


def manner(content: bytes, **changes: str) -> bytes:
    """Write the file as another program does."""
    text = content.decode()
    for old, new in changes.items():
        text = text.replace({"newline": "\n", "comma": ","}[old], new)
    return text.encode()


@pytest.mark.parametrize(
    "content",
    [
        manner(file(first(), more(), other(1002)), newline="\r"),
        manner(file(first(), more(), other(1002)), comma=";"),
        manner(file(first(), more(), other(1002)), comma="\t"),
        manner(file(first(), more(), other(1002)), comma=";", newline="\r"),
        file(first(), more(), other(1002)).decode().encode("utf-16"),
        file(first(), more(), other(1002)).decode().encode("utf-16-be"),
        file(first(), more(), other(1002)).decode().encode("utf-16-le"),
        manner(file(first(), more(), other(1002)), comma="\t", newline="\r\n").decode().encode("utf-16"),
    ],
    ids=["CR", "semicolons", "tabs", "semicolons and CR", "UTF-16", "UTF-16 BE", "UTF-16 LE", "Unicode text"],
)
@pytest.mark.parametrize("size", [1, 7, 1 << 16])
def test_how_a_file_was_saved_changes_nothing(content: bytes, size: int) -> None:
    pieces = [content[start : start + size] for start in range(0, len(content), size)]
    orders = list(orders_in([("1.csv", pieces)]))
    assert [order.rows for order in orders] == [order.rows for order in read(file(first(), more(), other(1002)))]


def test_a_file_of_carriage_returns_longer_than_any_line_is_read() -> None:
    content = manner(file(*(other(number, Notes="x" * 500) for number in range(1000, 4000))), newline="\r")
    assert len(content) > 1 << 20
    assert len(list(orders_in([("1.csv", [content])]))) == 3000


def test_a_quoted_cell_keeps_its_commas_and_line_ends_in_any_manner() -> None:
    for newline in ("\n", "\r\n", "\r"):
        content = manner(file(first(Notes='Ring "twice",\nplease; thanks'), other(1002)), newline=newline)
        assert [order.name for order in read(content)] == ["#1001", "#1002"]


@pytest.mark.parametrize("empty", ["," * 78, "", "  ,,", "," * 200, '"","",'])
def test_rows_without_any_content_are_none(empty: str) -> None:
    content = file(first(), more()) + f"{empty}\n{empty}\n".encode() + file(other(1002)).split(b"\n", 1)[1]
    assert shape(content + f"{empty}\n{empty}".encode()) == [("#1001", 2), ("#1002", 1)]


def test_empty_cells_at_the_end_of_a_row_are_none() -> None:
    head, row = file(first()).splitlines()
    assert shape(head + b"\n" + row + b",,,\n") == [("#1001", 1)]
    assert "has 81 columns where the first line names 79" in refusal(head + b"\n" + row + b",,x\n")


def test_half_a_character_of_utf_16_is_named() -> None:
    content = file(first()).decode().encode("utf-16")[:-1]
    assert refusal(content) == "1.csv, the file is not text in UTF-8 or UTF-16; import the file as Shopify sent it."


def test_a_line_end_in_the_middle_of_a_row_is_named() -> None:
    content = file(first(), other(1002)).replace(b"ada@example.com", b"ada\r@example.com")
    assert refusal(content).startswith("1.csv, line 2 has a line end in its middle")
