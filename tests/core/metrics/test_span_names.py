"""A span of days has one name, whether Python or the database makes it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from core.database import system_session
from core.metrics import span_names

DAYS = [date(2023, 12, 25) + timedelta(days=days) for days in range(380)]
"""A leap year, with the end of one before it."""


@pytest.mark.parametrize(
    ("day", "names"),
    [
        (date(2026, 11, 25), ("2026-11-21", "2026-11", "2026Q4", "2026")),
        (date(2024, 2, 29), ("2024-02-21", "2024-02", "2024Q1", "2024")),
        (date(2024, 1, 10), ("2024-01-01", "2024-01", "2024Q1", "2024")),
        (date(2024, 1, 11), ("2024-01-11", "2024-01", "2024Q1", "2024")),
        (date(2023, 12, 31), ("2023-12-21", "2023-12", "2023Q4", "2023")),
    ],
)
def test_a_day_is_in_four_spans(day: date, names: tuple[str, ...]) -> None:
    assert span_names.names_of(day) == names


@pytest.mark.usefixtures("clean_database")
def test_the_database_gives_each_day_the_same_names() -> None:
    statement = f"""
        SELECT day, array_agg(span ORDER BY length(span) DESC)
        FROM unnest(CAST(:days AS date[])) AS day CROSS JOIN {span_names.spans_of("day")} GROUP BY day"""
    with system_session() as session:
        named = {day: tuple(spans) for day, spans in session.execute(text(statement), {"days": DAYS})}
    assert named == {day: tuple(sorted(span_names.names_of(day), key=len, reverse=True)) for day in DAYS}


def test_the_parts_of_a_span_are_the_spans_of_its_days() -> None:
    year = [day for day in DAYS if day.year == 2024]
    names = [span_names.names_of(day) for day in year]
    for third in {of_day[0] for of_day in names}:
        assert span_names.days_of_third(third) == [day for day in year if span_names.names_of(day)[0] == third]
    for month in {of_day[1] for of_day in names}:
        assert span_names.thirds_of_month(month) == sorted({third for third, of, *_ in names if of == month})
    for quarter in {of_day[2] for of_day in names}:
        assert span_names.months_of_quarter(quarter) == sorted({month for _, month, of, _ in names if of == quarter})
    assert span_names.quarters_of_year("2024") == sorted({quarter for _, _, quarter, _ in names})
