"""What several threads want written at the same time is written by one of them: group commit.

A thread that finds nobody writing for its key writes at once, alone. Who comes meanwhile waits; of these, the first
then writes for all of them. Nobody is told that something is written before it is.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")
R = TypeVar("R")

MOST = 64


class Together(Generic[K, T, R]):
    """Gathers what threads bring for a key and calls `write` with all of it: one outcome each, in the same order, or
    an error, which then is everybody's."""

    def __init__(self, write: Callable[[K, Sequence[T]], Sequence[R]]) -> None:
        self._write = write
        self._guard = threading.Lock()
        self._waiting: dict[K, deque[_Brought[T, R]]] = {}
        """By key, who waits; a key is there while somebody writes for it."""

    def write(self, key: K, what: T) -> R:
        """The outcome for `what`, once it is written. Raises what the write that it was a part of raises."""
        mine = _Brought[T, R](what)
        with self._guard:
            others = self._waiting.get(key)
            if others is None:
                self._waiting[key] = deque()
            else:
                others.append(mine)
        if others is not None:
            mine.woken.acquire()
        if mine.outcome is None and mine.error is None:
            self._lead(key, mine)
        return mine.result()

    def _lead(self, key: K, first: _Brought[T, R]) -> None:
        with self._guard:
            waiting = self._waiting[key]
            batch = [first, *(waiting.popleft() for _ in range(min(len(waiting), MOST - 1)))]
        try:
            for brought, outcome in zip(batch, self._write(key, [each.what for each in batch]), strict=True):
                brought.outcome = (outcome,)
        except BaseException as error:
            for brought in batch:
                brought.error = error
        finally:
            self._pass_on(key)
            for brought in batch[1:]:
                brought.woken.release()

    def _pass_on(self, key: K) -> None:
        with self._guard:
            waiting = self._waiting[key]
            if waiting:
                waiting.popleft().woken.release()
            else:
                del self._waiting[key]


class _Brought(Generic[T, R]):
    """What one thread brought, and what became of it; the thread sleeps until it is `woken`."""

    def __init__(self, what: T) -> None:
        self.what = what
        self.outcome: tuple[R] | None = None
        self.error: BaseException | None = None
        self.woken = threading.Lock()
        self.woken.acquire()

    def result(self) -> R:
        if self.error is not None:
            raise self.error
        assert self.outcome is not None
        return self.outcome[0]
