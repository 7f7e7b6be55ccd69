"""A ZIP archive that is written piece by piece, without a file on disk and without one in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from zipfile import ZIP_DEFLATED, ZipFile

_PIECE = 1 << 16
_LARGE = 1 << 31


class _Sink:
    """Takes what the archive writes. It has no position, so that the archive never goes back."""

    def __init__(self) -> None:
        self._parts, self._size = list[bytes](), 0

    def write(self, part: bytes) -> int:
        self._parts.append(bytes(part))
        self._size += len(part)
        return len(part)

    def flush(self) -> None:
        """Nothing waits to be written."""

    def close(self) -> None:
        """The archive does not own the sink."""

    def take(self, least: int = 1) -> Iterator[bytes]:
        """Yield what was written, if it is `least` bytes or more."""
        if self._size >= least:
            yield b"".join(self._parts)
            self._parts, self._size = [], 0


class ZipStream:
    """An archive that its reader takes piece by piece."""

    def __init__(self) -> None:
        self._sink = _Sink()
        # Level 1: the highest level takes ten times as long, and saves a tenth.
        self._archive = ZipFile(self._sink, "w", ZIP_DEFLATED, compresslevel=1)

    def add(self, name: str, parts: Iterable[bytes], size: int = 0) -> Iterator[bytes]:
        """Write a member and yield the pieces of the archive that are ready. `size` estimates its bytes."""
        # The format of large archives, only where it is needed: not every program reads it.
        with self._archive.open(name, "w", force_zip64=size > _LARGE) as member:
            for part in parts:
                member.write(part)
                yield from self._sink.take(_PIECE)

    def close(self) -> Iterator[bytes]:
        """Write the end of the archive and yield the last piece."""
        self._archive.close()
        yield from self._sink.take()
