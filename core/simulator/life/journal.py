"""The journal of events since a shop was made, one JSON line each. Replaying it restores the shop."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Lock
from typing import Any, TextIO


class Journal:
    """A file that is only appended to. Without a path, nothing is kept."""

    def __init__(self, path: Path | None) -> None:
        self._path, self._lock = path, Lock()
        self._file: TextIO | None = None

    def entries(self) -> Iterator[dict[str, Any]]:
        """Yield all complete lines, the oldest first. A last line that a kill cut off is removed from the file
        too."""
        if self._path is None or not self._path.exists():
            return
        raw = self._path.read_bytes()
        # The next append would continue a cut line and make both unreadable.
        complete = raw[: raw.rfind(b"\n") + 1]
        if len(complete) < len(raw):
            self._path.write_bytes(complete)
        for line in complete.splitlines():
            yield json.loads(line)

    def append(self, entry: Mapping[str, Any]) -> None:
        """Write one entry. It survives a kill of this process once this returns."""
        if self._path is None:
            return
        with self._lock:
            if self._file is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self._path.open("a", encoding="utf-8")
            self._file.write(json.dumps(entry, separators=(",", ":"), default=str) + "\n")
            self._file.flush()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._file:
                self._file.close()
                self._file = None
