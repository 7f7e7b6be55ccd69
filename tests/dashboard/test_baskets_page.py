"""The page Bought together as each of the cast: pairs with their lift, first products, and as of when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from core.database import tenant_session
from core.rollups import rebuild_baskets
from tests import factories as made
from tests.cast import Cast
from tests.core.metrics.conftest import Shop, shop_of
from tests.dashboard.pages import open_page, page_text, tables

NOW = datetime.now(UTC)


@pytest.fixture
def acme(cast: Cast) -> Shop:
    return shop_of(cast.acme)


@pytest.fixture
def busy(acme: Shop) -> Shop:
    """Twelve customers began with a shirt 200 days ago: six with a mug beside it, and three came back for a mug."""
    acme.receive(made.product(7, title="Shirt"), made.product(8, title="Mug", variants=(made.variant(81),)))
    for number in range(1, 13):
        lines = [line(1, 7)] + ([line(2, 8)] if number <= 6 else [])
        acme.receive(placed(number, 200, number, *lines))
        if number <= 3:
            acme.receive(placed(100 + number, 150, number, line(1, 8)))
    return acme


def line(line_id: int, product_id: int) -> Any:
    return made.line(line_id, tax="0", product_id=product_id, variant_id=product_id * 10)


def placed(order_id: int, days_ago: int, customer_id: int, *lines: Any) -> Any:
    at = NOW - timedelta(days=days_ago)
    return made.order(
        order_id=order_id, created_at=at, processed_at=at, customer_id=customer_id, line_items=tuple(lines)
    )


def test_pairs_and_first_products_are_listed_with_when_they_were_counted(cast: Cast, busy: Shop) -> None:
    rebuild_baskets(busy.scope.store, NOW)
    app = open_page(cast.alice, "baskets")
    assert not app.exception
    drawn = tables(app)
    assert drawn["1 pair"] == [["Shirt", "Mug", "6", "50.0%", "66.7%", "0.83"]], "6 x 15 / (12 x 9)"
    assert drawn["What a first purchase leads to"] == [["Shirt", "12", "25.0%", "0.0 points", "Mug (3)"]]
    assert "15 orders" in page_text(app)
    app.number_input(key="fewest").set_value(7).run()
    assert "No pair has that many orders" in page_text(app)


def test_before_the_first_count_the_page_says_when_to_come_back(cast: Cast, busy: Shop) -> None:
    assert "first sync has finished" in page_text(open_page(cast.alice, "baskets"))
    with tenant_session(cast.alice.tenant_id) as session:
        session.execute(
            text("UPDATE stores SET complete_until = now() WHERE tenant_id = :tenant"),
            {"tenant": cast.alice.tenant_id},
        )
    assert "being counted" in page_text(open_page(cast.alice, "baskets"))


def test_another_business_and_no_store_see_no_pair(cast: Cast, busy: Shop) -> None:
    rebuild_baskets(busy.scope.store, NOW)
    for person in (cast.charlie, cast.dana):
        app = open_page(person, "baskets")
        assert not app.exception
        assert not tables(app)
