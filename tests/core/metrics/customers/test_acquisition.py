"""What a new customer costs, and when a cohort has earned its advertising back."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from core.metrics.customers.acquisition import Acquisition, advertising_by_cohort, payback
from core.metrics.customers.cohort_profits import Earned
from core.metrics.customers.cohorts import Cell, Cohort, Width
from core.metrics.money.profit import Profit, ProfitPoint

BERLIN = ZoneInfo("Europe/Berlin")
MONTHS = [date(2026, month, 1) for month in (9, 10, 11)]
ZERO = Decimal(0)
COHORT = Cohort(MONTHS[0], 4, tuple(Cell(month, 1, 1, ZERO, ZERO, ZERO, True) for month in MONTHS))
PROFITS = {(MONTHS[0], MONTHS[0]): Earned(Decimal(30)), (MONTHS[0], MONTHS[2]): Earned(Decimal(20))}


@pytest.mark.parametrize(
    ("advertising", "new_customers", "cost"),
    [("50.00", 4, Decimal("12.5")), ("50.00", 0, None), ("0", 4, None)],
)
def test_a_new_customer_costs_the_advertising_of_the_period(
    advertising: str, new_customers: int, cost: Decimal | None
) -> None:
    assert Acquisition(Decimal(advertising), new_customers).acquisition_cost == cost


@pytest.mark.parametrize(
    ("advertising", "number"), [("30", 0), ("30.01", 2), ("50", 2), ("50.01", None)], ids=lambda value: str(value)
)
def test_a_cohort_has_paid_back_when_its_profit_to_date_reaches_its_advertising(
    advertising: str, number: int | None
) -> None:
    """Profit of 30.00 in the first month, none in the second, 20.00 in the third."""
    assert payback(COHORT, PROFITS, Decimal(advertising)) == number


def test_advertising_belongs_to_the_cohort_of_its_local_month_or_quarter() -> None:
    points = [
        ProfitPoint(datetime(month.year, month.month, 1, tzinfo=BERLIN), Profit(advertising=Decimal(month.month)))
        for month in MONTHS
    ]
    assert advertising_by_cohort(points, Width.MONTH, BERLIN) == {month: month.month for month in MONTHS}
    assert advertising_by_cohort(points, Width.QUARTER, BERLIN) == {date(2026, 7, 1): 9, date(2026, 10, 1): 21}
