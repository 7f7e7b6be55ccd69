"""Numbers as the reader's locale writes them, the same in tiles, tables, sentences and charts."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from core.metrics.changes import Change
from dashboard.drawing import formats, locales, theme


@pytest.fixture
def reader() -> Iterator[list[str | None]]:
    """The locale of the reader, as a list of one: tests change it."""
    names: list[str | None] = [None]
    locales.read_from(lambda: names[0])
    yield names
    locales.read_from(lambda: None)


AMOUNT = Decimal("-1234567.5")


@pytest.mark.parametrize(
    ("name", "money"),
    [
        ("en-US", "−€1,234,567.50"),
        ("de-DE", "−1.234.567,50\u00a0€"),
        ("de-CH", "−€\u00a01'234'567.50"),
        ("fr-FR", "−1\u202f234\u202f567,50\u00a0€"),
        ("nl", "−€\u00a01.234.567,50"),
        ("sv-SE", "−1\u00a0234\u00a0567,50\u00a0€"),
        ("ar-EG", "−1,234,567.50\u00a0€"),
    ],
)
def test_an_amount_has_the_separators_and_the_symbol_where_the_reader_expects_them(
    reader: list[str | None], name: str, money: str
) -> None:
    reader[0] = name
    assert formats.money(AMOUNT, "EUR") == money


@pytest.mark.parametrize("name", [None, "", "xx-YY", "../../etc", "de" * 40, "\0", "en-US-POSIX-😀"])
def test_a_locale_that_nobody_knows_is_english(reader: list[str | None], name: str | None) -> None:
    reader[0] = name
    assert formats.money(AMOUNT, "EUR") == "−€1,234,567.50"


def test_counts_ratios_shares_and_charts_have_the_same_separators(reader: list[str | None]) -> None:
    reader[0] = "de-DE"
    assert formats.count(12345) == "12.345"
    assert formats.ratio(Decimal("2.049")) == "2,05"
    assert formats.percent(Decimal("0.256")) == "25,6%"
    assert formats.change(Change(Decimal("12.5"))) == "+1.250%"
    assert formats.short_money(Decimal(21114), "KWD") == "21.114\u00a0KWD"
    assert formats.axis_money(Decimal(-1500), "EUR") == "−1,5k\u00a0€"
    assert theme.template().layout.separators == ",."


def test_two_readers_never_get_each_others_separators(reader: list[str | None]) -> None:
    for name, separators in (("de-DE", ",."), ("en-GB", ".,"), ("de-DE", ",.")):
        reader[0] = name
        assert theme.template().layout.separators == separators
        assert formats.count(1234) == f"1{separators[1]}234"
