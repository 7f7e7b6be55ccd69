"""Reads the rows of a CSV of unit costs, each of a variant by its id or SKU. Pure; errors name the row and the cure.

Spreadsheets write such files in many ways: with commas, semicolons or tabs, in UTF-8 or Windows' encoding, with
decimal commas. Shopify's own export of products is understood, too: "Variant SKU" and "Cost per item".
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.domain.amounts import parse_amount
from core.domain.ids import parse_id
from core.domain.periods import EARLIEST, LATEST
from core.errors import InvalidFile, InvalidInput

MOST_BYTES = 5 << 20
MOST_ROWS = 100_000
_NAMES = {
    "variant_id": ("variantid",),
    "sku": ("sku", "variantsku"),
    "unit_cost": ("unitcost", "cost", "costperitem"),
    "valid_from": ("validfrom", "from"),
}
"""By column: how its header may be written, in lower case without spaces and signs."""
REMOVE = "remove"
"""The word in place of a cost that removes an uploaded one."""
_SHORTENED = re.compile(r"\A[\d.,]+E\+?\d+\Z", re.I)
_GUARDED = re.compile(r"\A'(?=[\s]*[=+\-@])")


@dataclass(frozen=True, slots=True)
class CostRow:
    """A row of the file. `unit_cost` is None where the row removes an uploaded cost, `valid_from` from the first
    order on."""

    line: int
    variant_id: int | None
    sku: str
    unit_cost: Decimal | None
    valid_from: date


@dataclass(frozen=True, slots=True)
class RowError:
    """Why a row cannot be used, and what to do; `line` is its line in the file."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class CostRows:
    """The rows of a file. `blank` counts rows without a cost, which change nothing."""

    rows: tuple[CostRow, ...]
    errors: tuple[RowError, ...]
    blank: int


def decoded(content: bytes) -> str:
    """Return the text of a file as spreadsheets save it.

    Raises:
        InvalidFile: it is no text, or too large.
    """
    if len(content) > MOST_BYTES:
        raise too_large()
    if b"\0" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InvalidFile("This is not a CSV file; in the spreadsheet, choose “Save as” and “CSV UTF-8”.")
    for encoding in ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidFile("The file is in an unknown encoding; in the spreadsheet, choose “Save as” and “CSV UTF-8”.")


def too_large() -> InvalidFile:
    """The error for a file of more than `MOST_BYTES`."""
    return InvalidFile(f"The file is larger than {MOST_BYTES >> 20} MB; split it, or keep only the costs.")


def parse_rows(text: str) -> CostRows:
    """Read a file's rows.

    Raises:
        InvalidFile: the file as a whole cannot be used: columns are missing, or it has too many rows.
    """
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        columns = _columns(next(lines, []))
        rows, errors, blank = list[CostRow](), list[RowError](), 0
        for number, cells in _numbered(lines):
            try:
                row = _row(number, columns, cells)
            except InvalidInput as error:
                errors.append(RowError(number, str(error)))
            else:
                blank += row is None
                rows += [row] if row else []
    except csv.Error:
        raise InvalidFile("The file is not a proper CSV; save it again as “CSV UTF-8” in the spreadsheet.") from None
    return CostRows(tuple(rows), tuple(errors), blank)


def _numbered(lines: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """The rows with their lines in the file; the header is line 1."""
    for number, cells in enumerate(lines, 2):
        if number > MOST_ROWS + 1:
            raise InvalidFile(f"The file has more than {MOST_ROWS} rows; split it.")
        if any(cell.strip() for cell in cells):
            yield number, cells


def _delimiter(text: str) -> str:
    header = text.partition("\n")[0]
    return max(",;\t", key=header.count)


def _columns(header: Sequence[str]) -> dict[str, int]:
    plain = [re.sub(r"[^a-z]", "", name.lower()) for name in header]
    columns = {
        name: plain.index(written) for name, spellings in _NAMES.items() for written in spellings if written in plain
    }
    if "unit_cost" not in columns or not {"variant_id", "sku"} & columns.keys():
        raise InvalidFile("The first row has to name the columns: variant_id or sku, and unit_cost.")
    return columns


def _row(number: int, columns: Mapping[str, int], cells: Sequence[str]) -> CostRow | None:
    """The row; None if it has no cost.

    Raises:
        InvalidInput: it cannot be used.
    """
    values = {name: cells[at].strip() if at < len(cells) else "" for name, at in columns.items()}
    cost = values["unit_cost"]
    if not cost:
        return None
    sku = _GUARDED.sub("", values.get("sku", ""))
    variant_id = _variant_id(values.get("variant_id", ""), sku)
    if variant_id is None and not sku:
        raise InvalidInput("The row names no variant; fill in its SKU or variant id.")
    unit_cost = None if cost.lower() == REMOVE else parse_amount(cost, "the unit cost")
    return CostRow(number, variant_id, sku, unit_cost, _day(values.get("valid_from", "")))


def _variant_id(text: str, sku: str) -> int | None:
    written = text.removeprefix("gid://shopify/ProductVariant/").lstrip("'")
    if not written or (_SHORTENED.match(written) and sku):
        return None
    if _SHORTENED.match(written):
        raise InvalidInput(f"The spreadsheet shortened the id {written[:20]}; fill in the SKU instead.")
    variant_id = parse_id(written)
    if variant_id is None:
        raise InvalidInput(f"{written[:40]} is no variant id; it has digits only.")
    return variant_id


def _day(text: str) -> date:
    if not text:
        return EARLIEST
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"{text[:20]} is no day; write valid_from as 2026-11-21.") from None
    if not EARLIEST <= day <= LATEST:
        raise InvalidInput(f"{text} is too far away; write a day between {EARLIEST.year} and {LATEST.year}.")
    return day
