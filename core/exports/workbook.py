"""Excel workbooks: the rows, and a sheet that says what they are.

XlsxWriter makes the workbook with its styles and one sample row; the rows are put in its place while they come from
PostgreSQL. So a million rows need neither memory nor a temporary file, and the download begins at once. Texts are
written as texts: no value can become a formula.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any
from zipfile import ZipFile

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from core.domain.money import minor_digits
from core.exports.about_sheet import write_about
from core.exports.files import Column, Style
from core.exports.formats import DIGITS, Formats
from core.exports.manifest import Manifest
from core.exports.snapshot import Snapshot
from core.exports.zip_stream import ZipStream

MOST_ROWS = (1 << 20) - 1
"""Of a sheet, below its header."""
_LONGEST_NAME = 31
_SAMPLES = re.compile(rb'<row r="([234])".*?</row>', re.S)
_STYLE = re.compile(r'<c r="[A-Z]+[0-9]+"(?: s="([0-9]+)")?')
_DIMENSION = re.compile(rb'<dimension ref="[^"]*"/>')
# What XML does not hold as it is, and what Excel would read as one of its escapes.
_ODD = re.compile(r"[&<>\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\ufffe": "\ufffd", "\uffff": "\ufffd"}
_WIDTHS = {Style.TIME: 19, Style.DAY: 11, Style.MONEY: 14, Style.OWN_MONEY: 14}


def workbook_pieces(manifest: Manifest, snapshot: Snapshot, most_rows: int = MOST_ROWS) -> Iterator[bytes]:
    """Write a workbook with the rows of a file, in sheets of `most_rows`, and the sheet About."""
    selection = manifest.selection
    columns = selection.export.parsed
    names = sheet_names(manifest, most_rows)
    cells = ", ".join(f'{column.cell} AS "{column.name}"' for column in columns)
    values = snapshot.values(f"SELECT {cells} FROM ({selection.statement}) answer")
    archive = ZipStream()
    with ZipFile(io.BytesIO(_template(manifest, names, most_rows))) as template:
        for name in template.namelist():
            sheet = _number(name)
            content = template.read(name)
            if sheet is None or sheet > len(names):
                yield from archive.add(name, [content])
            else:
                rows = min(most_rows, manifest.rows - (sheet - 1) * most_rows)
                yield from archive.add(name, _sheet(content, islice(values, most_rows), columns, rows))
    if next(values, None) is not None:
        raise RuntimeError("A workbook has fewer rows than its statement, in one snapshot")
    yield from archive.close()


def sheet_names(manifest: Manifest, most_rows: int = MOST_ROWS) -> tuple[str, ...]:
    """The names of the sheets with rows."""
    count = max(1, -(-manifest.rows // most_rows))
    return tuple(
        manifest.title[: _LONGEST_NAME - len(end)] + end
        for end in ("" if number == 1 else f" {number}" for number in range(1, count + 1))
    )


def _number(member: str) -> int | None:
    match = re.fullmatch(r"xl/worksheets/sheet([0-9]+)\.xml", member)
    return int(match[1]) if match else None


def _template(manifest: Manifest, names: Sequence[str], most_rows: int) -> bytes:
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(file, options) as book:
        book.set_properties({"title": manifest.title, "created": manifest.selection.now.replace(tzinfo=None)})
        formats = Formats(book)
        for number, name in enumerate(names):
            rows = min(most_rows, manifest.rows - number * most_rows)
            _write_samples(book.add_worksheet(name), manifest, formats, rows)
        write_about(book.add_worksheet("About"), manifest, names, most_rows, formats)
    return file.getvalue()


def _write_samples(sheet: Worksheet, manifest: Manifest, formats: Formats, rows: int) -> None:
    """Write the header, and a sample row for each number of decimals, in which `_styles` finds the styles."""
    digits = minor_digits(manifest.selection.currency)
    for at, (column, definition) in enumerate(manifest.columns):
        style = column.kind.style
        sheet.set_column(at, at, max(_WIDTHS.get(style, 12), len(definition.label) + 3))
        sheet.write_string(0, at, definition.label, formats.header)
        for line, own_digits in enumerate(DIGITS, 1):
            shown = own_digits if style is Style.OWN_MONEY else digits
            sheet.write_blank(line, at, None, formats.cell(style, shown) or formats.plain)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(rows, 1), len(manifest.selection.export.parsed) - 1)


def _sheet(
    content: bytes, values: Iterable[Sequence[str | None]], columns: Sequence[Column], rows: int
) -> Iterator[bytes]:
    """The XML of a sheet with the rows in place of its samples."""
    samples = list(_SAMPLES.finditer(content))
    styles = {
        digits: [style or "" for style in _STYLE.findall(sample[0].decode())]
        for digits, sample in zip(DIGITS, samples, strict=True)
    }
    area = f"A1:{xl_col_to_name(len(columns) - 1)}{rows + 1}"
    yield _DIMENSION.sub(f'<dimension ref="{area}"/>'.encode(), content[: samples[0].start()])
    yield from _rows(values, columns, styles)
    yield content[samples[-1].end() :]


def _rows(
    values: Iterable[Sequence[str | None]], columns: Sequence[Column], styles: dict[int, list[str]]
) -> Iterator[bytes]:
    letters = [xl_col_to_name(at) for at in range(len(columns))]
    texts = [column.kind.style is Style.TEXT for column in columns]
    specs = {digits: list(zip(letters, texts, sheet_styles, strict=True)) for digits, sheet_styles in styles.items()}
    own = next((at for at, column in enumerate(columns) if column.name == "currency"), None)
    usual = specs[2]
    for batch in _batches(values):
        lines = []
        for number, row in batch:
            spec = usual if own is None else specs[minor_digits(row[own] or "")]
            cells = [
                (
                    f'<c r="{letter}{number}" t="inlineStr"><is><t xml:space="preserve">'
                    f"{value if not _ODD.search(value) else _ODD.sub(_escaped, value)}</t></is></c>"
                    if is_text
                    else f'<c r="{letter}{number}" s="{style}"><v>{value}</v></c>'
                )
                for (letter, is_text, style), value in zip(spec, row, strict=True)
                if value is not None
            ]
            lines.append(f'<row r="{number}">{"".join(cells)}</row>')
        yield "".join(lines).encode()


def _batches(values: Iterable[Sequence[str | None]]) -> Iterator[list[tuple[int, Sequence[Any]]]]:
    numbered = enumerate(values, 2)
    for first in numbered:
        yield list(chain([first], islice(numbered, 199)))


def _escaped(match: re.Match[str]) -> str:
    odd = match[0]
    return _NAMED.get(odd) or f"_x{ord(odd):04X}_"
