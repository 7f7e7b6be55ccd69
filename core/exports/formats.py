"""The number formats of a workbook: money with the decimals of its currency, shares in percent, ISO days."""

from __future__ import annotations

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from core.exports.files import Style

DIGITS = (0, 2, 3)
"""The decimals that currencies have."""
_FORMATS = {
    Style.SHARE: "0.0%",
    Style.RATIO: "0.00",
    Style.TIME: "yyyy-mm-dd hh:mm:ss",
    Style.DAY: "yyyy-mm-dd",
}


class Formats:
    """The formats of one workbook."""

    def __init__(self, book: Workbook) -> None:
        self.header = book.add_format({"bold": True, "text_wrap": False, "bottom": 1})
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.label = book.add_format({"bold": True})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self.plain = book.add_format({"num_format": "General"})
        self._money = {digits: book.add_format({"num_format": _money(digits)}) for digits in DIGITS}
        self._others = {style: book.add_format({"num_format": text}) for style, text in _FORMATS.items()}

    def cell(self, style: Style, digits: int) -> Format | None:
        """The format of a value; money has this many `digits`. None for a text or a plain number."""
        return self._money[digits] if style in (Style.MONEY, Style.OWN_MONEY) else self._others.get(style)


def _money(digits: int) -> str:
    return f"#,##0{'.' if digits else ''}{'0' * digits}"
