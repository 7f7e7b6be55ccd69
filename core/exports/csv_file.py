"""CSV as spreadsheets read it without a question: UTF-8 with its mark, lines that end as on Windows."""

from __future__ import annotations

from collections.abc import Iterator

from core.exports.files import Export
from core.exports.snapshot import Snapshot

MARK = b"\xef\xbb\xbf"
"""The byte order mark. Without it, Excel takes the file for Windows' own encoding."""
_PIECE = 1 << 16
_END = b"\r\n"


def csv_pieces(export: Export, statement: str, snapshot: Snapshot) -> Iterator[bytes]:
    """Write the rows of a file in pieces of some 64 KB, below a header of the columns' names."""
    columns = ", ".join(f'{column.csv} AS "{column.name}"' for column in export.parsed)
    begin, lines, size = MARK, list[memoryview | bytes](), 0
    # A piece of several rows: each piece costs its reader a change of threads.
    rows = f"SELECT {columns} FROM ({statement}) answer"
    for line in snapshot.lines(rows, "(FORMAT csv, HEADER)"):
        lines.append(line[:-1])
        size += len(line)
        if size > _PIECE:
            yield begin + _END.join(lines) + _END
            begin, lines, size = b"", [], 0
    if lines:
        yield begin + _END.join(lines) + _END
