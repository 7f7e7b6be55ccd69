"""The next item is made while one is worked on, and an error in making it is raised."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from core.sync.first_load.prefetch import prefetch


def test_the_next_item_is_made_while_one_is_worked_on() -> None:
    made = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        made.set()
        yield 2

    with prefetch(items()) as given:
        assert next(given) == 1
        assert made.wait(10), "the second one is made although nobody has asked for it"
        assert list(given) == [2]


def test_an_error_in_making_an_item_is_raised_where_the_item_would_be_returned() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("the file broke off")

    with prefetch(items()) as given:
        assert next(given) == 1
        with pytest.raises(ValueError, match="broke off"):
            next(given)


def test_when_it_is_left_nothing_is_being_made_any_more() -> None:
    going = []

    def items() -> Iterator[int]:
        for number in range(100):
            going.append(number)
            yield number

    with prefetch(items()) as given:
        next(given)
    so_far = len(going)
    assert so_far <= 2
    assert len(going) == so_far
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ahead")]


def test_an_item_that_was_made_and_not_returned_is_discarded() -> None:
    discarded: list[int] = []
    with prefetch(iter((1, 2, 3)), discarded.append) as given:
        next(given)
    assert discarded == [2]
    with prefetch(iter((1, 2)), discarded.append) as given:
        assert list(given) == [1, 2]
    assert discarded == [2]
