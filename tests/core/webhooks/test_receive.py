"""A burst of deliveries queues one job, and a follow-up job applies those that it missed."""

from __future__ import annotations

from datetime import timedelta

import psycopg

from core.shopify.webhooks import WebhookHeaders, sign
from core.webhooks import apply
from core.webhooks.receive import Inbox
from core.webhooks.storage import Stored
from tests.cast import NOW, Cast
from tests.shopify_sends import ACME_SECRET, give_secret, store_delivery


def receive(cast: Cast, webhook_id: str) -> Stored:
    give_secret(cast.acme, ACME_SECRET)
    signature = sign(b"{}", ACME_SECRET)
    headers = WebhookHeaders(webhook_id, "orders/create", cast.acme.shop_domain, signature=signature)
    return Inbox().receive(headers, b"{}", NOW)


def jobs(database_url: str) -> list[bool]:
    """For each waiting job that applies deliveries, whether it has a delay."""
    with psycopg.connect(database_url) as owner:
        result = owner.execute(
            "SELECT scheduled_at IS NOT NULL FROM procrastinate_jobs WHERE task_name = 'apply_deliveries' ORDER BY id"
        )
        return [waits for (waits,) in result]


def test_deliveries_that_arrive_while_a_job_waits_queue_no_further_job(cast: Cast, database_url: str) -> None:
    outcomes = [receive(cast, each) for each in ("a", "b", "c", "a")]

    assert outcomes == [Stored.NEW, Stored.NEW, Stored.NEW, Stored.DUPLICATE]
    assert jobs(database_url) == [False]


def test_a_delivery_that_arrives_while_a_job_runs_queues_its_own(cast: Cast, database_url: str) -> None:
    receive(cast, "a")
    with psycopg.connect(database_url) as owner:
        owner.execute("UPDATE procrastinate_jobs SET status = 'doing'")
    receive(cast, "b")

    assert jobs(database_url) == [False, False]


def test_after_deliveries_were_applied_one_follow_up_job_is_queued_and_delays_no_other(
    cast: Cast, database_url: str
) -> None:
    for each in ("a", "b"):
        store_delivery(cast.acme, "orders/create", each.encode())
        apply.apply_slice(cast.acme.key)
    receive(cast, "c")

    assert jobs(database_url) == [True, False]
    assert timedelta(0) < apply.FOLLOW_UP_AFTER <= timedelta(seconds=2)
