"""Profit and Finance, run as each of the cast: the right figures, what is unknown, and nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core.domain import Transaction
from tests import factories as made
from tests.cast import Cast
from tests.core.metrics.conftest import Shop, shop_of
from tests.dashboard.pages import cards, links, listed, open_page, open_record, page_text, sales_lines, tables, tiles
from tests.dashboard.reports import finish_sync, placed

PAGES = ("profit", "finance")


@pytest.fixture
def acme(cast: Cast) -> Shop:
    """Make a shop that sold two shirts of a known cost and a mug of an unknown one yesterday."""
    shop = shop_of(cast.acme)
    mug = made.line(12, "60.00", 1, "0", title="Mug", product_id=8, variant_id=81)
    shop.receive(
        made.product(variants=(made.variant(71, unit_cost=Decimal("8.00")),)),
        placed(1, datetime.now(UTC) - timedelta(days=1), name="#1001", line_items=(made.line(), mug)),
    )
    finish_sync(shop)
    return shop


def test_profit_shows_each_figure_with_the_share_of_sales_that_it_covers(cast: Cast, acme: Shop) -> None:
    app = open_page(cast.alice, "profit")
    assert not app.exception
    drawn = {label: (tile["text"], tile["note"]) for label, tile in tiles(app).items()}
    assert drawn["Gross profit"] == ("€24.00", "of 40.0% of net sales")
    assert drawn["Net profit"] == ("–", "needs payment fees of 1 day and shipping cost of 1 day")
    assert drawn["Sales per advertising (MER)"] == ("–", "needs the cost of advertising")
    hrefs = {label: tile["href"] for label, tile in tiles(app).items()}
    assert (hrefs["Gross profit"], hrefs["Net profit"]) == ("", "/profit?section=Costs")
    assert drawn["Cost coverage"] == ("40.0%", "")
    assert "€60.00 of net sales is unknown" in page_text(app).replace("\\", "")
    assert "payment fees of 1 day and shipping cost of 1 day" in page_text(app).replace("\\", "")
    lines = {label: line["text"] for label, line in sales_lines(app).items()}
    assert (lines["Net sales without a cost"], lines["Gross profit"], lines["Payment fees"]) == (
        "−€60.00",
        "€24.00",
        "–",
    )
    assert [(row["title"], row["gross_profit"], row["cost_coverage"]) for row in listed(app)] == [
        ("Shirt", "€24.00", "100.0%"),
        ("Mug", "", "0.0%"),
    ]


def test_finance_shows_taxes_by_name_and_the_months(cast: Cast, acme: Shop) -> None:
    app = open_page(cast.alice, "finance")
    assert not app.exception
    assert tables(app)["Taxes by name and rate"] == [["VAT", "19.0%", "€7.60", "€40.00"]]
    assert links(app)[next(iter(tables(app)["Month by month"]))[0]].startswith("/orders?range=Custom&start=")
    (month, *_rest) = tables(app)["Month by month"]
    assert month[-1] == "112.60", "the currency stands above the table"
    assert [card["unit"] for card in cards(app) if card["title"] == "Month by month"] == ["in EUR"]


def test_finance_shows_payments_by_gateway_where_they_are_known(cast: Cast, acme: Shop) -> None:
    assert "Payments by gateway" not in tables(open_page(cast.alice, "finance"))
    yesterday = datetime.now(UTC) - timedelta(days=1)
    payment = Transaction(1, "sale", "success", yesterday, Decimal(9), "paypal")
    acme.receive(placed(77, yesterday, name="#1077", transactions=(payment,)))
    app = open_page(cast.alice, "finance")
    assert tables(app)["Payments by gateway"] == [["PayPal", "€9.00", "1", "€0.00", "0", "€9.00"]]


def test_finance_shows_gift_cards_beside_its_other_figures(cast: Cast, acme: Shop) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    card = made.line(12, "50.00", 1, "0", title="Gift card", is_gift_card=True)
    acme.receive(placed(78, yesterday, name="#1078", line_items=(card,)))
    app = open_page(cast.alice, "finance")
    assert not app.exception
    assert {"Net sales", "Gift cards sold"} <= tiles(app).keys()


@pytest.mark.parametrize("page", PAGES)
def test_another_business_and_an_empty_store_see_none_of_it(cast: Cast, acme: Shop, page: str) -> None:
    app = open_page(cast.charlie, page)
    assert not app.exception
    assert "€" not in page_text(app).replace("\\", "")
    assert "Mug" not in str(tables(app))


@pytest.mark.parametrize("page", PAGES)
def test_without_a_store_the_page_says_how_to_connect_one(cast: Cast, page: str) -> None:
    app = open_page(cast.dana, page)
    assert not app.exception
    assert not tiles(app)


def test_an_orders_page_shows_what_its_lines_cost(cast: Cast, acme: Shop) -> None:
    app = open_record(cast.alice, "order", shop="acme", order="1")
    assert not app.exception
    assert tables(app)["Profit of this order"] == [
        ["Shirt", "2", "€40.00", "€8.00", "€16.00", "€24.00"],
        ["Mug", "1", "€60.00", "", "", ""],
    ]
    assert tiles(app)["Cost coverage"]["text"] == "40.0%"


def test_orders_are_sorted_by_profit_either_way_with_unknown_ones_last(cast: Cast, acme: Shop) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    mug = made.line(12, "60.00", 1, "0", title="Mug", product_id=8, variant_id=81)
    acme.receive(
        placed(2, yesterday, name="#1002", line_items=(made.line(quantity=1, price="9.00", tax="0"),)),
        placed(3, yesterday, name="#1003", line_items=(mug,)),
    )
    most = open_record(cast.alice, "profit", rows="By order", sort="-gross_profit")
    expected = [("#1001", "€24.00", "40.0%"), ("#1002", "€1.00", "100.0%"), ("#1003", "", "0.0%")]
    assert [(row["name"], row["gross_profit"], row["cost_coverage"]) for row in listed(most)] == expected
    least = open_record(cast.alice, "profit", rows="By order", sort="gross_profit")
    assert [row["name"] for row in listed(least)] == ["#1002", "#1001", "#1003"]
    assert "Orders without any known cost come last" in page_text(least)
