"""The lines of a result file on disk, so that each object meets its children wherever in the file they are.

A file may be larger than memory, and a child may stand long after its parent. So the lines are distributed to parts
by the id of their root; each part is small enough to be joined in memory.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import IO
from zlib import crc32

from core.errors import ShopifyDown

PART = 24_000_000
"""Approximate bytes of a part; joining it takes a few times as much memory."""
_MOST_PARTS = 400
_BUFFER = 1 << 16
"""Buffer of a part's file in bytes: eight times the default, for an eighth of the system calls."""

# Shopify writes slashes as \/. These patterns cannot match within a text, where quotes have a backslash before them.
_OWN = re.compile(rb'\A\{"id":"gid:\\?/\\?/shopify\\?/\w+\\?/(\d+)')
_PARENT = re.compile(rb'"__parentId":"gid:\\?/\\?/shopify\\?/\w+\\?/(\d+)')

Group = tuple[bytes, list[bytes]]
"""A root's line and those of its children, in the order of the file."""


class Spool:
    """Lines, distributed to temporary files; `size` is the expected number of bytes. Leaving the context deletes the
    files."""

    def __init__(self, size: int, part: int = PART) -> None:
        self.lines = 0
        self._stack = ExitStack()
        parts = min(_MOST_PARTS, size // part + 1)
        files = (self._stack.enter_context(tempfile.TemporaryFile(buffering=_BUFFER)) for _ in range(parts))  # noqa: SIM115  # the stack does
        self._parts: list[IO[bytes]] = list(files)

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._stack.close()

    def fill(self, lines: Iterable[bytes]) -> None:
        """Write all lines to the parts.

        Raises:
            ShopifyDown: one of them is not whole.
        """
        parts = self._parts
        for line in lines:
            if not line.endswith(b"}"):
                raise ShopifyDown("A result of Shopify was cut off; Xeno will fetch it again.")
            _, root = _belongs(line)
            # A hash spreads the roots evenly over the parts, whatever the steps between their ids.
            parts[crc32(root) % len(parts)].write(line + b"\n")
            self.lines += 1

    def groups(self) -> Iterator[Group]:
        """Read each root with its children.

        Raises:
            ShopifyDown: a child's parent is missing.
        """
        for part in self._parts:
            part.seek(0)
            yield from _joined(part)


def _joined(part: Iterable[bytes]) -> Iterator[Group]:
    roots: dict[bytes, bytes] = {}
    children: dict[bytes, list[bytes]] = {}
    for line in part:
        is_root, root = _belongs(line)
        if is_root:
            roots[root] = line
        else:
            children.setdefault(root, []).append(line)
    for root, line in roots.items():
        yield line, children.pop(root, [])
    if children:
        raise ShopifyDown("A result of Shopify lacks records; Xeno will fetch it again.")


def _belongs(line: bytes) -> tuple[bool, bytes]:
    """Whether the line is a root's, and the id of its root."""
    parent = _PARENT.search(line)
    if parent:
        return False, parent[1]
    own = _OWN.match(line)
    if own:
        return True, own[1]
    raise ShopifyDown("A result of Shopify was unreadable; Xeno will fetch it again.")
