"""From gross to total sales as a waterfall. Pure.

Each step has its amount with its sign beside it, so no reader needs the colours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import plotly.graph_objects as go

from core.metrics.definitions import DEFINITIONS
from core.metrics.overview import Headline
from dashboard.drawing import formats, sales_steps, theme


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the way from gross to total sales; the amount of a step that takes away is negative."""

    metric: str
    amount: Decimal

    @property
    def label(self) -> str:
        """The metric's name."""
        return DEFINITIONS[self.metric].label

    @property
    def is_sum(self) -> bool:
        """Whether it is the sum of all steps before it."""
        return self.metric in sales_steps.SUMS


def steps(figures: Headline) -> tuple[Step, ...]:
    """The steps in their order. Duties and fees are left out where there are none."""
    amounts = {name: getattr(figures, name) * sales_steps.sign(name) for name in sales_steps.STEPS}
    return tuple(Step(name, amount) for name, amount in amounts.items() if amount or name not in sales_steps.OPTIONAL)


def waterfall(drawn: Sequence[Step], currency: str) -> go.Figure:
    """Draw the steps from top to bottom: sums begin at zero, each other step where the one before it ended."""
    texts = [_text(step, currency) for step in drawn]
    figure = go.Figure(layout=theme.layout(34 * len(drawn) + 24))
    figure.add_trace(
        go.Waterfall(
            orientation="h",
            measure=["absolute" if step.is_sum else "relative" for step in drawn],
            x=[float(step.amount) for step in drawn],
            y=list(range(len(drawn))),
            customdata=[step.label for step in drawn],
            text=texts,
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{customdata}: <b>%{text}</b><extra></extra>",
            connector={"line": {"color": theme.COMPARED, "width": 1}},
            totals={"marker": {"color": theme.THIS_PERIOD}},
            increasing={"marker": {"color": theme.COMPARED}},
            decreasing={"marker": {"color": theme.SECOND}},
        )
    )
    figure.update_layout(hovermode="closest", showlegend=False, margin_r=90, waterfallgap=0.35)
    figure.update_xaxes(visible=False, range=_range(drawn))
    labels = [f"<b>{step.label}</b>" if step.is_sum else step.label for step in drawn]
    figure.update_yaxes(
        autorange="reversed", showgrid=False, tickmode="array", tickvals=list(range(len(drawn))), ticktext=labels
    )
    return figure


def _text(step: Step, currency: str) -> str:
    plus = "+" if step.amount > 0 and not step.is_sum else ""
    return f"{plus}{formats.short_money(step.amount, currency)}"


def _range(drawn: Sequence[Step]) -> list[float]:
    """From the least to the largest sum on the way, with zero."""
    sums = [Decimal(0)]
    for step in drawn:
        sums.append(step.amount if step.is_sum else sums[-1] + step.amount)
    return [float(min(sums)), float(max(sums))]
