"""Stream the file of a table or chart from PostgreSQL: all rows of the page's statement, in one of three formats."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum
from functools import partial

from core.domain.periods import Period
from core.exports.about_sheet import about_text
from core.exports.csv_file import csv_pieces
from core.exports.manifest import manifest_of
from core.exports.selection import Selection, select
from core.exports.snapshot import Pieces, Snapshot
from core.exports.workbook import workbook_pieces
from core.exports.zip_stream import ZipStream
from core.stores import StoreView

_BYTES_OF_ROW = 400


class Format(StrEnum):
    """The format of a file, as its name ends."""

    CSV = "csv"
    EXCEL = "xlsx"
    ARCHIVE = "zip"
    """A CSV, and a text with its control totals and the definitions of its columns."""

    @property
    def media_type(self) -> str:
        """The type that a browser is given."""
        return _MEDIA_TYPES[self]


_MEDIA_TYPES = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.EXCEL: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.ARCHIVE: "application/zip",
}


def stream(
    store: StoreView,
    name: str,
    period: Period,
    filters: Mapping[str, str],
    compared: Period | None = None,
    today: date | None = None,
    now: datetime | None = None,
    format: Format = Format.CSV,
) -> Pieces:
    """Stream the file `name`; its statement runs when the first piece is read.

    The other arguments and the errors are those of `core.exports.selection.select`.
    """
    selection = select(store, name, period, filters, compared, today, now)
    return Pieces(store.tenant_id, selection.parameters, partial(_WRITERS[format], selection))


def filename(store: StoreView, name: str, period: Period, format: Format = Format.CSV) -> str:
    """Name the file on the merchant's disk: store, table or chart, first and last day."""
    handle = re.sub(r"[^a-z0-9-]", "", store.shop_domain.removesuffix(".myshopify.com"))
    return f"{handle}-{name}-{period.start.isoformat()}-{period.end.isoformat()}.{format}"


def _write_csv(selection: Selection, snapshot: Snapshot) -> Iterator[bytes]:
    return csv_pieces(selection.export, selection.statement, snapshot)


def _write_workbook(selection: Selection, snapshot: Snapshot) -> Iterator[bytes]:
    return workbook_pieces(manifest_of(selection, snapshot), snapshot)


def _write_archive(selection: Selection, snapshot: Snapshot) -> Iterator[bytes]:
    manifest = manifest_of(selection, snapshot)
    archive = ZipStream()
    name = filename(selection.store, selection.name, selection.period)
    yield from archive.add("About this file.txt", [about_text(manifest).encode("utf-8-sig")])
    yield from archive.add(name, _write_csv(selection, snapshot), manifest.rows * _BYTES_OF_ROW)
    yield from archive.close()


_WRITERS = {Format.CSV: _write_csv, Format.EXCEL: _write_workbook, Format.ARCHIVE: _write_archive}
