"""The calendar of compared days."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from core.domain.periods import Period
from core.metrics.health import Day, NamedOrder
from dashboard.drawing import calendar_chart
from tests.cast import Cast
from tests.dashboard.health.page import ago, page
from tests.dashboard.pages import component_data

BERLIN = ZoneInfo("Europe/Berlin")
CHECKED = datetime(2026, 11, 20, 2, 20, tzinfo=UTC)


def compared(day: date, state: str) -> Day:
    named = (NamedOrder(1, "#1", "missing"),)
    return Day(day, state, 3, 4, None, None, "EUR", named, CHECKED, None)


def test_the_calendar_has_a_column_a_week_and_a_sign_where_a_day_was_not_equal() -> None:
    # 2 November 2026 is a Monday.
    shown = Period(date(2026, 11, 4), date(2026, 11, 17), BERLIN)
    days = [compared(date(2026, 11, 4), "equal"), compared(date(2026, 11, 9), "repaired")]
    days.append(compared(date(2026, 11, 17), "differs"))
    shown_data = calendar_chart.payload(days, shown, "Days", lambda day: f"/orders?start={day}")
    assert shown_data["weeks"] == ["2 Nov", "9 Nov", "16 Nov"]
    cells = {
        (row["name"], week): cell
        for row in shown_data["days"]
        for week, cell in zip(("2 Nov", "9 Nov", "16 Nov"), row["cells"], strict=True)
    }
    signs = {place: cell["sign"] for place, cell in cells.items() if cell and cell["sign"]}
    assert signs == {("Mon", "9 Nov"): "↻", ("Tue", "16 Nov"): "≠"}, "and none for an equal day"
    assert cells["Tue", "16 Nov"] == {
        "name": "Tue 17 Nov 2026",
        "text": "Differs, orders: 3 here, 4 at Shopify",
        "state": "differs",
        "sign": "≠",
        "href": "/orders?start=2026-11-17",
    }
    assert cells["Thu", "2 Nov"] == {
        "name": "Thu 5 Nov 2026",
        "text": "not checked",
        "state": "unchecked",
        "sign": "",
        "href": None,
    }
    assert cells["Tue", "2 Nov"] is cells["Wed", "16 Nov"] is None, "which are outside the period"


def test_a_click_on_a_day_of_the_calendar_leads_to_its_orders(checked: Cast) -> None:
    data = component_data(page(checked.alice), "calendar")
    compared_cells = [cell for row in data["days"] for cell in row["cells"] if cell and cell["href"]]
    assert {cell["href"] for cell in compared_cells} == {
        f"/orders?range=Custom&start={ago(days)}&end={ago(days)}" for days in (1, 2, 3)
    }
    assert ": 1 equal, 1 repaired, 1 differs" in data["label"]
