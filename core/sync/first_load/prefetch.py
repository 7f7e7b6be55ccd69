"""Makes the next item while the last one is worked on."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def prefetch(items: Iterator[T]) -> Iterator[Iterator[T]]:
    """Iterate over `items`, and let a thread make each item while the caller works on the one before.

    Reading and writing to PostgreSQL then take the longer of both times, not their sum. An error in making an item is
    raised where the item would be returned. On exit, the thread has ended.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="prefetch") as maker:

        def iterate() -> Iterator[T]:
            following = maker.submit(next, items, None)
            while (item := following.result()) is not None:
                following = maker.submit(next, items, None)
                yield item

        yield iterate()
