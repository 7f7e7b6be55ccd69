"""Recognise a file that a spreadsheet program saved: it rewrites times, ids and amounts as it shows them.

The file cannot be repaired: 5.98E+12 may be any of ten billion ids, 03/04/2024 two days.
"""

from __future__ import annotations

import re

from core.errors import InvalidFile
from core.shopify.orders_csv.lines import fault
from core.shopify.orders_csv.rows import COLUMNS, RawOrder, Row

_SHORTENED = re.compile(r"\d+([.,]\d+)?[eE]\+?\d+", re.ASCII)
_REDATED = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b(?!.*(?:[+-]\d\d:?\d\d|Z|UTC)$).*", re.ASCII)
_GROUP = "[.,' \u00a0\u202f]"
_SIGN = "[ \u00a0]?[$€£¥₹]?[ \u00a0]?"
_REGROUPED = re.compile(
    rf"{_SIGN}\d{{1,3}}(({_GROUP}\d{{3}})*[.,]\d{{1,2}}|({_GROUP}\d{{3}})+){_SIGN}|\d+,\d+", re.ASCII
)
_PLAIN = re.compile(r"\d+(\.\d+)?", re.ASCII)
_TIMES = ("created_at", "paid_at", "fulfilled_at", "cancelled_at")
_AMOUNTS = (
    *("subtotal", "shipping", "taxes", "total", "duties", "refunded", "discount", "price", "line_discount"),
    *("tax_1_value", "tax_2_value", "tax_3_value", "tax_4_value", "tax_5_value"),
)


def changed_columns(raw: RawOrder) -> list[str]:
    """List the columns of the order's rows that a spreadsheet program changed; empty if the fault has another
    cause."""
    fields = [field for field in Row._fields[1:] if any(_is_changed(field, getattr(row, field)) for row in raw.rows)]
    return [COLUMNS[Row._fields.index(field) - 1] for field in fields]


def refusal(raw: RawOrder, columns: list[str]) -> InvalidFile:
    """Make the error that names the changed columns and the cure."""
    names = " and ".join(filter(None, [", ".join(f"“{column}”" for column in columns[:-1]), f"“{columns[-1]}”"]))
    return fault(
        raw.file,
        f"line {raw.rows[0].line}: a spreadsheet program has saved this file and changed {names}",
        "export the orders from Shopify again, and import the file without opening it",
    )


def _is_changed(field: str, cell: str) -> bool:
    if field == "order_id":
        return bool(_SHORTENED.fullmatch(cell))
    if field in _TIMES:
        return bool(_REDATED.fullmatch(cell))
    if field in _AMOUNTS:
        return bool(_REGROUPED.fullmatch(cell)) and not _PLAIN.fullmatch(cell)
    return False
