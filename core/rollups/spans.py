"""Sums spans of days: thirds of a month, months, quarters and years, each from the parts below it.

A span has a name: '2026-11-21' (from the 21st to the end of the month), '2026-11', '2026Q4', '2026'.
"""

# ruff: noqa: S608  # The names are of the caller, all values are parameters.

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta

from core.metrics import formulas as f
from core.metrics.money.sums import third_of

_WHOLES = (
    ("months", "thirds_of_months", "left(k.span, 7)"),
    ("quarters", "months_of_quarters", "to_char(to_date(k.span, 'YYYY-MM'), 'YYYY\"Q\"Q')"),
    ("years", "quarters_of_years", "left(k.span, 4)"),
)
"""The parameters of the wider spans and of their parts, and the SQL of the span that a part belongs to."""


def span_parameters(days: Collection[date], stale_days: Collection[date]) -> dict[str, list[str] | list[date]]:
    """The spans that these days are in, and the parts of each, as parameters of `span_statements`.

    Spans with other stale days are left out: nothing reads them before the refresh of the last one. So a rebuild sums
    a year once, not with each of its weeks.
    """
    stale = {name for day in stale_days for name in _names_of(day)}
    thirds = {_third(day) for day in days if _third(day).isoformat() not in stale}
    months = {day.replace(day=1) for day in days if f"{day:%Y-%m}" not in stale}
    quarters = {_quarter(day) for day in days if _quarter_name(day) not in stale}
    years = {day.year for day in days if str(day.year) not in stale}
    return {
        "days_of_thirds": sorted(day for third in thirds for day in _days_of(third)),
        "thirds": sorted(third.isoformat() for third in thirds),
        "thirds_of_months": sorted(month.replace(day=first).isoformat() for month in months for first in (1, 11, 21)),
        "months": sorted(f"{month:%Y-%m}" for month in months),
        "months_of_quarters": sorted(
            f"{quarter.replace(month=quarter.month + step):%Y-%m}" for quarter in quarters for step in range(3)
        ),
        "quarters": sorted(_quarter_name(quarter) for quarter in quarters),
        "quarters_of_years": sorted(f"{year}Q{number}" for year in years for number in (1, 2, 3, 4)),
        "years": sorted(map(str, years)),
    }


def span_statements(table: str, days: str, key: str, aggregates: Mapping[str, str]) -> Iterator[str]:
    """Build the statements that replace the spans of a table; `days` selects `key`, `third` and the sums of days.

    `key` are the columns of the key beside store, currency and span; `aggregates` are the functions of the others.
    """
    columns = f"tenant_id, store_id, currency, span, {key}, {', '.join(aggregates)}"
    sums = ", ".join(f"{function}({name})" for name, function in aggregates.items())
    replaced = f"DELETE FROM {table} k WHERE {f.of_store('k')} AND k.span = ANY(CAST(:{{}} AS text[]))"
    group = f"GROUP BY currency, 4, {key}"
    yield replaced.format("thirds")
    yield f"""
    INSERT INTO {table} ({columns})
    SELECT :tenant_id, :store_id, currency, to_char(third, 'YYYY-MM-DD'), {key}, {sums} FROM ({days}) days {group}"""
    for wholes, parts, span in _WHOLES:
        yield replaced.format(wholes)
        yield f"""
    INSERT INTO {table} ({columns})
    SELECT :tenant_id, :store_id, currency, {span}, {key}, {sums} FROM {table} k
    WHERE {f.of_store("k")} AND k.span = ANY(CAST(:{parts} AS text[])) {group}"""


THIRD = f"{third_of('k.business_date')} AS third"
DAYS_OF_THIRDS = f"{f.of_store('k')} AND k.business_date = ANY(CAST(:days_of_thirds AS date[]))"
"""Selects the kept days `k` of the thirds."""


def _names_of(day: date) -> tuple[str, ...]:
    """The names of the four spans of a day."""
    return _third(day).isoformat(), f"{day:%Y-%m}", _quarter_name(day), str(day.year)


def _quarter(day: date) -> date:
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def _quarter_name(day: date) -> str:
    return f"{day.year}Q{(day.month + 2) // 3}"


def _third(day: date) -> date:
    return day.replace(day=1 + min(day.day - 1, 20) // 10 * 10)


def _days_of(third: date) -> Iterator[date]:
    day = third
    while _third(day) == third:
        yield day
        day += timedelta(days=1)
