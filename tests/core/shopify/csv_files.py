"""Files in the form of Shopify's export, row by row: a small order of two shirts, of which a test may change any
cell."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from core.shopify.orders_csv import Mapped, RawOrder, orders_in, to_order
from core.simulator.shop.orders_csv import COLUMNS

Cells = dict[str, str]

FIRST: Cells = {
    "Name": "#1001",
    "Id": "5000000000001",
    "Email": "ada@example.com",
    "Financial Status": "paid",
    "Fulfillment Status": "unfulfilled",
    "Created at": "2024-05-02 11:04:33 +0200",
    "Paid at": "2024-05-02 11:04:35 +0200",
    "Currency": "EUR",
    "Subtotal": "40.00",
    "Shipping": "5.00",
    "Taxes": "7.60",
    "Total": "52.60",
    "Discount Amount": "0.00",
    "Shipping Method": "Parcel",
    "Refunded Amount": "0.00",
    "Lineitem quantity": "2",
    "Lineitem name": "Shirt - M",
    "Lineitem price": "20.00",
    "Lineitem sku": "SHIRT-M",
    "Lineitem requires shipping": "true",
    "Lineitem taxable": "true",
    "Lineitem discount": "0.00",
    "Shipping Country": "DE",
    "Shipping City": "Berlin",
    "Source": "web",
    "Tax 1 Name": "DE VAT 19%",
    "Tax 1 Value": "7.60",
}
"""Two shirts at 20.00, 19 % tax on them beside the price, and 5.00 of untaxed shipping."""

MORE: Cells = {
    "Name": "#1001",
    "Lineitem quantity": "1",
    "Lineitem name": "Mug",
    "Lineitem price": "10.00",
    "Lineitem sku": "MUG",
    "Lineitem requires shipping": "true",
    "Lineitem taxable": "true",
    "Lineitem discount": "0.00",
}
"""A further row of the same order."""


def first(**changes: str) -> Cells:
    """Make the first row of an order; names of columns have _ for a space."""
    return FIRST | _named(changes)


def more(**changes: str) -> Cells:
    return MORE | _named(changes)


def two_lines(**changes: str) -> list[Cells]:
    """Make an order of two rows that adds up: 50.00 of goods, 9.50 of tax, 5.00 of shipping."""
    sums = {"Subtotal": "50.00", "Taxes": "9.50", "Tax_1_Value": "9.50", "Total": "64.50"}
    return [first(**sums | changes), more()]


def file(*rows: Cells, columns: Sequence[str] = COLUMNS) -> bytes:
    """Write the rows as a file, below a first line that names the columns."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def read(*contents: bytes) -> list[RawOrder]:
    """Read the orders in these files, named 1.csv, 2.csv, …"""
    return list(
        orders_in((f"{number}.csv", content.splitlines(keepends=True)) for number, content in enumerate(contents, 1))
    )


def mapped(*rows: Cells) -> Mapped:
    """Map the only order of these rows."""
    (raw,) = read(file(*rows))
    return to_order(raw)


def _named(changes: Cells) -> Cells:
    known = {column.replace(" ", "_"): column for column in COLUMNS}
    return {known[name]: value for name, value in changes.items()}
