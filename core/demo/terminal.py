"""The terminal output of `make run`: lines of the processes, messages of the demo, and a box around the important
ones.

Everything is written unbuffered, and errors of the terminal are ignored. A signal may come in the middle of a line,
and after the terminal has closed there is still work to do.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import suppress

from honcho.printer import Message, Printer

UNPREFIXED = "demo"
"""The process whose lines are messages of the demo and are printed without a prefix."""

_STOPPED = re.compile(r"(\S+) stopped \(rc=(-?\d+)\)")


def say(text: str) -> None:
    """Write lines to standard output."""
    _write(1, f"{text}\n")


def say_error(text: str) -> None:
    """Write lines to standard error."""
    _write(2, f"{text}\n")


def framed(lines: Sequence[str]) -> str:
    """Draw a box around the lines."""
    width = max(map(len, lines))
    inner = [f"│ {line.ljust(width)} │" for line in lines]
    return "\n".join(["┌" + "─" * (width + 2) + "┐", *inner, "└" + "─" * (width + 2) + "┘"])


class DemoPrinter(Printer):
    """Honcho's printer. It also remembers whether a signal to stop came, or which process ended first by itself."""

    def __init__(self) -> None:
        super().__init__(output=_Terminal())
        self.received_stop = False
        self.ended_first: str | None = None
        """As "worker (exit code 1)"."""

    def write(self, message: Message) -> None:
        if message.name == "system":
            self._read_event(str(message.data))
        if message.name == UNPREFIXED:
            text = message.data.decode("utf-8", "replace") if isinstance(message.data, bytes) else message.data
            say(text.rstrip("\n"))
        else:
            super().write(message)

    def _read_event(self, event: str) -> None:
        if "received" in event:
            self.received_stop = True
        stopped = _STOPPED.match(event)
        if stopped and not self.received_stop and self.ended_first is None:
            self.ended_first = f"{stopped[1]} (exit code {stopped[2]})"


class _Terminal:
    """Standard output for `print`, which writes text and newline separately."""

    def __init__(self) -> None:
        self._line = ""

    def write(self, text: str) -> int:
        self._line += text
        return len(text)

    def flush(self) -> None:
        line, self._line = self._line, ""
        _write(1, line)

    def isatty(self) -> bool:
        return os.isatty(1)


def _write(descriptor: int, text: str) -> None:
    with suppress(OSError):
        os.write(descriptor, text.encode())
