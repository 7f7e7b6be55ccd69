"""Which spans does a refresh of some days sum?"""

from __future__ import annotations

from datetime import date

from core.rollups.spans import span_parameters

FEBRUARY = (date(2028, 2, 10), date(2028, 2, 29))


def test_a_day_is_in_four_spans_each_of_its_parts() -> None:
    spans = span_parameters(FEBRUARY, ())
    assert spans["thirds"] == ["2028-02-01", "2028-02-21"]
    assert spans["days_of_thirds"] == [
        *(date(2028, 2, day) for day in range(1, 11)),
        *(date(2028, 2, day) for day in range(21, 30)),
    ]
    assert (spans["months"], spans["quarters"], spans["years"]) == (["2028-02"], ["2028Q1"], ["2028"])
    assert spans["thirds_of_months"] == ["2028-02-01", "2028-02-11", "2028-02-21"]
    assert spans["months_of_quarters"] == ["2028-01", "2028-02", "2028-03"]
    assert spans["quarters_of_years"] == ["2028Q1", "2028Q2", "2028Q3", "2028Q4"]


def test_spans_with_other_stale_days_wait_for_the_last_of_them() -> None:
    spans = span_parameters(FEBRUARY, (date(2028, 2, 9), date(2028, 3, 1)))
    assert (spans["thirds"], spans["months"], spans["quarters"], spans["years"]) == (["2028-02-21"], [], [], [])
    assert spans["thirds_of_months"] == spans["months_of_quarters"] == spans["quarters_of_years"] == []
    later = span_parameters((date(2028, 12, 31),), (date(2028, 2, 9),))
    assert (later["months"], later["quarters"], later["years"]) == (["2028-12"], ["2028Q4"], [])
