"""Reads the rates of a CSV. Pure; an error names the line and the cure.

Two forms are understood. One has the columns date, currency and rate, where the rate is what one unit of the currency
is in the report currency. The other is the file of the European Central Bank: a column for each currency, with what
one euro is in it; any two of its columns give the rate between their currencies.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal

from core.domain.amounts import parse_amount
from core.domain.periods import EARLIEST, LATEST
from core.errors import InvalidFile, InvalidInput

MOST_BYTES = 5 << 20
MOST_ROWS = 100_000
MOST_DECIMALS = 12
"""Of a rate: one rupiah is 0.0000588 euros."""
EURO = "EUR"
_CODE = re.compile(r"\A[A-Z]{3}\Z", re.ASCII)
_EXACT = Context(prec=12)
"""A quotient of two rates gets twelve digits: rates are published with six."""
_NOT_PUBLISHED = frozenset({"", "-", "N/A"})


@dataclass(frozen=True, slots=True)
class FileRates:
    """The rates of a file by currency and day, and the currencies of it that no store needs."""

    rates: dict[tuple[str, date], Decimal]
    unused: frozenset[str]


def too_large() -> InvalidFile:
    """The error for a file of more than `MOST_BYTES`."""
    return InvalidFile(f"The file is larger than {MOST_BYTES >> 20} MB; keep only the days and currencies you need.")


def parse_rates(content: bytes, into: str, needed: frozenset[str]) -> FileRates:
    """Read the rates into `into` of the `needed` currencies.

    Raises:
        InvalidFile: the file cannot be used; nothing of it is saved.
    """
    if len(content) > MOST_BYTES:
        raise too_large()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidFile("The file is not in UTF-8; in the spreadsheet, choose “Save as” and “CSV UTF-8”.") from None
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = [name.strip() for name in next(lines, [])]
        entries = _by_column(header, lines) if _is_of_bank(header) else _by_row(header, lines)
        rows = _into(entries, into) if _is_of_bank(header) else list(entries)
    except csv.Error:
        raise InvalidFile("The file is not a proper CSV; save it again as “CSV UTF-8” in the spreadsheet.") from None
    rates = {(currency, day): rate for currency, day, rate in rows if currency in needed and currency != into}
    if not rates:
        raise InvalidFile(f"The file has no rate into {into} of {_listed(needed - {into})}; choose another file.")
    return FileRates(rates, frozenset(currency for currency, _, _ in rows) - needed - {into})


def _is_of_bank(header: Sequence[str]) -> bool:
    return header[:1] == ["Date"] and "rate" not in [name.lower() for name in header]


def _by_row(header: Sequence[str], lines: Iterator[list[str]]) -> Iterator[tuple[str, date, Decimal]]:
    """The rates of a file with a line for each currency and day."""
    names = [name.lower() for name in header]
    if not {"date", "currency", "rate"} <= set(names):
        raise InvalidFile("The first line has to name the columns date, currency and rate.")
    for number, cells in _numbered(lines):
        row = dict(zip(names, cells, strict=False))
        currency = row.get("currency", "").strip().upper()
        if not _CODE.match(currency):
            raise InvalidFile(f"Line {number}: write the currency as a code of three letters, such as USD.")
        yield currency, _day(number, row.get("date", "")), _rate(number, row.get("rate", ""))


def _by_column(header: Sequence[str], lines: Iterator[list[str]]) -> Iterator[tuple[str, date, Decimal]]:
    """The rates of the bank's file: what one euro is in each currency."""
    for number, cells in _numbered(lines):
        day = _day(number, cells[0])
        yield EURO, day, Decimal(1)
        for currency, cell in zip(header[1:], cells[1:], strict=False):
            if _CODE.match(currency) and cell.strip() not in _NOT_PUBLISHED:
                yield currency, day, _rate(number, cell)


def _into(entries: Iterator[tuple[str, date, Decimal]], into: str) -> list[tuple[str, date, Decimal]]:
    """Turn what one euro is in each currency into what one unit of each is in `into`."""
    by_day = dict[date, dict[str, Decimal]]()
    for currency, day, rate in entries:
        by_day.setdefault(day, {})[currency] = rate
    return [
        (currency, day, _EXACT.divide(rates[into], rate))
        for day, rates in by_day.items()
        if into in rates
        for currency, rate in rates.items()
    ]


def _numbered(lines: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """The rows with their lines in the file; the header is line 1."""
    for number, cells in enumerate(lines, 2):
        if number > MOST_ROWS + 1:
            raise InvalidFile(f"The file has more than {MOST_ROWS} lines; keep only the days you need.")
        if any(cell.strip() for cell in cells):
            yield number, cells


def _day(number: int, text: str) -> date:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidFile(f"Line {number}: {text.strip()[:20]} is no day; write 2026-11-21.") from None
    if not EARLIEST <= day <= LATEST:
        raise InvalidFile(f"Line {number}: {text.strip()} is too far away; check the year.")
    return day


def _rate(number: int, text: str) -> Decimal:
    try:
        rate = parse_amount(text, "the rate", MOST_DECIMALS)
    except InvalidInput as error:
        raise InvalidFile(f"Line {number}: {error}") from None
    if not rate:
        raise InvalidFile(f"Line {number}: a rate is above zero.")
    return rate


def _listed(currencies: frozenset[str]) -> str:
    return " or ".join(sorted(currencies)) or "any currency of your stores"
