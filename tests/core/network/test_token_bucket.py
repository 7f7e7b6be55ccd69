"""A bucket allows a burst, refills at its rate, and says how long an empty one takes."""

from __future__ import annotations

import pytest

from core.network.token_bucket import TokenBucket


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("now", [0.0, 1000.1, 123_456_789.987])
def test_a_burst_is_allowed_whole_and_the_next_event_waits_for_one_token(now: float) -> None:
    clock = Clock(now)
    bucket = TokenBucket(100, 20, clock)

    assert [bucket.take() for _ in range(100)] == [None] * 100
    assert bucket.take() == pytest.approx(0.05, abs=1e-5)
    assert bucket.take() == pytest.approx(0.05, abs=1e-5), "a refused event takes no token"

    clock.now += 0.051
    assert bucket.take() is None
    assert bucket.take() is not None


def test_a_quiet_bucket_holds_no_more_than_its_burst() -> None:
    clock = Clock(0.0)
    bucket = TokenBucket(3, 1, clock)
    clock.now += 1000

    assert [bucket.take() for _ in range(4)] == [None, None, None, 1.0]
