"""The Segments page as each of the cast: the segments, the customers of one, and what an empty store shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from core import rollups
from core.database import tenant_session
from core.database.models import Customer
from core.metrics.customers.segments import ShopifyReadings
from dashboard.drawing.segment_words import readings_sentence
from tests import factories as made
from tests.cast import Cast
from tests.core.metrics.conftest import Shop, shop_of
from tests.dashboard.pages import component_data, links, open_page, page_text, tables

NOW = datetime.now(UTC)


@pytest.fixture
def acme(cast: Cast) -> Shop:
    return shop_of(cast.acme)


def placed(order_id: int, days_ago: int, customer_id: int) -> Any:
    at = NOW - timedelta(days=days_ago)
    return made.order(order_id=order_id, created_at=at, processed_at=at, customer_id=customer_id)


def read(cast: Cast, customer_id: int, days_ago: int) -> None:
    """Let a customer's segment count as read so many days and an hour ago."""
    statement = update(Customer).where(Customer.customer_id == customer_id)
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(statement.values(statistics_read_at=NOW - timedelta(days=days_ago, hours=1)))


def test_segments_and_the_customers_of_one_are_listed(cast: Cast, acme: Shop) -> None:
    acme.receive(
        made.customer(81, rfm_group="at_risk", predicted_spend_tier="low"),
        placed(1, 100, 82),
        placed(2, 1, 81),
        placed(3, 2, 81),
    )
    rollups.rebuild_segments(acme.scope.store, NOW)
    app = open_page(cast.alice, "segments")
    assert not app.exception
    counts = {row[0]: row[1] for row in tables(app)["Segments"]}
    assert (counts["Dormant"], counts["Needs attention"], counts["Champions"]) == ("1", "1", "0")
    assert "No customer is in this segment now." in page_text(app)
    app.get_by_key("segment").set_value("Needs attention").run()
    assert not app.exception
    assert tables(app)["Needs attention: 1 customer"][0][:3] == ["Ada Lovelace", "€80.00", "2"]
    (row,) = component_data(app, "table", "Needs attention: 1 customer")["rows"]
    assert (row[-1]["text"], row[-1]["note"]) == ("At risk", "low spend expected")
    assert links(app)["Ada Lovelace"].startswith("/customer?shop=acme&customer=81")
    assert "segment=At+risk" in links(app)["At risk"], "a segment opens its customers"


def test_the_page_shows_when_shopifys_segments_were_read(cast: Cast, acme: Shop) -> None:
    acme.receive(*(made.customer(each, rfm_group="loyal") for each in (81, 82, 83)), placed(1, 10, 81))
    rollups.rebuild_segments(acme.scope.store, NOW)
    for customer_id, days in ((81, 9), (82, 3), (83, 5)):
        read(cast, customer_id, days)
    app = open_page(cast.alice, "segments")
    assert not app.exception
    assert "Shopify’s segments were read between 3 and 9 days ago." in page_text(app)


def test_a_store_without_shopifys_segments_shows_no_reading_of_them(cast: Cast, acme: Shop) -> None:
    acme.receive(made.customer(81), placed(1, 10, 81))
    rollups.rebuild_segments(acme.scope.store, NOW)
    assert "Shopify’s segments were read" not in page_text(open_page(cast.alice, "segments"))


@pytest.mark.parametrize(
    ("longest", "least", "expected"),
    [
        (timedelta(hours=3), timedelta(0), "within the last 24 hours"),
        (timedelta(days=2, hours=12), timedelta(hours=23), "within the last 3 days"),
        (timedelta(days=1, hours=5), timedelta(days=1), "1 day ago"),
        (timedelta(days=4, hours=5), timedelta(days=4, hours=1), "4 days ago"),
        (timedelta(days=3), timedelta(days=1, hours=1), "between 1 and 3 days ago"),
    ],
)
def test_the_age_of_readings_is_in_days(longest: timedelta, least: timedelta, expected: str) -> None:
    readings = ShopifyReadings(NOW - longest, NOW - least)
    assert readings_sentence(readings, NOW) == f"Shopify’s segments were read {expected}."


def test_another_tenant_and_a_store_before_its_first_night_see_no_segments(cast: Cast, acme: Shop) -> None:
    acme.receive(placed(1, 10, 81))
    for person in (cast.alice, cast.charlie):
        app = open_page(person, "segments")
        assert not app.exception
        assert "Not computed yet" in page_text(app)
