"""Sums spans of days: thirds of a month, months, quarters and years, each from the parts below it."""

# ruff: noqa: S608  # The names are of the caller, all values are parameters.

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date

from core.metrics import formulas as f
from core.metrics import span_names
from core.metrics.span_names import names_of, third_of

_WHOLES = (
    ("months", "thirds_of_months", "left(k.span, 7)"),
    (
        "quarters",
        "months_of_quarters",
        f"to_char(to_date(k.span, '{span_names.MONTH}'), '{span_names.QUARTER}')",
    ),
    ("years", "quarters_of_years", "left(k.span, 4)"),
)
"""The parameters of the wider spans and of their parts, and the SQL of the span that a part belongs to."""


def span_parameters(days: Collection[date], stale_days: Collection[date]) -> dict[str, list[str] | list[date]]:
    """The spans that these days are in, and the parts of each, as parameters of `span_statements`.

    Spans with other stale days are left out: nothing reads them before the refresh of the last one. So a rebuild sums
    a year once, not with each of its weeks.
    """
    stale = {name for day in stale_days for name in names_of(day)}
    names = [names_of(day) for day in days]
    thirds, months, quarters, years = ({of_day[level] for of_day in names} - stale for level in range(4))
    return {
        "days_of_thirds": sorted(day for third in thirds for day in span_names.days_of_third(third)),
        "thirds": sorted(thirds),
        "thirds_of_months": sorted(third for month in months for third in span_names.thirds_of_month(month)),
        "months": sorted(months),
        "months_of_quarters": sorted(
            month for quarter in quarters for month in span_names.months_of_quarter(quarter)
        ),
        "quarters": sorted(quarters),
        "quarters_of_years": sorted(quarter for year in years for quarter in span_names.quarters_of_year(year)),
        "years": sorted(years),
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
    SELECT :tenant_id, :store_id, currency, to_char(third, '{span_names.THIRD}'), {key}, {sums} FROM ({days}) days
    {group}"""
    for wholes, parts, span in _WHOLES:
        yield replaced.format(wholes)
        yield f"""
    INSERT INTO {table} ({columns})
    SELECT :tenant_id, :store_id, currency, {span}, {key}, {sums} FROM {table} k
    WHERE {f.of_store("k")} AND k.span = ANY(CAST(:{parts} AS text[])) {group}"""


THIRD = f"{third_of('k.business_date')} AS third"
DAYS_OF_THIRDS = f"{f.of_store('k')} AND k.business_date = ANY(CAST(:days_of_thirds AS date[]))"
"""Selects the kept days `k` of the thirds."""
