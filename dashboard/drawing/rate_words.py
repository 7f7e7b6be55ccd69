"""Exchange rates in words. Pure; plain text, to be escaped before it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from core.exchange import Converted
from core.exchange.side_by_side import StoreRow
from dashboard.drawing import formats

_SHOWN_DIGITS = 6


def rate(value: Decimal) -> str:
    """0.92 · 0.833333 · 0.0000588: six significant digits, without zeros at the end."""
    digits = max(0, _SHOWN_DIGITS - 1 - value.adjusted())
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def rates_used(converted: Converted, currency: str, into: str) -> str:
    """1 USD = 0.92 EUR · 1 USD = 0.9 to 0.93 EUR; empty where no rate was needed."""
    if currency == into or converted.lowest is None:
        return ""
    return f"1 {currency} = {rate_range(converted)} {into}"


def all_rates(rows: Sequence[StoreRow], into: str) -> str:
    """The rates used of every currency: 1 USD = 0.92 EUR and 1 JPY = 0.006 EUR; empty where none was needed."""
    used = [rates_used(row.converted, row.figures.store.currency, into) for row in rows]
    return formats.listed(list(dict.fromkeys(text for text in used if text)))


def rate_range(converted: Converted) -> str:
    """0.92 · 0.9 to 0.93; empty where no day has an amount."""
    if converted.lowest is None or converted.highest is None:
        return ""
    low, high = rate(converted.lowest), rate(converted.highest)
    return low if low == high else f"{low} to {high}"


def missing_rates(rows: Sequence[StoreRow], into: str) -> str:
    """No sum in EUR: USD has no rate for 30 days, from 2026-10-29 to 2026-11-27. Empty if all rates are known."""
    missing = dict[str, set[date]]()
    for row in rows:
        if row.converted.missing:
            missing.setdefault(row.figures.store.currency, set()).update(row.converted.missing)
    parts = [f"{currency} has no rate for {_days(days)}" for currency, days in sorted(missing.items())]
    return f"No sum in {into}: {formats.listed(parts)}." if parts else ""


def _days(days: set[date]) -> str:
    first, last = min(days), max(days)
    if first == last:
        return formats.day(first)
    return f"{formats.counted(len(days), 'day')}, from {formats.day(first)} to {formats.day(last)}"
