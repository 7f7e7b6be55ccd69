"""The What changed page as each of the cast: a sentence, terms that add up, and the orders behind a term."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests import factories as made
from tests.cast import Cast
from tests.core.metrics.conftest import Shop, shop_of
from tests.dashboard.pages import components, links, open_page, open_record, page_text, tables, tiles

NOW = datetime.now(UTC)


@pytest.fixture
def acme(cast: Cast) -> Shop:
    return shop_of(cast.acme)


@pytest.fixture
def busy(acme: Shop) -> Shop:
    """One order in the 30 days before, two in the last 30 days, of which one shirt came back."""
    acme.receive(
        made.product(),
        placed(1, NOW - timedelta(days=40), source_name="web"),
        placed(2, NOW - timedelta(days=5), source_name="pos", refunds=(made.refund(31, 2, NOW - timedelta(days=1)),)),
        placed(3, NOW - timedelta(days=2), source_name="web"),
    )
    return acme


def placed(order_id: int, when: datetime, **changes: Any) -> Any:
    fields = {"name": f"#{order_id}", "created_at": when, "processed_at": when, "updated_at": NOW} | changes
    return made.order(order_id=order_id, **fields)


def bars(app: AppTest) -> dict[str, dict[str, dict[str, Any]]]:
    """The bars of each card by the card's title, each by its name."""
    return {data["label"]: {bar["name"]: bar for bar in data["bars"]} for data in components(app, "bars")}


def test_the_change_is_said_in_a_sentence_and_split_into_terms(cast: Cast, busy: Shop) -> None:
    app = open_page(cast.alice, "changes")
    assert not app.exception
    assert "You sold" in page_text(app)
    assert tiles(app)["Net sales"]["text"] == "€60.00"
    causes = {name: bar["text"] for name, bar in bars(app)["Orders and basket"].items()}
    assert causes["More or fewer orders"] == "+\u2060€40.00"
    assert causes["Returns"] == "−€20.00"
    channels = bars(app)["Sales channels"]
    assert (channels["Point of sale"]["text"], channels["Online store"]["text"]) == ("+\u2060€20.00", "€0.00")
    assert channels["Point of sale"]["note"] == "€0.00 → €20.00"
    assert channels["Point of sale"]["href"] == "/changes?by=channel&term=pos"


def test_a_term_opens_the_orders_behind_it(cast: Cast, busy: Shop) -> None:
    app = open_record(cast.alice, "changes", by="channel", term="pos")
    assert not app.exception
    assert "Sales channels: Point of sale" in page_text(app)
    ((name, _, before, now, change),) = tables(app)["1 order"]
    assert (name, before, now, change) == ("#2", "€0.00", "€20.00", "€20.00")
    assert links(app)["#2"].startswith("/order?shop=acme&order=2")


def test_an_address_with_another_split_shows_all_and_with_another_term_no_order(cast: Cast, busy: Shop) -> None:
    assert "Sales channels" in bars(open_record(cast.alice, "changes", by="moon", term="pos"))
    app = open_record(cast.alice, "changes", by="product", term="'; DROP TABLE orders\0")
    assert not app.exception
    assert "No order is behind this term" in page_text(app)


def test_without_a_comparison_the_page_asks_for_one(cast: Cast, busy: Shop) -> None:
    app = open_page(cast.alice, "changes")
    app.selectbox(key="compare").set_value("No comparison").run()
    assert not app.exception
    assert "Choose what to compare with" in page_text(app)


def test_an_empty_store_a_young_store_and_no_store_say_what_to_do(cast: Cast, acme: Shop) -> None:
    assert "No orders yet" in page_text(open_page(cast.alice, "changes"))
    acme.receive(placed(1, NOW - timedelta(days=3)))
    assert "Nothing to compare with" in page_text(open_page(cast.alice, "changes"))
    app = open_page(cast.dana, "changes")
    assert not app.exception
    assert not bars(app)


def test_charlie_sees_nothing_of_alices_changes(cast: Cast, busy: Shop) -> None:
    open_page(cast.alice, "changes")
    app = open_page(cast.charlie, "changes")
    assert not app.exception
    assert not bars(app)
