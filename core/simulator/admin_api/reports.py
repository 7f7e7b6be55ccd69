"""ShopifyQL, as far as reconciling needs it: sales by day (`FROM sales SHOW … TIMESERIES day …`), from the ledger."""

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


def run_query(shop: Shop, query: str) -> dict[str, Any]:
    """Answer with a row for each day from SINCE to the day before UNTIL. Days without sales have zeros."""
    match = _QUERY.fullmatch(query)
    if match is None:
        return _parse_error("Line 1: Only FROM sales SHOW … TIMESERIES day SINCE … UNTIL … is understood.")
    names = [name.strip().lower() for name in match["shown"].split(",")]
    unknown = [name for name in names if name not in _COLUMNS]
    if unknown:
        return _parse_error(f"Line 1: Column '{unknown[0]}' not found.")
    try:
        since, until = date.fromisoformat(match["since"]), date.fromisoformat(match["until"])
    except ValueError:
        return _parse_error("Line 1: Dates are written as 2026-11-21.")
    types = [("day", "DAY_TIMESTAMP"), *((name, _COLUMNS[name][0]) for name in names)]
    columns = [
        {"name": name, "dataType": data_type, "displayName": name.replace("_", " ").capitalize()}
        for name, data_type in types
    ]
    return {"parseErrors": [], "tableData": {"columns": columns, "rows": _rows(shop, names, since, until)}}


def _rows(shop: Shop, names: list[str], since: date, until: date) -> list[dict[str, Any]]:
    if until <= since:
        return []
    by_day = truth(shop, since, until - timedelta(days=1)).by_day
    return [
        {"day": day.isoformat(), **{name: _COLUMNS[name][1](totals) for name in names}}
        for day, totals in by_day.items()
    ]


def _parse_error(sentence: str) -> dict[str, Any]:
    return {"parseErrors": [sentence], "tableData": None}
