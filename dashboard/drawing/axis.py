"""The ticks of an axis of amounts. Pure.

Plotly writes a negative amount as "€−200": its prefix stands before the sign. So the ticks are chosen and named here.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import plotly.graph_objects as go

from dashboard.drawing import formats

_STEPS = (Decimal(1), Decimal(2), Decimal(5), Decimal(10))
_MOST = 5
"""Ticks above zero, about: more than the height of a chart has room for would touch."""


def name_amounts(figure: go.Figure, values: Iterable[Decimal | float | None], currency: str) -> None:
    """Give the figure's vertical axis ticks for these amounts, from zero or below."""
    amounts = [Decimal(str(value)) for value in values if value is not None and value == value]
    ticks = amount_ticks(min([Decimal(0), *amounts]), max([Decimal(0), *amounts]))
    names = [formats.axis_money(tick, currency) for tick in ticks]
    figure.update_yaxes(tickmode="array", tickvals=[float(tick) for tick in ticks], ticktext=names)


def amount_ticks(lowest: Decimal, highest: Decimal) -> list[Decimal]:
    """Choose round amounts from the lowest to the highest value, zero among them."""
    span = highest - lowest
    if not span:
        return [Decimal(0)]
    power = Decimal(1).scaleb((span / _MOST).adjusted())
    step = next(power * part for part in _STEPS if power * part * _MOST >= span)
    first = int((lowest / step).to_integral_value(ROUND_FLOOR))
    last = int((highest / step).to_integral_value(ROUND_CEILING))
    return [step * number for number in range(first, last + 1)]
