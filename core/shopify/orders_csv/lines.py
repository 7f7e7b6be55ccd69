"""Decode a file's lines, however it was saved: in UTF-8 or UTF-16, with any line ends, from pieces of any size."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from itertools import chain

from core.errors import InvalidFile

LONGEST_LINE = 1 << 20
"""Bytes, far more than any order's line: a longer line is not CSV and must not be read into memory."""
AS_SENT = "import the file as Shopify sent it"
MARK = "\ufeff"
_AS_CSV = "export the orders from Shopify as a CSV file, and import that"
_OTHERS = {
    b"PK\x03\x04": ("a ZIP archive", "unpack it, and import the CSV files in it"),
    b"\x1f\x8b\x08": ("a compressed archive", "unpack it, and import the CSV files in it"),
    b"\xd0\xcf\x11\xe0": ("an Excel workbook", _AS_CSV),
    b"%PDF": ("a PDF document", _AS_CSV),
}
"""The first bytes of files of other kinds, their name, and the cure. Shopify sends large exports as ZIP archives."""
_HEAD = 100
"""Bytes that have the first name in an archive, however short the pieces are."""
_WORKBOOK = (b"[Content_Types].xml", b"application/vnd.")
"""Names in an archive that is an Excel or OpenDocument workbook."""


def fault(file: str, what: str, cure: str = AS_SENT) -> InvalidFile:
    """Make the error for a faulty file: a sentence that names it."""
    return InvalidFile(f"{file}, {what}; {cure}.")


def lines(file: str, pieces: Iterable[bytes]) -> Iterator[str]:
    """Decode the lines of a file that comes in pieces, each with its end, without a byte order mark.

    Raises:
        InvalidFile: a line is not text, or has no end.
    """
    number = 0
    for number, line in enumerate(_split(file, _as_utf8(file, pieces)), 1):
        if b"\0" in line:
            raise _not_text(file, number)
        try:
            text = line.decode()
        except UnicodeDecodeError:
            raise _not_text(file, number) from None
        yield text.removeprefix(MARK) if number == 1 else text


def _as_utf8(file: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Convert the pieces to UTF-8, which Shopify writes; a spreadsheet program's "Unicode text" is UTF-16."""
    remaining = iter(pieces)
    head = b""
    for piece in remaining:
        head += piece
        if len(head) >= _HEAD:
            break
    _refuse_other_kinds(file, head)
    encoding = _utf16(head)
    if encoding is None:
        yield from chain([head], remaining)
        return
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for piece in chain([head], remaining):
            yield decoder.decode(piece).encode()
        yield decoder.decode(b"", final=True).encode()
    except UnicodeDecodeError:
        raise fault(file, "the file is not text in UTF-8 or UTF-16") from None


def _refuse_other_kinds(file: str, head: bytes) -> None:
    """Raise InvalidFile if a file with this beginning is not text."""
    for signature, (kind, cure) in _OTHERS.items():
        if head.startswith(signature):
            if any(mark in head for mark in _WORKBOOK):
                kind, cure = "a workbook of a spreadsheet program", _AS_CSV
            raise fault(file, f"the file is {kind}", cure)


def _utf16(head: bytes) -> str | None:
    """Name the kind of UTF-16, by its mark, or by the zero beside its first letter; None for another encoding."""
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    if len(head) >= 2 and 0 in head[:2] and head[0] != head[1]:
        return "utf-16-be" if head[0] == 0 else "utf-16-le"
    return None


def _split(file: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Split the pieces into lines. The first end found decides: Shopify's newline, or a carriage return alone."""
    buffer, ending, number = b"", None, 1
    for piece in pieces:
        buffer += piece
        ending = ending or _ending(buffer)
        if ending:
            *complete, buffer = buffer.split(ending)
            number += len(complete)
            for line in complete:
                yield line + b"\n"
        if len(buffer) >= LONGEST_LINE:
            raise fault(file, f"line {number} has no end: this is not a CSV")
    if buffer:
        yield buffer


def _ending(begun: bytes) -> bytes | None:
    """Find the bytes that end the lines of a file with this beginning; None before a whole end has come."""
    newline, back = begun.find(b"\n"), begun.find(b"\r")
    if back < 0 or 0 <= newline < back:
        return b"\n" if newline >= 0 else None
    if back + 1 == len(begun):
        return None
    return b"\n" if newline == back + 1 else b"\r"


def _not_text(file: str, number: int) -> InvalidFile:
    return fault(file, f"line {number} is not text in UTF-8")
