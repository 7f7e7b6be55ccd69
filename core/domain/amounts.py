"""Amounts as people type them, in forms and spreadsheets. Pure."""

from __future__ import annotations

import re
from decimal import Decimal

from core.errors import InvalidInput

LARGEST = Decimal(10) ** 12
_WRITTEN = re.compile(r"\A\d+(\.\d+)?\Z|\A\.\d+\Z", re.ASCII)
_AMBIGUOUS = re.compile(r"\A\d{1,3},\d{3}\Z", re.ASCII)


def parse_amount(text: str, what: str, most_decimals: int = 6) -> Decimal:
    """Read an amount of zero or more: 4.20, 4,20, 1,234.50 or 1.234,50, perhaps with a currency sign or code.

    `what` is its name in the error message.

    Raises:
        InvalidInput: it is no such amount, or could be read in two ways.
    """
    written = re.sub(r"[\s'’]|[A-Z]{3}|[$€£¥₹]", "", text.strip())
    if not written:
        raise InvalidInput(f"Type {what}, such as 4.20; 0 if there is none.")
    if _AMBIGUOUS.match(written):
        whole = written.replace(",", "")
        raise InvalidInput(f"{text.strip()} may be {whole} or {written.replace(',', '.')}; write one of these.")
    plain = _with_point(written)
    if not _WRITTEN.match(plain):
        raise InvalidInput(f"{text.strip()[:40]} is no amount; write {what} as 4.20.")
    amount = Decimal(plain)
    if amount >= LARGEST or len(plain.partition(".")[2]) > most_decimals:
        raise InvalidInput(f"{text.strip()[:40]} is too large or too exact; write at most {most_decimals} decimals.")
    return amount


def _with_point(written: str) -> str:
    """The amount with a decimal point, and without separators of thousands."""
    comma, point = written.rfind(","), written.rfind(".")
    if comma > point:
        return written.replace(".", "").replace(",", ".", 1)
    return written.replace(",", "")
