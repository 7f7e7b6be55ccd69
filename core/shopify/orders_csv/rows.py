"""Group a file's rows into orders, as text; refuse any other form than Shopify's, with its line and column."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

from core.errors import InvalidFile
from core.shopify.orders_csv.lines import AS_SENT, LONGEST_LINE, MARK, fault, lines

_NEEDED = (
    "Name,Id,Created at,Currency,Subtotal,Shipping,Taxes,Total,Refunded Amount,Lineitem quantity,Lineitem name,"
    "Lineitem price".split(",")
)
_ALSO_CALLED = {"canceled at": "cancelled at"}

# Without this limit, an unclosed quote would read the rest of the file into memory; notes are far shorter.
csv.field_size_limit(LONGEST_LINE)


class Row(NamedTuple):
    """The cells used of one row, unchanged; `line` is where the row begins, from 1."""

    line: int
    name: str
    order_id: str
    email: str
    financial_status: str
    fulfillment_status: str
    created_at: str
    paid_at: str
    fulfilled_at: str
    cancelled_at: str
    currency: str
    subtotal: str
    shipping: str
    taxes: str
    total: str
    duties: str
    refunded: str
    discount_code: str
    discount: str
    shipping_method: str
    source: str
    shipping_city: str
    shipping_province: str
    shipping_country: str
    billing_city: str
    billing_province: str
    billing_country: str
    quantity: str
    title: str
    price: str
    sku: str
    vendor: str
    requires_shipping: str
    taxable: str
    line_discount: str
    location: str
    tags: str
    tax_1: str
    tax_1_value: str
    tax_2: str
    tax_2_value: str
    tax_3: str
    tax_3_value: str
    tax_4: str
    tax_4_value: str
    tax_5: str
    tax_5_value: str


COLUMNS = (
    "Name,Id,Email,Financial Status,Fulfillment Status,Created at,Paid at,Fulfilled at,Cancelled at,Currency,"
    "Subtotal,Shipping,Taxes,Total,Duties,Refunded Amount,Discount Code,Discount Amount,Shipping Method,Source,"
    "Shipping City,Shipping Province,Shipping Country,Billing City,Billing Province,Billing Country,"
    "Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Vendor,Lineitem requires shipping,Lineitem taxable,"
    "Lineitem discount,Location,Tags,Tax 1 Name,Tax 1 Value,Tax 2 Name,Tax 2 Value,Tax 3 Name,Tax 3 Value,"
    "Tax 4 Name,Tax 4 Value,Tax 5 Name,Tax 5 Value"
).split(",")
"""The column of each field of `Row` after `line`. They are found by name, because older exports have fewer."""
_KNOWN = frozenset(column.casefold() for column in COLUMNS)


class RawOrder:
    """The rows of one order, in `file`; only the first has the order's own fields."""

    __slots__ = ("file", "rows")

    def __init__(self, file: str, rows: list[Row]) -> None:
        self.file, self.rows = file, rows

    @property
    def name(self) -> str:
        """The order's name, which is all that its later rows have of it."""
        return self.rows[0].name

    @property
    def is_headless(self) -> bool:
        """Whether these are only later rows, of an order that begins in another file."""
        return not self.rows[0].order_id

    def fault(self, row: Row, field: str, problem: str, cure: str = AS_SENT) -> InvalidFile:
        """Make the error for a faulty cell. It never quotes the cell: in a shifted row, that may be personal data."""
        column = COLUMNS[Row._fields.index(field) - 1]
        return fault(self.file, f"line {row.line}, column “{column}” {problem}", cure)


def orders_in(files: Iterable[tuple[str, Iterable[bytes]]]) -> Iterator[RawOrder]:
    """Read the orders of an export's files, given as name and bytes in pieces, in any order.

    An order whose rows are in two files is one order. So the last order of each file comes at the end, when all its
    rows are known.

    Raises:
        InvalidFile: a file is not in Shopify's form, or begins within an order that none of the others has.
    """
    endings: list[RawOrder] = []
    beginnings: list[RawOrder] = []
    for file, pieces in files:
        last: RawOrder | None = None
        for order in _grouped(file, _rows(file, pieces)):
            if last is not None:
                yield last
                last = None
            if order.is_headless:
                beginnings.append(order)
            else:
                last = order
        if last is not None:
            endings.append(last)
    yield from _joined(endings, beginnings)


def _joined(endings: list[RawOrder], beginnings: list[RawOrder]) -> Iterator[RawOrder]:
    for order in endings:
        for beginning in [beginning for beginning in beginnings if beginning.name == order.name]:
            order.rows.extend(beginning.rows)
            beginnings.remove(beginning)
        yield order
    for beginning in beginnings:
        raise InvalidFile(
            f"{beginning.file}, line {beginning.rows[0].line}, column “Id” is empty: the order {beginning.name} "
            "begins in another file; import the files of the export together."
        )


def _grouped(file: str, rows: Iterator[Row]) -> Iterator[RawOrder]:
    """Group the rows by order; rows at the beginning that continue another file's order make a headless one."""
    order: RawOrder | None = None
    is_file_start = False
    for row in rows:
        if _is_first_line(row):
            is_file_start = True  # two files were joined: the next row begins an order, even one of the same name
            continue
        continuing_ids = ("",) if is_file_start or order is None else ("", order.rows[0].order_id)
        is_file_start = False
        if order is not None and row.name == order.name and row.order_id in continuing_ids:
            order.rows.append(row)
            continue
        if order is not None:
            if not row.order_id:
                raise fault(file, f"line {row.line}, column “Id” is empty and no row of its order is right above")
            yield order
        order = RawOrder(file, [row])
    if order is not None:
        yield order


def _is_first_line(row: Row) -> bool:
    """Whether the row repeats the names of the columns."""
    return (row.name.removeprefix(MARK).casefold(), row.order_id.casefold()) == ("name", "id")


def _rows(file: str, pieces: Iterable[bytes]) -> Iterator[Row]:
    """Read the rows of a file below its first line; empty ones are skipped."""
    texts = lines(file, pieces)
    above, first = _first_line(file, texts)
    delimiter = _delimiter(first)
    reader = csv.reader(chain([first], texts), strict=True, delimiter=delimiter)
    begins = above + 1
    try:
        header = next(reader, [])
        pick = itemgetter(*_places(file, header))
        width = len(header)
        begins = above + reader.line_num + 1
        for cells in reader:
            if len(cells) != width:
                _cut_to(width, cells, file, begins)
            if cells:
                cells.append("")  # the value of each column that this export lacks
                row = Row(begins, *pick(cells))
                if row.name:
                    yield row
                elif any(map(str.strip, cells)):
                    raise fault(file, f"line {begins}, column “Name” is empty")
            begins = above + reader.line_num + 1
    except csv.Error as error:
        raise fault(file, f"line {begins} {_problem(error)}") from None


def _first_line(file: str, texts: Iterator[str]) -> tuple[int, str]:
    """Return the line that names the columns, and the number of lines above it.

    Those are empty, or name the delimiter, as spreadsheet programs write.
    """
    for above, text in enumerate(texts):
        if text.strip() and not text.lower().startswith("sep="):
            return above, text
    raise fault(file, "the file is empty", "export the orders from Shopify again")


def _cut_to(width: int, cells: list[str], file: str, line: int) -> None:
    """Remove surplus empty cells from a row that is too wide, and all cells of an empty row. Any other width is
    refused."""
    if not any(map(str.strip, cells)):
        cells.clear()
    elif len(cells) > width and not any(map(str.strip, cells[width:])):
        del cells[width:]
    else:
        raise fault(file, f"line {line} has {len(cells)} columns where the first line names {width}")


def _problem(error: csv.Error) -> str:
    if "new-line" in str(error):
        return "has a line end in its middle"
    if "field larger" in str(error):
        return f"has a quotation mark that is never closed, or a cell of more than {LONGEST_LINE >> 20} MB"
    return "has a quotation mark where none may be, or one that is never closed"


def _delimiter(first: str) -> str:
    """Find the delimiter of the line that names the columns: Shopify's comma, or another program's choice."""

    def known(delimiter: str) -> int:
        return len(_KNOWN & {_title(title.strip('"\n')) for title in first.split(delimiter)})

    return max(",;\t", key=known)


def _places(file: str, header: Sequence[str]) -> list[int]:
    """Find the position of each field of `Row` in a row; one past the end for a column that this export lacks."""
    places: dict[str, int] = {}
    for place, title in enumerate(header):
        places.setdefault(_title(title), place)
    missing = [column for column in _NEEDED if column.casefold() not in places]
    if len(missing) > len(_NEEDED) // 2:
        raise InvalidFile(
            f"{file}, line 1 does not name the columns of Shopify's orders export (such as Name, Id and "
            "Lineitem quantity); in Shopify, choose Orders → Export, and import the CSV file that it sends."
        )
    if missing:
        names = ", ".join(f"“{column}”" for column in missing)
        columns = "column" if len(missing) == 1 else "columns"
        raise InvalidFile(f"{file}, line 1 lacks the {columns} {names}; export the orders from Shopify again.")
    return [places.get(column.casefold(), len(header)) for column in COLUMNS]


def _title(written: str) -> str:
    """Normalise a column's name, as this export calls it."""
    title = " ".join(written.casefold().split())
    return _ALSO_CALLED.get(title, title)
