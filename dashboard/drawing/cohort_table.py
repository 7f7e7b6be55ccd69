"""Cohorts as a table of heat, for the component `dashboard/components/cohorts`. Pure.

Each cell has its number, so no reader needs the colour. One colour from light to dark differs in lightness alone,
which every eye sees.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from core.metrics.customers import cohort_profits
from core.metrics.customers.acquisition import payback
from core.metrics.customers.cohort_profits import CohortProfits
from core.metrics.customers.cohorts import Average, Cohort, Width
from core.metrics.customers.values import CustomerValue
from core.metrics.ratios import ratio
from dashboard.drawing import formats
from dashboard.drawing.tiles import Tile


class Measure(StrEnum):
    """What the cells show."""

    SHARE = "Came back"
    CUSTOMERS = "Customers"
    VALUE = "Net sales a customer"
    NET_SALES = "Net sales"
    PROFIT = "Profit a customer"
    MARGIN = "Margin"

    @property
    def counts_customers(self) -> bool:
        """Whether it is of customers who came back: in the period of the first order, of those with a second one."""
        return self in (Measure.SHARE, Measure.CUSTOMERS)

    @property
    def needs_costs(self) -> bool:
        """Whether it is of gross profit."""
        return self in (Measure.PROFIT, Measure.MARGIN)


ABOUT = {
    Measure.SHARE: "The share of each cohort's customers who ordered in the period.",
    Measure.CUSTOMERS: "The number of each cohort's customers who ordered in the period.",
    Measure.VALUE: "Net sales by the end of the period, per customer of the cohort: what a customer is worth so far.",
    Measure.NET_SALES: "Net sales of the cohort's orders in the period.",
    Measure.PROFIT: "Gross profit by the end of the period, per customer of the cohort. Unknown costs earn nothing.",
    Measure.MARGIN: "Gross profit of the period's orders, as a share of their net sales with a known cost.",
}
_NO_PROFITS: CohortProfits = MappingProxyType({})
_NO_ADVERTISING: Mapping[date, Decimal] = MappingProxyType({})


def payload(
    found: Sequence[Cohort],
    averages: Sequence[Average | None],
    width: Width,
    measure: Measure,
    currency: str,
    profits: CohortProfits = _NO_PROFITS,
    advertising: Mapping[date, Decimal] = _NO_ADVERTISING,
) -> dict[str, Any]:
    """The data of the component, the newest cohort first. The largest complete cell is the darkest.

    `advertising` is that of each cohort's period, by its first day: the row then says what a customer cost.
    """
    if measure.needs_costs:
        by_cohort = cohort_profits.margins if measure is Measure.MARGIN else cohort_profits.profits_a_customer
        values = [by_cohort(cohort, profits) for cohort in found]
    else:
        values = [[_value(cohort, number, measure) for number in range(len(cohort.cells))] for cohort in found]
    largest = max((value for row in values for value in row[1:] or row if value is not None), default=Decimal(0))
    rows = [_row(cohort, row, largest, width, measure, currency) for cohort, row in zip(found, values, strict=True)]
    longest = max((len(cohort.cells) for cohort in found), default=0)
    total = _total(averages, measure, currency) if measure in (Measure.SHARE, Measure.VALUE) else []
    if measure.needs_costs:
        is_margin = measure is Measure.MARGIN
        of_all = cohort_profits.margin_of_all if is_margin else cohort_profits.profit_a_customer_of_all
        total = _total_row([of_all(found, profits, number) for number in range(longest)], measure, currency)
    for cohort, row in zip(found, rows, strict=True):
        if spent := advertising.get(cohort.start):
            row["note"] += f"\n{_cost(cohort, spent, currency)}"
            row["mark"] = ", ".join(filter(None, [row["mark"], _payback(cohort, profits, spent, width)]))
    return {
        "label": f"{measure.value} by {width.value} of the first order",
        "columns": [
            {"text": "First order", "about": ""},
            *(_column(number, width, measure) for number in range(longest)),
        ],
        "rows": total + rows[::-1],
    }


def value_tile(value: CustomerValue, currency: str) -> Tile:
    """The tile of a customer's value within so many days, with the number of customers that it is of."""
    about = f"Net sales within {value.days} days of the first order, per customer known at least {value.days} days."
    label = "Within a year" if value.days == 365 else f"Within {value.days} days"
    note = f"of {formats.counted(value.customers, 'customer')}"
    return Tile(f"{value.days}-days", label, formats.money(value.value, currency), help=about, note=note)


def cohort_name(cohort: Cohort, width: Width) -> str:
    """The period of a cohort in words."""
    match width:
        case Width.WEEK:
            return f"Week of {formats.day(cohort.start)}"
        case Width.MONTH:
            return f"{cohort.start:%b %Y}"
        case Width.QUARTER:
            return f"Q{(cohort.start.month + 2) // 3} {cohort.start.year}"


def _column(number: int, width: Width, measure: Measure) -> dict[str, str]:
    if not number and not measure.counts_customers:
        return {"text": f"Same {width.value}", "about": f"The {width.value} of the first order."}
    if number:
        return {"text": f"+{number}", "about": f"{formats.counted(number, width.value)} after the first order"}
    return {"text": f"Same {width.value}", "about": "Only second orders count here: every customer has a first one."}


def _row(
    cohort: Cohort, values: Sequence[Decimal | None], largest: Decimal, width: Width, measure: Measure, currency: str
) -> dict[str, Any]:
    return {
        "name": cohort_name(cohort, width),
        "note": formats.counted(cohort.size, "customer") + ("" if cohort.is_complete else " so far"),
        "mark": "few customers" if cohort.is_small else "",
        "is_total": False,
        "cells": [
            {
                "text": _text(value, measure, currency),
                "strength": _strength(value, largest),
                "is_open": not cell.is_complete,
            }
            for value, cell in zip(values, cohort.cells, strict=True)
        ],
    }


def _cost(cohort: Cohort, advertising: Decimal, currency: str) -> str:
    return f"{formats.money(ratio(advertising, cohort.size), currency)} advertising each"


def _payback(cohort: Cohort, profits: CohortProfits, advertising: Decimal, width: Width) -> str:
    """When the cohort's gross profit had paid for its advertising."""
    match payback(cohort, profits, advertising):
        case None:
            return "not paid back yet"
        case 0:
            return f"paid back in the same {width.value}"
        case number:
            return f"paid back after {formats.counted(number, width.value)}"


def _total(averages: Sequence[Average | None], measure: Measure, currency: str) -> list[dict[str, Any]]:
    values = [None if one is None else one.retention if measure is Measure.SHARE else one.value for one in averages]
    return _total_row(values, measure, currency)


def _total_row(values: Sequence[Decimal | None], measure: Measure, currency: str) -> list[dict[str, Any]]:
    cells = [{"text": _text(value, measure, currency), "strength": None, "is_open": False} for value in values]
    return [{"name": "All cohorts", "note": "complete periods", "mark": "", "is_total": True, "cells": cells}]


def _value(cohort: Cohort, number: int, measure: Measure) -> Decimal | None:
    match measure:
        case Measure.SHARE:
            return cohort.retention(number)
        case Measure.CUSTOMERS:
            return Decimal(cohort.cells[number].customers)
        case Measure.VALUE:
            return cohort.value(number)
        case _:
            return cohort.cells[number].net_sales


def _text(value: Decimal | None, measure: Measure, currency: str) -> str:
    if value is None:
        return ""
    match measure:
        case Measure.SHARE | Measure.MARGIN:
            return formats.percent(value)
        case Measure.CUSTOMERS:
            return formats.count(int(value))
        case Measure.VALUE | Measure.NET_SALES | Measure.PROFIT:
            return formats.money(value, currency)


def _strength(value: Decimal | None, largest: Decimal) -> float | None:
    if value is None:
        return None
    return round(float(max(Decimal(0), min(value / largest, Decimal(1)))), 3) if largest > 0 else 0.0
