"""Makes the next item while the last one is worked on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def prefetch(items: Iterator[T], discard: Callable[[T], object] = lambda _: None) -> Iterator[Iterator[T]]:
    """Iterate over `items`, and let a thread make each item while the caller works on the one before.

    Reading and writing to PostgreSQL then take the longer of both times, not their sum. An error in making an item is
    raised where the item would be returned. On exit, the thread has ended, and `discard` was called with an item that
    was made and not returned.
    """
    unreturned: list[Future[T | None]] = []
    with ThreadPoolExecutor(1, thread_name_prefix="prefetch") as maker:

        def iterate() -> Iterator[T]:
            unreturned.append(maker.submit(next, items, None))
            while (item := unreturned[0].result()) is not None:
                unreturned[0] = maker.submit(next, items, None)
                yield item

        try:
            yield iterate()
        finally:
            for future in unreturned:
                if future.exception() is None and (unread := future.result()) is not None:
                    discard(unread)
