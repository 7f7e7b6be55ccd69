"""The sections of Profit in which costs are entered: the figures follow, and only owners may."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from core import costs
from tests import factories as made
from tests.cast import NOW, Cast, Person
from tests.core.metrics.conftest import Shop, shop_of
from tests.dashboard.pages import button_labels, downloads, open_page, page_text, press, tables, tiles, type_in
from tests.dashboard.reports import finish_sync, placed


@pytest.fixture
def acme(cast: Cast) -> Shop:
    """Make a shop that sold two shirts without a cost yesterday."""
    shop = shop_of(cast.acme)
    shop.receive(
        made.product(variants=(made.variant(71, sku="S-M"),)),
        placed(1, datetime.now(UTC) - timedelta(days=1), name="#1001"),
    )
    finish_sync(shop)
    return shop


def open_section(person: Person, section: str) -> AppTest:
    app = open_page(person, "profit")
    app.button_group(key="section").set_value(section).run()
    assert not app.exception
    return app


def text_of(app: AppTest) -> str:
    return page_text(app).replace("\\", "")


def test_an_entered_cost_is_listed_and_makes_the_profit_known(cast: Cast, acme: Shop) -> None:
    costs.store_file(cast.alice.actor, cast.acme.store_id, "a.csv", b"sku,unit_cost\nS-M,7.50\n", NOW)
    app = press(open_section(cast.alice, "Unit costs"), "Save 1 cost")
    assert "1 unit cost saved" in text_of(app)

    app = open_section(cast.alice, "Costs")
    type_in(app, "Percent of the order total", "1,5 %")
    type_in(app, "Fee per order", "0.25")
    app = press(app, "Add cost")
    assert "Payment fees** · 1.5% of the order total + €0.25 per order" in text_of(app)
    (shipping,) = [box for box in app.selectbox if box.label == "Kind"]
    app = shipping.select_index(1).run()
    type_in(app, "What sending an order costs you", "4")
    app = press(app, "Add cost")
    assert any("/exports/costs.csv" in file for file in downloads(app))

    drawn = tiles(open_page(cast.alice, "profit"))
    assert drawn["Gross profit"]["text"] == "€25.00"
    assert drawn["Contribution"]["text"] == "€24.96"  # 25 + 5 - 4 - (1.5 % of 52.60 + 0.25)


def test_advertising_is_shown_per_new_customer(cast: Cast, acme: Shop) -> None:
    assert "Advertising per new customer" not in tiles(open_page(cast.alice, "profit"))
    advertising = costs.CostEntry(costs.CostKind.ADVERTISING, Decimal("7.25"), name="Search ads")
    costs.add_cost(cast.alice.actor, cast.acme.store_id, advertising, NOW)
    assert tiles(open_page(cast.alice, "profit"))["Advertising per new customer"]["text"] == "€7.25"


def test_a_percentage_alone_is_a_fee(cast: Cast, acme: Shop) -> None:
    app = open_section(cast.alice, "Costs")
    type_in(app, "Percent of the order total", "2.9")
    press(app, "Add cost")
    (view,) = costs.costs(cast.acme.key)
    assert (view.entry.percent, view.entry.amount) == (Decimal("2.9"), 0)


def test_a_wrong_amount_is_explained_and_nothing_is_stored(cast: Cast, acme: Shop) -> None:
    app = open_section(cast.alice, "Costs")
    type_in(app, "Fee per order", "about 3")
    app = press(app, "Add cost")
    assert "about 3 is no amount" in text_of(app)
    assert costs.costs(cast.acme.key) == ()


def test_a_preview_shows_costs_and_wrong_rows_before_anything_is_saved(cast: Cast, acme: Shop) -> None:
    content = b"sku,unit_cost\nS-M,7.50\nS-S,8\n"
    costs.store_file(cast.alice.actor, cast.acme.store_id, "<b>a</b>.csv", content, NOW)
    app = open_section(cast.alice, "Unit costs")
    assert "1 cost to save and 1 row left out. Nothing is saved yet." in text_of(app)
    assert tables(app)["Costs to save"] == [["Shirt · M", "S-M", "€7.50", "the first order", "2"]]
    assert tables(app)["Rows left out"] == [
        ["Line 3", "No variant has the SKU S-S; check its spelling, or sync the store first."]
    ]
    assert tables(app)["Sold without a known cost"] == [["Shirt", "M", "S-M", "€40.00", "1"]]
    app = press(app, "Discard")
    assert "File discarded" in text_of(app)


@pytest.mark.parametrize("section", ["Costs", "Unit costs"])
def test_members_who_are_no_owners_look_and_change_nothing(cast: Cast, acme: Shop, section: str) -> None:
    costs.add_cost(
        cast.alice.actor,
        cast.acme.store_id,
        costs.CostEntry(costs.CostKind.SHIPPING, Decimal(4)),
        NOW,
    )
    app = open_section(cast.bob, section)
    assert not {"Add cost", "Change", "Remove"} & button_labels(app)
    assert "Owners of the business" in text_of(app)
    assert ("€4.00 per order" in text_of(app)) == (section == "Costs")


def test_another_business_sees_no_costs(cast: Cast, acme: Shop) -> None:
    costs.add_cost(cast.alice.actor, cast.acme.store_id, costs.CostEntry(costs.CostKind.SHIPPING, Decimal(4)), NOW)
    assert "per order" not in text_of(open_section(cast.charlie, "Costs")).replace("Fee per order", "")
