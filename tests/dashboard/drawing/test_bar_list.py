"""Bars of a list: as long as their amounts, in their order, and named as text."""

from __future__ import annotations

from decimal import Decimal

from dashboard.drawing import bar_list
from dashboard.drawing.bar_list import Bar


def test_the_longest_bar_has_the_whole_width_and_a_negative_one_is_marked() -> None:
    bars = [Bar("Mug", Decimal(200), "€200"), Bar("Bowl", Decimal(50), "€50"), Bar("Mug", Decimal(-20), "−€20")]
    drawn = bar_list.payload("Products", bars)["bars"]
    assert [(bar["name"], bar["size"], bar["is_negative"]) for bar in drawn] == [
        ("Mug", 1, False),
        ("Bowl", 0.25, False),
        ("Mug", 0.1, True),
    ]


def test_bars_of_nothing_have_no_length_and_no_bars_are_an_empty_list() -> None:
    assert bar_list.payload("Products", [Bar("Mug", Decimal(0), "€0.00")])["bars"][0]["size"] == 0
    assert bar_list.payload("Products", [])["bars"] == []
