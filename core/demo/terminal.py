"""What `make run` writes to the terminal: the processes' lines, its own sentences, and a frame around what matters.

Everything is written unbuffered and errors of the terminal are swallowed: a signal may come in the middle of a line,
and when the terminal is gone there is still work to do.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import suppress

from honcho.printer import Message, Printer

UNPREFIXED = "demo"
"""The process whose lines are the demo's own words and are printed as they are."""

_STOPPED = re.compile(r"(\S+) stopped \(rc=(-?\d+)\)")


def say(text: str) -> None:
    """One or more lines to standard output."""
    _write(1, f"{text}\n")


def complain(text: str) -> None:
    """One or more lines to standard error."""
    _write(2, f"{text}\n")


def framed(lines: Sequence[str]) -> str:
    """The lines in a box."""
    width = max(map(len, lines))
    inner = [f"│ {line.ljust(width)} │" for line in lines]
    return "\n".join(["┌" + "─" * (width + 2) + "┐", *inner, "└" + "─" * (width + 2) + "┘"])


class DemoPrinter(Printer):
    """Honcho's printer; it also remembers whether we were told to stop, or which process ended by itself first."""

    def __init__(self) -> None:
        super().__init__(output=_Terminal())
        self.told_to_stop = False
        self.ended_first: str | None = None
        """As "worker (exit code 1)"."""

    def write(self, message: Message) -> None:
        if message.name == "system":
            self._notice(str(message.data))
        if message.name == UNPREFIXED:
            text = message.data.decode("utf-8", "replace") if isinstance(message.data, bytes) else message.data
            say(text.rstrip("\n"))
        else:
            super().write(message)

    def _notice(self, event: str) -> None:
        if "received" in event:
            self.told_to_stop = True
        stopped = _STOPPED.match(event)
        if stopped and not self.told_to_stop and self.ended_first is None:
            self.ended_first = f"{stopped[1]} (exit code {stopped[2]})"


class _Terminal:
    """Standard output for `print`, which hands over text and newline apart."""

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
