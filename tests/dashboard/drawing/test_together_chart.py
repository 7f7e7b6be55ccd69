"""The lines of all stores: those without any rate are left out of the legend."""

from __future__ import annotations

from decimal import Decimal

from dashboard.drawing.plot import Look, Series
from dashboard.drawing.together_chart import with_values


def line(name: str, *values: Decimal | None) -> Series:
    return Series(name, Look.THIS, values, (name,) * len(values), ("",) * len(values))


def test_a_line_without_a_value_is_left_out_and_one_with_zeros_is_not() -> None:
    whole, acme, overseas = line("All stores", None, None), line("Acme", Decimal(0), None), line("US", None, None)
    assert with_values((whole, acme, overseas)) == (acme,)
    assert with_values((whole, overseas)) == (whole,), "a chart has a line, however empty"
