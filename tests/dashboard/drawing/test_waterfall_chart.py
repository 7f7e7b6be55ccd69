"""The waterfall from gross to total sales: each step has its sign, and its sums equal the figures."""

from __future__ import annotations

from decimal import Decimal

from core.metrics.overview import Headline
from dashboard.drawing import waterfall_chart

FIGURES = Headline(
    gross_sales=Decimal(100),
    discounts=Decimal(10),
    returns=Decimal(20),
    net_sales=Decimal(70),
    shipping=Decimal(5),
    taxes=Decimal("13.30"),
    total_sales=Decimal("88.30"),
)


def test_each_step_begins_where_the_one_before_it_ended() -> None:
    drawn = waterfall_chart.steps(FIGURES)
    level = Decimal(0)
    for step in drawn:
        if step.is_sum:
            assert level in (0, step.amount), step.metric
            level = step.amount
        else:
            level += step.amount
    assert level == FIGURES.total_sales


def test_steps_have_their_amount_with_its_sign_as_text() -> None:
    (bars,) = waterfall_chart.waterfall(waterfall_chart.steps(FIGURES), "EUR").to_dict()["data"]
    assert dict(zip(bars["customdata"], bars["text"], strict=True)) == {
        "Gross sales": "€100.00",
        "Discounts": "−€10.00",
        "Returns": "−€20.00",
        "Net sales": "€70.00",
        "Shipping": "+€5.00",
        "Taxes": "+€13.30",
        "Total sales": "€88.30",
    }


def test_duties_and_fees_are_steps_where_a_store_has_them() -> None:
    metrics = [step.metric for step in waterfall_chart.steps(Headline(duties=Decimal(3), fees=Decimal(-1)))]
    assert metrics[-3:] == ["duties", "fees", "total_sales"]


def test_the_axis_reaches_below_zero_if_more_came_back_than_was_sold() -> None:
    figures = Headline(returns=Decimal(20), net_sales=Decimal(-20), total_sales=Decimal(-20))
    axis = waterfall_chart.waterfall(waterfall_chart.steps(figures), "EUR").to_dict()["layout"]["xaxis"]
    assert axis["range"] == [-20, 0]
