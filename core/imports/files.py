"""The files of an import, read from their beginning as often as needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from core.imports import rows

_PIECE = 1 << 16


class ImportFile(Protocol):
    """A file that can be read twice, in pieces of any size."""

    @property
    def name(self) -> str: ...
    def pieces(self) -> Iterator[bytes]: ...


@dataclass(frozen=True, slots=True)
class DiskFile:
    """A file of this machine: the operator's command imports these."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    def pieces(self) -> Iterator[bytes]:
        with self.path.open("rb") as handle:
            while piece := handle.read(_PIECE):
                yield piece


@dataclass(frozen=True, slots=True)
class KeptFile:
    """An uploaded file, stored in the database until it is imported."""

    tenant_id: int
    import_id: int
    file_no: int
    name: str

    def pieces(self) -> Iterator[bytes]:
        return rows.pieces(self.tenant_id, self.import_id, self.file_no)
