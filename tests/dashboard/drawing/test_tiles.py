"""Tiles: rounded where an amount is large, coloured by the change, with a gap where there is no value."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from core.domain.periods import Period
from core.metrics.sales.overview import Headline, Point
from dashboard.drawing import tiles

NOON = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
DAYS = Period(date(2026, 11, 19), date(2026, 11, 21), ZoneInfo("Europe/Berlin"))


def points(*figures: Headline) -> list[Point]:
    return [Point(start, figure) for start, figure in zip(DAYS.points(DAYS.grain), figures, strict=True)]


def test_an_amount_from_ten_thousand_on_has_no_cents_and_is_exact_on_hover() -> None:
    tile = tiles.metric_tile(
        "net_sales", Headline(net_sales=Decimal("-12345.50")), Headline(net_sales=Decimal("21114.20")), "EUR"
    )
    assert (tile.text, tile.exact) == ("−€12,346", "−€12,345.50")
    assert (tile.before, tile.exact_before) == ("€21,114", "€21,114.20")
    small = tiles.metric_tile("net_sales", Headline(net_sales=Decimal("9999.99")), None, "EUR")
    assert (small.text, small.exact, small.before, small.change) == ("€9,999.99", "", "", "")


@pytest.mark.parametrize(
    ("metric", "tone"), [("net_sales", "good"), ("discounts", "bad"), ("orders", "good"), ("returns", "bad")]
)
def test_a_rise_is_good_or_bad_by_the_meaning_of_the_figure(metric: str, tone: str) -> None:
    drawn = tiles.metric_tile(metric, Headline(**{metric: Decimal(3)}), Headline(**{metric: Decimal(2)}), "EUR")
    assert (drawn.change, drawn.tone, drawn.arrow) == ("+50.0%", tone, "▲")


def test_a_figure_that_fell_is_bad_although_its_line_rises() -> None:
    rising = tiles.tile_points(
        points(*(Headline(net_sales=Decimal(day)) for day in (1, 2, 3))), "net_sales", DAYS, "EUR", NOON
    )
    drawn = tiles.metric_tile(
        "net_sales", Headline(net_sales=Decimal(6)), Headline(net_sales=Decimal(12)), "EUR", rising
    )
    assert (drawn.tone, drawn.arrow, [point.value for point in drawn.points]) == ("bad", "▼", [1, 2, 3])


def test_a_ratio_over_nothing_stays_a_gap_and_the_running_day_says_so() -> None:
    shown = points(Headline(orders=2, placed_value=Decimal(30)), Headline(), Headline())
    drawn = tiles.tile_points(shown, "average_order_value", DAYS, "USD", NOON)
    assert [(point.name, point.text, point.value, point.running) for point in drawn] == [
        ("Thu 19 Nov 2026", "$15.00", 15, False),
        ("Fri 20 Nov 2026", "–", None, False),
        ("Sat 21 Nov 2026 so far", "–", None, True),
    ]


def test_a_line_ends_now() -> None:
    shown = points(*(Headline(orders=day) for day in (1, 2, 3)))
    assert [point.value for point in tiles.tile_points(shown, "orders", DAYS, "EUR", NOON.replace(day=20))] == [1, 2]


@pytest.mark.parametrize(("count", "columns"), [(1, 3), (3, 3), (4, 4), (5, 5), (6, 3)])
def test_no_tile_stands_alone_in_a_row_where_the_tiles_fill_one(count: int, columns: int) -> None:
    assert tiles.payload("Figures", [tiles.tile("a", "A", "1")] * count)["columns"] == columns


MONTH = Headline(
    gross_sales=Decimal("20000.10"),
    discounts=Decimal("1000.05"),
    returns=Decimal("99.99"),
    net_sales=Decimal("18900.06"),
    shipping=Decimal("-12.50"),
    taxes=Decimal("3591.01"),
    duties=Decimal("7.00"),
    total_sales=Decimal("22485.57"),
    tips=Decimal("5.00"),
)


def test_the_lines_add_up_to_each_sum_to_the_cent() -> None:
    running = Decimal(0)
    for line in tiles.sales_lines(MONTH, None, "EUR"):
        if line.tile.name == "tips":
            break
        if line.is_sum and line.tile.name != "gross_sales":
            assert line.amount == running, line.tile.label
        else:
            running += line.amount
        assert Decimal(line.tile.text.translate({ord("€"): "", ord(","): "", ord("−"): "-"})) == line.amount
    assert line.tile.name == "tips", "they come last, because no sum counts them"


def test_a_line_that_takes_away_is_negative_and_its_rise_is_bad() -> None:
    lines = {
        line.tile.label: line.tile
        for line in tiles.sales_lines(MONTH, Headline(discounts=Decimal("500.00"), fees=Decimal(3)), "EUR")
    }
    discounts = lines["Discounts"]
    assert (discounts.text, discounts.before, discounts.change) == ("−€1,000.05", "−€500.00", "+100.0%")
    assert (discounts.tone, discounts.arrow) == ("bad", "▲")
    assert lines["Fees"].text == "€0.00", "the compared period had some"
    assert all(line.help for line in lines.values())


def test_duties_fees_and_tips_are_no_lines_where_there_are_none() -> None:
    names = [line.tile.name for line in tiles.sales_lines(Headline(), Headline(), "EUR")]
    assert names == ["gross_sales", "discounts", "returns", "net_sales", "shipping", "taxes", "total_sales"]


def test_the_bar_of_a_line_begins_where_the_one_before_it_ended_and_a_sum_at_zero() -> None:
    level = 0.0
    lines = tiles.sales_lines(MONTH, None, "EUR")
    for line in lines[:-1]:
        ends = (line.start, line.start + line.size)
        if line.is_sum:
            assert line.start == 0, line.tile.label
            level = ends[1]
        else:
            assert min(abs(end - level) for end in ends) < 0.0005, line.tile.label
            level = ends[0] if line.amount < 0 else ends[1]
    assert lines[-1].start == 0, "tips are in no sum"


def test_the_bars_reach_below_zero_if_more_came_back_than_was_sold() -> None:
    figures = Headline(returns=Decimal(20), net_sales=Decimal(-20), total_sales=Decimal(-20))
    lines = {line.tile.name: line for line in tiles.sales_lines(figures, None, "EUR")}
    assert (lines["gross_sales"].start, lines["gross_sales"].size) == (1, 0)
    assert (lines["returns"].start, lines["returns"].size) == (0, 1)


def test_an_unknown_metric_has_no_line() -> None:
    line = tiles.tile_points(points(Headline(), Headline(), Headline()), "average_order_value", DAYS, "EUR", NOON)
    unknown = tiles.metric_tile("average_order_value", Headline(), None, "EUR", line)
    known = tiles.metric_tile("average_order_value", Headline(orders=1, placed_value=Decimal(3)), None, "EUR", line)
    assert (unknown.points, known.points) == ((), line)
