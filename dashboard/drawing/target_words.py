"""A month's target in sentences. Pure; plain text, to be escaped before it is drawn."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from babel.dates import format_date

from core.targets import Basis, Progress, Stage, Suggestion, TargetMetric, TargetView
from core.targets.suggestion import HIGHEST, LOWEST, limited
from dashboard.drawing import formats
from dashboard.drawing.formats import LOCALE

_WHOLE = 100
"""Amounts from here on are estimated without cents."""
_LEVEL = "Exactly on"
METRICS = {TargetMetric.NET_SALES: "Net sales", TargetMetric.ORDERS: "Orders"}


def month_name(month: date) -> str:
    """November 2026."""
    return format_date(month, "MMMM y", LOCALE)


def amount_text(amount: Decimal | None, metric: TargetMetric, currency: str) -> str:
    """€40,000.00 · 300 orders; "–" for None."""
    if amount is None:
        return formats.NOTHING
    if metric is TargetMetric.ORDERS:
        return formats.counted(round(amount), "order")
    return formats.money(amount, currency)


def is_money(metric: TargetMetric) -> bool:
    """Whether the figure is an amount, not a count."""
    return metric is TargetMetric.NET_SALES


def state(done: Progress, target: TargetView) -> str:
    """€12,300.00 of €40,000.00 (30.8%), 12 of 30 days over."""
    actual = amount_text(done.actual, target.metric, target.currency)
    of = amount_text(done.target, target.metric, target.currency)
    days = "the month is over" if done.stage is Stage.OVER else f"{done.whole_days} of {done.days} days over"
    return f"{actual} of {of} ({formats.percent(done.share)}), {days}"


def short(done: Progress, target: TargetView) -> str:
    """42.4% reached, €4,776 behind: for one line of a phone."""
    reached = f"{formats.percent(done.share)} reached"
    if done.ahead is None:
        return reached
    distance = _distance(done.ahead, target)
    return f"{reached}, {'on pace' if distance == _LEVEL else distance.removesuffix(' of')}"


def pace(done: Progress, target: TargetView) -> str:
    """€1,800.00 behind the pace of your weekdays and of last November: on course for about €34,900.00."""
    month = month_name(target.month)
    match done.stage:
        case Stage.FUTURE:
            return f"{month} has not begun."
        case Stage.OVER:
            return _result(done, target)
        case Stage.BEGUN:
            return f"{month} has just begun. The pace is known tomorrow.{_needed(done, target)}"
    if done.ahead is None or done.forecast is None:
        return f"Your patterns expect nothing for the days so far.{_needed(done, target)}"
    course = f"on course for about {_rounded(done.forecast, target)}"
    return f"{_distance(done.ahead, target)} {_bases(done, target)}: {course}.{_needed(done, target)}"


def basis_words(done: Progress) -> str:
    """How the pace is measured, in a sentence."""
    parts = {
        Basis.WEEKDAYS: "your weekdays of the 13 weeks before the month",
        Basis.LAST_YEAR: "the same weeks of last year",
    }
    named = [parts[basis] for basis in done.bases if basis in parts]
    if not named:
        return "There is too little history to know your weekdays, so every day counts the same."
    return f"The pace follows {formats.listed(named)}. Whole days only, so today does not count yet."


def suggestion(suggested: Suggestion, metric: TargetMetric, currency: str) -> str:
    """November 2025 came to €35,200.00. Your last 13 weeks were 16.5% above those of a year before."""
    base = amount_text(suggested.base, metric, currency)
    if suggested.last_year is None:
        months = "last whole month" if suggested.months == 1 else f"last {suggested.months} whole months"
        return f"Your {months} came to {base}{'' if suggested.months == 1 else ' on average'}."
    start = f"{month_name(suggested.last_year)} came to {base}."
    if suggested.growth is None:
        return start
    growth = Decimal(suggested.growth.numerator) / suggested.growth.denominator - 1
    where = f"{formats.percent(abs(growth))} {'above' if growth >= 0 else 'below'} those of a year before"
    limit = {LOWEST: ", counted as half", HIGHEST: ", counted as double"}.get(limited(suggested.growth), "")
    return f"{start} Your last 13 weeks were {where}{limit}."


def _distance(ahead: Decimal, target: TargetView) -> str:
    amount = _rounded(abs(ahead), target)
    if not round(ahead, 0 if target.metric is TargetMetric.ORDERS else 2):
        return _LEVEL
    return f"{amount} {'ahead of' if ahead > 0 else 'behind'}"


def _bases(done: Progress, target: TargetView) -> str:
    last_year = f"last {format_date(target.month, 'MMMM', LOCALE)}"
    match done.bases:
        case (Basis.EVEN,):
            return "an even pace"
        case (Basis.WEEKDAYS,):
            return "the pace of your weekdays"
        case (Basis.LAST_YEAR,):
            return f"the pace of {last_year}"
        case _:
            return f"the pace of your weekdays and of {last_year}"


def _needed(done: Progress, target: TargetView) -> str:
    if done.needed_per_day is None:
        return " The target is reached."
    return f" From today, {_rounded(done.needed_per_day, target)} a day reach the target."


def _result(done: Progress, target: TargetView) -> str:
    difference = done.actual - done.target
    if not difference:
        return "The target was met exactly."
    amount = amount_text(abs(difference), target.metric, target.currency)
    return f"{amount} {'above' if difference > 0 else 'below'} the target."


def _rounded(amount: Decimal, target: TargetView) -> str:
    """Large amounts without cents: a forecast to the cent would claim too much."""
    if target.metric is TargetMetric.ORDERS:
        return formats.counted(max(round(amount), 1 if amount else 0), "order")
    return formats.money(amount, target.currency, 0 if abs(amount) >= _WHOLE else None)
