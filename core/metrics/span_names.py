"""The names of the spans whose sums are kept beside those of days: thirds of a month, months, quarters and years.

A day is in four spans. The 25th of November 2026 is in '2026-11-21' (from the 21st to the end of the month),
'2026-11', '2026Q4' and '2026'.
"""

from __future__ import annotations

from datetime import date, timedelta

THIRD = "YYYY-MM-DD"
MONTH = "YYYY-MM"
QUARTER = 'YYYY"Q"Q'
YEAR = "YYYY"
"""Patterns of PostgreSQL's `to_char`; that of a third is for its first day."""


def third_of(day: str) -> str:
    """Build the SQL of the first day of a day's third of a month: the 1st, 11th or 21st."""
    return f"""CAST(date_trunc('month', CAST({day} AS timestamp))
        + least(CAST(date_part('day', {day}) AS int) - 1, 20) / 10 * interval '10 days' AS date)"""


def spans_of(day: str) -> str:
    """Build the SQL that joins the `span` names of a day to its row, as four rows."""
    names = ((third_of(day), THIRD), (day, MONTH), (day, QUARTER), (day, YEAR))
    values = ", ".join(f"(to_char({start}, '{pattern}'))" for start, pattern in names)
    return f"LATERAL (VALUES {values}) AS spans (span)"


def names_of(day: date) -> tuple[str, str, str, str]:
    """Return the names of a day's third, month, quarter and year."""
    third = day.replace(day=1 + min(day.day - 1, 20) // 10 * 10)
    return third.isoformat(), f"{day:%Y-%m}", f"{day.year}Q{(day.month + 2) // 3}", str(day.year)


def thirds_of_month(month: str) -> list[str]:
    """Return the names of the thirds of a month."""
    return [f"{month}-{first}" for first in ("01", "11", "21")]


def months_of_quarter(quarter: str) -> list[str]:
    """Return the names of the months of a quarter."""
    year, number = quarter.split("Q")
    return [f"{year}-{month:02}" for month in range(3 * int(number) - 2, 3 * int(number) + 1)]


def quarters_of_year(year: str) -> list[str]:
    """Return the names of the quarters of a year."""
    return [f"{year}Q{number}" for number in (1, 2, 3, 4)]


def days_of_third(third: str) -> list[date]:
    """Return the days of a third of a month, by its name."""
    first = date.fromisoformat(third)
    days = (first + timedelta(days=days) for days in range(11))
    return [day for day in days if names_of(day)[0] == third]
