"""What Shopify tells of a shop reaches its store: scopes, name, currency, and a time zone that cuts its days anew."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest

from core import applying
from core.errors import Stopping
from core.ingest import redating
from core.models import Order, Refund, Sale, Store
from tests.cast import NOW, Cast
from tests.core.test_applying import sample
from tests.factories import order, refund
from tests.shopify_sends import deliveries, keep
from tests.stored import row, rows, write

LATE = datetime(2026, 11, 2, 23, 30, tzinfo=UTC)
"""In Berlin this is the 3rd, in New York still the 2nd."""


def tell(cast: Cast, topic: str, content: Any, at: datetime = NOW + timedelta(hours=1)) -> None:
    keep(cast.acme, topic, content, at)
    applying.apply_pending(cast.acme.tenant_id, cast.acme.store_id, NOW)


def moved(cast: Cast, zone: str, **changes: Any) -> None:
    tell(cast, "shop/update", sample("shop__update", iana_timezone=zone, **changes))


def date_anew(cast: Cast, **options: Any) -> None:
    redating.work(cast.acme.tenant_id, cast.acme.store_id, **options)


def days(cast: Cast, model: Any) -> set[date]:
    return {each["business_date"] for each in rows(cast.acme, model)}


def test_a_scope_that_was_taken_away_is_missing_from_now_on(cast: Cast) -> None:
    tell(cast, "app/scopes_update", {"current": ["read_orders", "read_products"], "previous": []})

    store = row(cast.acme, Store)
    assert store["scopes"] == ["read_orders", "read_products"]
    assert store["missing_scopes"] == ["read_customers"]


def test_the_shops_new_name_and_currency_are_the_stores(cast: Cast) -> None:
    tell(cast, "shop/update", sample("shop__update"))

    store = row(cast.acme, Store)
    assert (store["name"], store["currency"]) == ("Super Toys", "USD")
    assert store["time_zone"] == "Europe/Berlin", "what is null was not told"


def test_news_from_before_the_store_was_connected_change_nothing(cast: Cast) -> None:
    tell(cast, "shop/update", sample("shop__update"), at=NOW - timedelta(hours=1))
    tell(cast, "app/scopes_update", {"current": []}, at=NOW - timedelta(hours=1))

    store = row(cast.acme, Store)
    assert (store["name"], store["missing_scopes"]) == ("Acme", [])


def test_a_time_zone_that_there_is_not_fails_with_its_reason(cast: Cast) -> None:
    moved(cast, "Mars/Olympus")

    (kept,) = deliveries(cast.acme)
    assert (kept.state, kept.reason) == ("failed", "shop/update: iana_timezone is not a time zone")
    assert row(cast.acme, Store)["name"] == "Acme"


def test_after_a_move_every_stored_day_is_the_new_clocks(cast: Cast, database_url: str) -> None:
    for number in range(5):
        write(
            cast.acme, order(order_id=number + 1, processed_at=LATE), refund(number + 1, order_id=number + 1, at=LATE)
        )
    write(cast.globex, order(order_id=1, processed_at=LATE))
    before = row(cast.acme, Store)["revision"]
    assert days(cast, Order) == days(cast, Sale) == days(cast, Refund) == {date(2026, 11, 3)}

    moved(cast, "America/New_York")
    with psycopg.connect(database_url) as owner:
        query = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'date_anew'"
        assert owner.execute(query).fetchone() == (1,)
    date_anew(cast, chunk=2)

    assert days(cast, Order) == days(cast, Sale) == days(cast, Refund) == {date(2026, 11, 2)}
    assert row(cast.acme, Store)["revision"] > before
    assert row(cast.globex, Order)["business_date"] == date(2026, 11, 2), "New York's all along"


def test_dating_anew_that_was_stopped_goes_on(cast: Cast) -> None:
    for number in range(3):
        write(cast.acme, order(order_id=number + 1, processed_at=LATE))
    moved(cast, "America/New_York")
    leaving = threading.Event()
    leaving.set()

    with pytest.raises(Stopping):
        date_anew(cast, chunk=1, stop=leaving)
    date_anew(cast, chunk=1)

    assert days(cast, Order) == {date(2026, 11, 2)}


def test_the_same_time_zone_told_again_costs_nothing(cast: Cast, database_url: str) -> None:
    moved(cast, "Europe/Berlin")

    with psycopg.connect(database_url) as owner:
        query = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'date_anew'"
        assert owner.execute(query).fetchone() == (0,)
