"""What a step returns or raises decides what becomes of its run; the kinds of runs share this ladder."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from core.errors import (
    AccessDenied,
    DatabaseUnavailable,
    InvalidFile,
    RunLost,
    ShopifyDown,
    Stopping,
    StoreNotFound,
    TransientError,
)
from core.sync import run_life
from core.sync.time_slice import DONE, GO_ON, Outcome, Step, TimeSlice, wait

LONG = timedelta(minutes=1)


class Script(run_life.Work):
    """A run whose steps return, or raise, what the test says; it writes down what becomes of it."""

    def __init__(self, *steps: Outcome | Exception, on_retry: Exception | None = None) -> None:
        self.steps, self.on_retry = iter(steps), on_retry
        self.events: list[str] = []

    @contextmanager
    def open(self) -> Iterator[Step]:
        yield self.take_step

    def take_step(self, _: TimeSlice) -> Outcome:
        self.events.append("step")
        step = next(self.steps)
        if isinstance(step, Exception):
            raise step
        return step

    def go_on_later(self, pause: timedelta) -> None:
        self.events.append(f"later in {pause.total_seconds():g} s")

    def retry(self, error: TransientError) -> None:
        self.events.append(f"retry: {error}")
        if self.on_retry:
            raise self.on_retry

    def succeed(self) -> None:
        self.events.append("succeed")

    def fail(self, error: Exception) -> None:
        self.events.append(f"fail: {error}")


def events_of(work: Script, length: timedelta = LONG, stop: threading.Event | None = None) -> list[str]:
    run_life.work_on(work, TimeSlice.of(stop or threading.Event(), length))
    return work.events


def test_steps_follow_each_other_until_none_is_left() -> None:
    assert events_of(Script(GO_ON, GO_ON, DONE)) == ["step", "step", "step", "succeed"]


def test_a_step_that_has_to_wait_frees_the_worker_for_that_time() -> None:
    assert events_of(Script(GO_ON, wait(timedelta(seconds=30)))) == ["step", "step", "later in 30 s"]


def test_a_slice_without_time_takes_one_step_so_that_every_run_makes_progress() -> None:
    assert events_of(Script(GO_ON, GO_ON), length=timedelta(0)) == ["step", "later in 0 s"]


def test_a_worker_that_stops_ends_after_the_step_and_queues_the_rest() -> None:
    stop = threading.Event()
    stop.set()
    assert events_of(Script(GO_ON, GO_ON), stop=stop) == ["step", "later in 0 s"]


@pytest.mark.parametrize(
    ("error", "event"),
    [
        (Stopping("The sync stops here."), "later in 0 s"),
        (ShopifyDown("Shopify did not answer"), "retry: Shopify did not answer"),
        (DatabaseUnavailable("The database does not answer"), "retry: The database does not answer"),
        (AccessDenied("A scope is missing"), "fail: A scope is missing"),
        (InvalidFile("Line 2 is no order"), "fail: Line 2 is no order"),
        (ValueError("nobody expected this"), "fail: nobody expected this"),
        (StoreNotFound(), None),
        (RunLost("The run was canceled."), None),
    ],
)
def test_an_error_of_a_step_leaves_a_job_or_a_failed_run_or_a_run_of_another_worker(
    error: Exception, event: str | None
) -> None:
    assert events_of(Script(GO_ON, error)) == ["step", "step", *([event] if event else [])]


def test_a_run_that_was_canceled_while_its_error_is_noted_is_left_alone() -> None:
    work = Script(ShopifyDown("Shopify did not answer"), on_retry=RunLost("The run was canceled."))
    assert events_of(work) == ["step", "retry: Shopify did not answer"]


def test_a_database_that_cannot_note_the_outcome_leaves_the_job_to_the_queue() -> None:
    work = Script(ShopifyDown("Shopify did not answer"), on_retry=DatabaseUnavailable("The database does not answer"))
    with pytest.raises(DatabaseUnavailable):
        events_of(work)
