"""The Stock page as each of the cast: days left, what to reorder, one location, and files of the same choices."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from tests import factories as made
from tests.cast import Cast
from tests.core.metrics.conftest import Shop, shop_of
from tests.dashboard.pages import downloads, listed, open_page, page_text, tiles

NOW = datetime.now(UTC)


@pytest.fixture
def acme(cast: Cast) -> Shop:
    return shop_of(cast.acme)


@pytest.fixture
def busy(acme: Shop) -> Shop:
    """Twenty-eight shirts sold last week: one a day. Of M, 10 are left in two places; of L, which sold none, 5."""
    at = NOW - timedelta(days=7)
    acme.receive(
        made.product(
            variants=(
                made.variant(71, sku="S-M", inventory_item_id=901, inventory_quantity=10),
                made.variant(72, sku="S-L", inventory_item_id=902, inventory_quantity=5),
            )
        ),
        made.level(901, 1, available=8, location_name="Warehouse"),
        made.level(901, 2, available=2, location_name="Window"),
        made.order(created_at=at, processed_at=at, line_items=(made.line(quantity=28, tax="0"),)),
    )
    return acme


def test_the_list_says_what_ends_first_and_what_to_order(cast: Cast, busy: Shop) -> None:
    app = open_page(cast.alice, "stock")
    assert not app.exception
    figures = {label: tile["text"] for label, tile in tiles(app).items()}
    assert (figures["Units in stock"], figures["Sold out"], figures["To reorder"]) == ("15", "0", "1")
    assert [(row["sku"], row["stock"], row["days"], row["to_order"]) for row in listed(app)] == [
        ("S-M", "10", "10", "34"),
        ("S-L", "5", "", ""),
    ]
    app.get_by_key("variants").set_value("To reorder").run()
    assert [row["sku"] for row in listed(app)] == ["S-M"]
    app.number_input(key="lead").set_value(5).run()
    assert not listed(app)
    assert "No variant matches" in page_text(app)


def test_a_location_has_its_own_days_and_its_own_file(cast: Cast, busy: Shop) -> None:
    app = open_page(cast.alice, "stock")
    app.selectbox(key="location").set_value("Window").run()
    assert [(row["sku"], row["stock"], row["days"]) for row in listed(app)] == [("S-M", "2", "2"), ("S-L", "", "")]
    assert "the share of the sales that left its shelves" in page_text(app)
    files = [parse_qs(urlsplit(address).query) for address in downloads(app)]
    assert len(files) == 2
    assert all(file["location"] == ["2"] and file["lead"] == ["14"] for file in files)


def test_an_empty_store_no_store_and_another_business_show_no_stock(cast: Cast, acme: Shop) -> None:
    app = open_page(cast.alice, "stock")
    assert not app.exception
    assert "No variant matches" in page_text(app)
    acme.receive(made.product())
    open_page(cast.alice, "stock")
    for person in (cast.charlie, cast.dana):
        app = open_page(person, "stock")
        assert not app.exception
        assert not listed(app)
