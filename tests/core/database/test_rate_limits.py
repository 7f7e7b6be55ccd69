"""Token buckets that all processes share."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from core.database import rate_limits
from core.database.rate_limits import Limit, address_subject, in_words, take, tenant_subject
from core.errors import RateLimited, TransientError
from tests.cast import NOW

ROOT = Path(__file__).parents[3]
LIMIT = Limit("test", 3, timedelta(seconds=20), "This was tried too often")
SOMEBODY = address_subject("198.51.100.1")


def taken(tries: int, subject: str = SOMEBODY, after: timedelta = timedelta(0)) -> int:
    """Return the number of these tries that the limit allowed."""
    done = 0
    for _ in range(tries):
        try:
            take(LIMIT, subject, NOW + after)
            done += 1
        except RateLimited:
            pass
    return done


def test_a_bucket_lets_a_burst_through_and_then_one_for_each_interval(clean_database: None) -> None:
    assert taken(10) == 3
    assert taken(10, after=timedelta(seconds=19)) == 0
    assert taken(10, after=timedelta(seconds=20)) == 1
    assert taken(10, after=timedelta(minutes=10)) == 3


def test_a_refusal_says_how_long_to_wait(clean_database: None) -> None:
    taken(3)
    with pytest.raises(
        RateLimited, match=r"^This was tried too often; wait 13 seconds, then try again\.$"
    ) as refused:
        take(LIMIT, SOMEBODY, NOW + timedelta(seconds=7))
    assert refused.value.retry_after == 13
    assert isinstance(refused.value, TransientError)
    take(LIMIT, SOMEBODY, NOW + timedelta(seconds=20))


def test_a_refusal_takes_nothing_so_a_flood_does_not_prolong_the_wait(clean_database: None) -> None:
    assert taken(500) == 3
    assert taken(1, after=timedelta(seconds=20)) == 1


def test_an_act_that_costs_more_takes_more_tokens(clean_database: None) -> None:
    take(LIMIT, SOMEBODY, NOW, cost=2)
    with pytest.raises(RateLimited, match="wait 20 seconds"):
        take(LIMIT, SOMEBODY, NOW, cost=2)
    take(LIMIT, SOMEBODY, NOW)


def test_buckets_of_others_and_of_other_limits_stay_full(clean_database: None) -> None:
    taken(3)
    assert taken(9, address_subject("198.51.100.2")) == 3
    assert taken(9, tenant_subject(1)) == 3
    assert taken(9, tenant_subject(1, 7)) == 3
    take(Limit("another", 1, timedelta(seconds=20), "This was tried too often"), SOMEBODY, NOW)


def test_a_whole_ipv6_network_shares_one_bucket(clean_database: None) -> None:
    assert taken(2, address_subject("2001:db8:1:2::1")) + taken(2, address_subject("2001:db8:1:2::ffff")) == 3


def test_a_hundred_tries_at_once_get_no_more_than_the_burst(clean_database: None) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: taken(1), range(100))) == 3


def test_another_process_counts_in_the_same_bucket(clean_database: None) -> None:
    taken(2)
    program = (
        "from datetime import timedelta; from core.database.rate_limits import *; from tests.cast import NOW\n"
        "limit = Limit('test', 3, timedelta(seconds=20), 'This was tried too often')\n"
        "take(limit, address_subject('198.51.100.1'), NOW)\n"
        "take(limit, address_subject('198.51.100.1'), NOW)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "RateLimited: This was tried too often; wait 20 seconds" in done.stderr
    assert taken(1) == 0


def test_no_address_is_stored_and_full_buckets_are_pruned(clean_database: None, database_url: str) -> None:
    taken(1)
    take(LIMIT, address_subject("198.51.100.2"), NOW + timedelta(hours=1))
    with psycopg.connect(database_url, autocommit=True) as owner:
        assert "198.51.100" not in str(owner.execute("SELECT * FROM rate_limits").fetchall())
        rate_limits.prune(NOW + timedelta(minutes=30))
        assert owner.execute("SELECT count(*) FROM rate_limits").fetchone() == (1,)


def test_every_limit_has_a_name_and_a_sentence_of_its_own() -> None:
    every = [limit for limit in vars(rate_limits).values() if isinstance(limit, Limit)]
    assert len(every) >= 5
    assert len({limit.name for limit in every}) == len({limit.sentence for limit in every}) == len(every)


@pytest.mark.parametrize(
    ("wait", "words"),
    [
        (timedelta(seconds=1), "1 second"),
        (timedelta(seconds=20.2), "21 seconds"),
        (timedelta(seconds=91), "2 minutes"),
        (timedelta(minutes=59, seconds=1), "60 minutes"),
        (timedelta(hours=3, seconds=1), "4 hours"),
    ],
)
def test_a_wait_in_words(wait: timedelta, words: str) -> None:
    assert in_words(wait) == words
