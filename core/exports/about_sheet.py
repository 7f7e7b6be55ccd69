"""The sheet About of a workbook, and the text of the same name beside a CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xlsxwriter.worksheet import Worksheet

from core.domain.money import minor_digits
from core.exports.definitions import definition
from core.exports.formats import Formats
from core.exports.manifest import Manifest


def write_about(sheet: Worksheet, manifest: Manifest, names: Sequence[str], most_rows: int, formats: Formats) -> None:
    """Write what the rows of the sheets `names` are."""
    sheet.set_column(0, 0, 28, formats.wrapped)
    sheet.set_column(1, 1, 34, formats.wrapped)
    sheet.set_column(2, 2, 70, formats.wrapped)
    sheet.set_column(3, 3, 18)
    sheet.write_string(0, 0, manifest.title, formats.title)
    sheet.write_string(1, 0, manifest.row)
    line = _write_pairs(sheet, 3, {**manifest.facts, **_sheets(names, most_rows)}, formats)
    line = _write_totals(sheet, line + 1, manifest, formats)
    line = _write_columns(sheet, line + 1, manifest, formats)
    for number, note in enumerate(manifest.notes, line + 1):
        sheet.write_string(number, 0, note)


def about_text(manifest: Manifest) -> str:
    """The same as a text, for the archive of a CSV."""
    return "\r\n".join(_lines(manifest)) + "\r\n"


def _lines(manifest: Manifest) -> Iterator[str]:
    yield from (manifest.title, manifest.row, "")
    yield from (f"{label}: {' '.join(fact.split())}" for label, fact in manifest.facts.items())
    yield from ("", "Control totals")
    for total in manifest.totals:
        amount = "no value" if total.amount is None else f"{total.amount:f} {total.currency}".strip()
        yield f"  {total.column.name}: {amount} ({total.rows} {'row' if total.rows == 1 else 'rows'} with a value)"
    yield from ("", "Columns")
    yield from (f"  {column.name}: {meaning.label}. {meaning.meaning}" for column, meaning in manifest.columns)
    yield ""
    yield "An id is Shopify's global id, because a spreadsheet would round the number."
    yield "A text that a spreadsheet would run as a formula has an apostrophe before it."
    yield from manifest.notes


def _sheets(names: Sequence[str], most_rows: int) -> dict[str, str]:
    if len(names) == 1:
        return {}
    return {"Sheets": f"{', '.join(names)}: a sheet of Excel holds {most_rows:,} rows, the next one has the rest"}


def _write_pairs(sheet: Worksheet, line: int, pairs: dict[str, str], formats: Formats) -> int:
    for number, (label, fact) in enumerate(pairs.items(), line):
        sheet.write_string(number, 0, label, formats.label)
        sheet.write_string(number, 1, fact)
    return line + len(pairs)


def _write_totals(sheet: Worksheet, line: int, manifest: Manifest, formats: Formats) -> int:
    _write_head(sheet, line, ("Control totals", "Total", "Currency", "Rows with a value"), formats)
    for number, total in enumerate(manifest.totals, line + 1):
        label = definition(manifest.selection.export, total.column).label
        sheet.write_string(number, 0, label)
        if total.amount is not None:
            shown = formats.cell(total.column.kind.style, minor_digits(total.currency))
            sheet.write_number(number, 1, float(total.amount), shown)
        sheet.write_string(number, 2, total.currency)
        sheet.write_number(number, 3, total.rows)
    return line + 1 + len(manifest.totals)


def _write_columns(sheet: Worksheet, line: int, manifest: Manifest, formats: Formats) -> int:
    _write_head(sheet, line, ("Columns", "Name in CSV", "Meaning"), formats)
    for number, (column, meaning) in enumerate(manifest.columns, line + 1):
        for at, text in enumerate((meaning.label, column.name, meaning.meaning)):
            sheet.write_string(number, at, text)
    return line + 1 + len(manifest.selection.export.parsed)


def _write_head(sheet: Worksheet, line: int, labels: Sequence[str], formats: Formats) -> None:
    for at, label in enumerate(labels):
        sheet.write_string(line, at, label, formats.header)
