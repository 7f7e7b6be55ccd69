"""A file's lines as text, however it was saved: in UTF-8 or UTF-16, with any line ends, from pieces of any size."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from itertools import chain

from core.errors import InvalidFile

LONGEST_LINE = 1 << 20
"""Bytes. No order's line comes near: a longer one belongs to a file that is no CSV, and is not read whole."""
AS_SENT = "import the file as Shopify sent it"
MARK = "\ufeff"
_AS_CSV = "export the orders from Shopify as a CSV file, and import that"
_OTHERS = {
    b"PK\x03\x04": ("a ZIP archive", "unpack it, and import the CSV files in it"),
    b"\x1f\x8b\x08": ("a compressed archive", "unpack it, and import the CSV files in it"),
    b"\xd0\xcf\x11\xe0": ("an Excel workbook", _AS_CSV),
    b"%PDF": ("a PDF document", _AS_CSV),
}
"""How files of other kinds begin, what they are, and what to do. Shopify sends large exports as ZIP archives."""
_WORKBOOK = (b"[Content_Types].xml", b"application/vnd.")
"""What the archive has in it that an Excel or OpenDocument workbook is."""


def fault(file: str, what: str, cure: str = AS_SENT) -> InvalidFile:
    """Something wrong with a file, as a sentence that names it."""
    return InvalidFile(f"{file}, {what}; {cure}.")


def lines(file: str, pieces: Iterable[bytes]) -> Iterator[str]:
    """The lines of a file that comes in pieces, each with its end; without the mark that some programs put first.

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
    """The pieces in UTF-8, which Shopify writes; a spreadsheet program's "Unicode text" is UTF-16."""
    rest = iter(pieces)
    head = b""
    for piece in rest:
        head += piece
        if len(head) >= 4:
            break
    _refuse_other_kinds(file, head)
    encoding = _utf16(head)
    if encoding is None:
        yield from chain([head], rest)
        return
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for piece in chain([head], rest):
            yield decoder.decode(piece).encode()
        yield decoder.decode(b"", final=True).encode()
    except UnicodeDecodeError:
        raise fault(file, "the file is not text in UTF-8 or UTF-16") from None


def _refuse_other_kinds(file: str, head: bytes) -> None:
    """Raise InvalidFile where a file that begins so is no text."""
    for mark, (kind, cure) in _OTHERS.items():
        if head.startswith(mark):
            if any(each in head for each in _WORKBOOK):
                kind, cure = "a workbook of a spreadsheet program", _AS_CSV
            raise fault(file, f"the file is {kind}", cure)


def _utf16(head: bytes) -> str | None:
    """Which UTF-16 a file is in, by its mark, or by the zero beside its first letter; None for another encoding."""
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    if len(head) >= 2 and 0 in head[:2] and head[0] != head[1]:
        return "utf-16-be" if head[0] == 0 else "utf-16-le"
    return None


def _split(file: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The lines in the pieces. The first shows which bytes end one: Shopify's newline, or a carriage return alone."""
    rest, ending, number = b"", None, 1
    for piece in pieces:
        rest += piece
        ending = ending or _ending(rest)
        if ending:
            *whole, rest = rest.split(ending)
            number += len(whole)
            for line in whole:
                yield line + b"\n"
        if len(rest) >= LONGEST_LINE:
            raise fault(file, f"line {number} has no end: this is not a CSV")
    if rest:
        yield rest


def _ending(begun: bytes) -> bytes | None:
    """What ends the lines of a file that begins so; None while no end has come, or only a half of one."""
    newline, back = begun.find(b"\n"), begun.find(b"\r")
    if back < 0 or 0 <= newline < back:
        return b"\n" if newline >= 0 else None
    if back + 1 == len(begun):
        return None
    return b"\n" if newline == back + 1 else b"\r"


def _not_text(file: str, number: int) -> InvalidFile:
    return fault(file, f"line {number} is not text in UTF-8")
