"""Pages of a store with orders in two currencies: figures of one, what is left out named, each order in its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.metrics.currencies import LeftOut
from dashboard.drawing import formats
from tests.cast import Business, Cast, add_store
from tests.core.metrics.conftest import Shop, shop_of
from tests.dashboard.health.page import note
from tests.dashboard.pages import listed, open_page, page_text, tables
from tests.dashboard.reports import downloads, figures, finish_sync, placed
from tests.dashboard.test_filters import bookmark

LEFT_OUT = "2 orders in USD are not in these figures."


@pytest.fixture
def acme(cast: Cast) -> Shop:
    """Acme, which is paid in euros, sold once in euros and twice in dollars yesterday."""
    shop = shop_of(cast.acme)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    for number, currency in ((1, "EUR"), (2, "USD"), (3, "USD")):
        shop.receive(placed(number, yesterday, name=f"#{number}", currency=currency))
    finish_sync(shop)
    return shop


@pytest.mark.parametrize("page", ["overview", "orders", "customers", "products", "health"])
def test_every_page_names_the_orders_that_its_figures_leave_out(cast: Cast, acme: Shop, page: str) -> None:
    app = open_page(cast.alice, page)
    assert not app.exception
    cure = "They count among the orders of their days, but in no total of a day."
    assert f"{LEFT_OUT} {cure if page == 'health' else 'To see their figures, choose the currency'}" in page_text(app)
    assert ("currency" in {box.key for box in app.selectbox}) is (page != "health")


def test_no_page_adds_dollars_to_euros(cast: Cast, acme: Shop) -> None:
    assert figures(open_page(cast.alice))["Total sales"][0] == "€52.60"
    assert figures(open_page(cast.alice, "orders"))["Orders"][0] == "1"
    assert figures(open_page(cast.alice, "products"))["Net sales"][0] == "€40.00"


def test_an_order_is_listed_with_its_own_currency(cast: Cast, acme: Shop) -> None:
    app = open_page(cast.alice)
    recent = tables(app)["Recent orders"]
    assert [row[:2] for row in recent] == [["#3", "$52.60"], ["#2", "$52.60"], ["#1", "€52.60"]]
    rows = listed(open_page(cast.alice, "orders"))
    assert [row["name"] for row in rows] == ["#3", "#2", "#1"]
    assert [row["total"] for row in rows] == ["$52.60", "$52.60", "€52.60"]


def test_the_other_currency_can_be_chosen_and_downloads_follow(cast: Cast, acme: Shop) -> None:
    app = open_page(cast.alice)
    app.selectbox(key="currency").select("USD").run()
    assert not app.exception
    assert figures(app)["Total sales"][0] == "$105.20"
    assert "1 order in EUR is not in these figures." in page_text(app)
    assert "in USD" in page_text(app)
    assert all("currency=USD" in url for url in downloads(app) if "/orders.csv" not in url)


def test_a_store_of_one_currency_is_asked_nothing(cast: Cast) -> None:
    shop = shop_of(cast.acme)
    shop.receive(placed(1, datetime.now(UTC) - timedelta(days=1)))
    app = open_page(cast.alice)
    assert "currency" not in {box.key for box in app.selectbox}
    assert "not in these figures" not in page_text(app)


def test_a_period_with_orders_in_another_currency_alone_is_not_called_empty(cast: Cast) -> None:
    shop = shop_of(cast.acme)
    shop.receive(placed(1, datetime.now(UTC) - timedelta(days=1), name="#1", currency="USD"))
    finish_sync(shop)
    for page in ("overview", "orders", "customers", "products"):
        app = open_page(cast.alice, page)
        assert not app.exception
        assert "No orders in this period" not in page_text(app)
        assert "1 order in USD is not in these figures." in page_text(app)
    assert [row["name"] for row in listed(open_page(cast.alice, "orders"))] == ["#1"]


def test_a_currency_that_the_store_has_not_is_the_stores(cast: Cast, acme: Shop) -> None:
    app = open_page(cast.alice)
    app.query_params["currency"] = "XXX"
    app.run()
    assert not app.exception
    assert figures(app)["Total sales"][0] == "€52.60"


@pytest.fixture
def coast(cast: Cast, acme: Shop) -> Business:
    """A second store of Acme's, which is paid in dollars, sold twice in dollars and once in euros yesterday."""
    business = add_store(cast.alice.tenant_id, "Acme Coast", "acme-coast.myshopify.com", "USD", "America/Los_Angeles")
    shop = shop_of(business)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    for number, currency in ((11, "EUR"), (12, "USD"), (13, "USD")):
        shop.receive(placed(number, yesterday, name=f"#{number}", currency=currency))
    finish_sync(shop)
    return business


@pytest.mark.parametrize("chosen", ["EUR", "USD"])
def test_another_store_is_shown_in_its_own_currency_whatever_the_last_one_was_shown_in(
    cast: Cast, coast: Business, chosen: str
) -> None:
    app = open_page(cast.alice)
    app.selectbox(key="currency").select(chosen).run()
    app.selectbox(key="store").select("acme-coast").run()
    assert app.selectbox(key="currency").value == "USD"
    assert figures(app)["Total sales"][0] == "$105.20"

    app.selectbox(key="store").select("acme").run()
    assert figures(app)["Total sales"][0] == "€52.60"


def test_a_choice_of_currency_stays_with_its_store(cast: Cast, coast: Business) -> None:
    app = open_page(cast.alice)
    app.selectbox(key="store").select("acme-coast").run()
    app.selectbox(key="currency").select("EUR").run()
    app.run()
    assert figures(app)["Total sales"][0] == "€52.60"


def test_an_address_of_a_store_and_a_currency_shows_both(cast: Cast, coast: Business) -> None:
    app = bookmark(cast.alice, store="acme-coast", currency="EUR")
    assert app.selectbox(key="store").value == "acme-coast"
    assert figures(app)["Total sales"][0] == "€52.60"


def test_data_health_says_of_which_days_totals_are_not_compared(cast: Cast, acme: Shop) -> None:
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
    note(cast.acme, yesterday, reason="2 orders are in another currency than the store's.")
    text = page_text(open_page(cast.alice, "health"))
    assert "1 day with orders in another currency than the store’s: orders are counted, totals are not" in text
    assert "could not be compared" not in text


def test_left_out_orders_read_as_a_sentence() -> None:
    one, many = LeftOut("CAD", 1), LeftOut("EUR", 1200)
    assert formats.orders_left_out([one]) == "1 order in CAD is not in these figures."
    assert formats.orders_left_out([many, one]) == (
        "1,200 orders in EUR and 1 order in CAD are not in these figures."
    )
    assert formats.listed(["a", "b", "c"]) == "a, b and c"
