"""ShopifyQL, as far as comparing needs it: sales by day (`FROM sales SHOW … TIMESERIES day …`), from the ledger."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from core.simulator.shop.shop import Shop
from core.simulator.shop.truth import Totals, truth

_QUERY = re.compile(
    r"\s*FROM\s+sales\s+SHOW\s+(?P<shown>\w+(?:\s*,\s*\w+)*)\s+TIMESERIES\s+day"
    r"\s+SINCE\s+(?P<since>\S+)\s+UNTIL\s+(?P<until>\S+)\s*",
    re.IGNORECASE,
)
_COLUMNS: Mapping[str, tuple[str, Callable[[Totals], Any]]] = {
    "gross_sales": ("MONEY", lambda totals: str(totals.gross_sales)),
    "discounts": ("MONEY", lambda totals: str(-totals.discounts)),
    "net_sales": ("MONEY", lambda totals: str(totals.net_sales)),
    "total_sales": ("MONEY", lambda totals: str(totals.total_sales)),
    "orders": ("INTEGER", lambda totals: str(totals.orders)),
}


def answer(shop: Shop, query: str) -> dict[str, Any]:
    """A row for each day from SINCE to the day before UNTIL; days without sales have their zeros."""
    asked = _QUERY.fullmatch(query)
    if asked is None:
        return _refused("Line 1: Only FROM sales SHOW … TIMESERIES day SINCE … UNTIL … is understood.")
    shown = [name.strip().lower() for name in asked["shown"].split(",")]
    unknown = [name for name in shown if name not in _COLUMNS]
    if unknown:
        return _refused(f"Line 1: Column '{unknown[0]}' not found.")
    try:
        since, until = date.fromisoformat(asked["since"]), date.fromisoformat(asked["until"])
    except ValueError:
        return _refused("Line 1: Dates are written as 2026-11-21.")
    kinds = [("day", "DAY_TIMESTAMP"), *((name, _COLUMNS[name][0]) for name in shown)]
    columns = [
        {"name": name, "dataType": kind, "displayName": name.replace("_", " ").capitalize()} for name, kind in kinds
    ]
    return {"parseErrors": [], "tableData": {"columns": columns, "rows": _rows(shop, shown, since, until)}}


def _rows(shop: Shop, shown: list[str], since: date, until: date) -> list[dict[str, Any]]:
    if until <= since:
        return []
    by_day = truth(shop, since, until - timedelta(days=1)).by_day
    return [
        {"day": day.isoformat(), **{name: _COLUMNS[name][1](totals) for name in shown}}
        for day, totals in by_day.items()
    ]


def _refused(sentence: str) -> dict[str, Any]:
    return {"parseErrors": [sentence], "tableData": None}
