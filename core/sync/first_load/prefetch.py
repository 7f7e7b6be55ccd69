"""While one item is worked on, the next one is made."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def ahead(items: Iterator[T]) -> Iterator[Iterator[T]]:
    """The items, each made by a thread of its own while the one before it is worked on: reading and PostgreSQL's
    writing then take the longer of the two, not both. What making one raises, is raised where it would be given.

    When it is left, nothing is being made any more.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as maker:

        def given() -> Iterator[T]:
            coming = maker.submit(next, items, None)
            while (item := coming.result()) is not None:
                coming = maker.submit(next, items, None)
                yield item

        yield given()
