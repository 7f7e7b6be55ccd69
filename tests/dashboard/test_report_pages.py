"""Overview, Orders, Customers and Products, run as each of the cast: the right figures, and nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import text

from core.database import tenant_session
from core.metrics.definitions import DEFINITIONS
from core.webhooks import apply
from tests import factories as made
from tests.cast import Cast
from tests.core.metrics.conftest import Shop
from tests.dashboard.pages import (
    components,
    links,
    open_page,
    page_text,
    sales_lines,
    tables,
    tiles,
)
from tests.dashboard.reports import PAGES, charts, downloads, figures, finish_sync, placed, titles
from tests.dashboard.reports import acme as acme
from tests.dashboard.reports import busy as busy
from tests.shopify_sends import store_delivery


def test_the_overview_shows_the_figures_of_the_period_and_their_change(cast: Cast, busy: Shop) -> None:
    """3 shirts at 20.00, 2 x 5.00 shipping, 11.40 tax, less one shirt and its tax; before, 2 shirts with all."""
    app = open_page(cast.alice)
    assert not app.exception
    assert figures(app) == {
        "Net sales": ("€40.00", "0.0%"),
        "Total sales": ("€57.60", "+9.5%"),
        "Orders": ("2", "+100.0%"),
        "Avg. order value": ("€30.00", "−25.0%"),
        "Customers": ("2", "+100.0%"),
        "Returning rate": ("50.0%", "new"),
    }
    assert titles(app) == [
        "Net sales over time",
        "Gross to total sales",
        "New and returning sales",
        "When customers buy",
        "Sales by product",
        "Sales by country",
        "Sales by channel",
        "Top customers",
        "Recent orders",
    ]
    drawn = tables(app)
    assert drawn["Top customers"] == [["Ada Lovelace", "1", "€40.00"], ["guest@example.com", "1", "€0.00"]]
    assert [row[:2] for row in drawn["Recent orders"]] == [["#1003", "€28.80"], ["#1002", "€52.60"]]
    assert links(app)["Ada Lovelace"] == "/customer?shop=acme&customer=81"
    assert links(app)["#1003"] == "/order?shop=acme&order=3"
    bars = {
        drawn["label"]: [(bar["name"], bar["text"]) for bar in drawn["bars"]] for drawn in components(app, "bars")
    }
    assert bars == {
        "Sales by product": [("Shirt", "€40.00")],
        "Sales by country": [("Unknown country", "€40.00")],
        "Sales by channel": [("Unknown channel", "€40.00")],
    }
    assert "live" in page_text(app)


def test_every_figure_explains_itself(cast: Cast, busy: Shop) -> None:
    meanings = {definition.label: definition.meaning for definition in DEFINITIONS.values()}
    for page in PAGES:
        for label, tile in tiles(open_page(cast.alice, page)).items():
            assert tile["help"] == meanings[label]


def test_more_sales_are_good_news_and_more_discounts_bad_news(cast: Cast, acme: Shop) -> None:
    now = datetime.now(UTC)
    for order_id, days, price, discount in ((1, 40, "20.00", "2.00"), (2, 1, "30.00", "6.00")):
        line = made.line(price=price, discount=Decimal(discount))
        acme.receive(placed(order_id, now - timedelta(days=days), line_items=(line,)))
    app = open_page(cast.alice, "products")
    looks = {label: (tile["change"], tile["tone"], tile["arrow"]) for label, tile in tiles(app).items()}
    assert looks == {
        "Net sales": ("+42.1%", "good", "▲"),
        "Gross sales": ("+50.0%", "good", "▲"),
        "Discounts": ("+200.0%", "bad", "▲"),
        "Returns": ("", "", ""),
    }


@pytest.mark.parametrize("page", PAGES)
def test_every_table_and_chart_has_its_download(cast: Cast, busy: Shop, page: str) -> None:
    app = open_page(cast.alice, page)
    cards = [title for title in titles(app) if not title.startswith(":")]
    assert len(downloads(app)) == len(cards) == len(charts(app)) + len(tables(app)) + bool(sales_lines(app))
    for link in downloads(app):
        query = parse_qs(urlsplit(link).query)
        today = datetime.now(UTC).astimezone(busy.zone).date()
        assert query["store"] == [str(busy.scope.store.store_id)]
        assert query["end"] == [today.isoformat()]
        assert query["start"] == [(today - timedelta(days=29)).isoformat()]


@pytest.mark.parametrize("page", PAGES)
def test_every_chart_and_table_can_be_heard(cast: Cast, busy: Shop, page: str) -> None:
    app = open_page(cast.alice, page)
    for chart in charts(app):
        assert (chart.get("alt") or chart["label"]).strip()
    assert all(caption.strip() for caption in tables(app))
    assert tables(app)


@pytest.mark.parametrize("page", PAGES)
def test_a_store_whose_first_sync_runs_says_so(cast: Cast, page: str) -> None:
    app = open_page(cast.alice, page)
    assert not app.exception
    assert ":material/sync: Your first sync has not finished" in titles(app)
    assert "first sync" in page_text(app)


@pytest.mark.parametrize("page", PAGES)
def test_a_period_without_orders_says_what_to_do(cast: Cast, acme: Shop, page: str) -> None:
    finish_sync(acme)
    app = open_page(cast.alice, page)
    assert not app.exception
    assert ":material/event_busy: No orders in this period" in titles(app)
    assert "Choose a longer period" in page_text(app)


@pytest.mark.parametrize("page", PAGES)
def test_a_user_without_a_store_is_asked_to_connect_one(cast: Cast, page: str) -> None:
    app = open_page(cast.dana, page)
    assert not app.exception
    assert titles(app) == [":material/storefront: Connect your first store"]
    assert not tiles(app)
    assert "Initech" in page_text(app)


@pytest.mark.parametrize("page", PAGES)
def test_charlie_after_alice_sees_nothing_of_hers(cast: Cast, busy: Shop, page: str) -> None:
    assert "Acme" in page_text(open_page(cast.alice, page))
    app = open_page(cast.charlie, page)
    assert not app.exception
    assert "Globex" in page_text(app)
    assert "Acme" not in page_text(app)
    assert all("57.60" not in value and "40.00" not in value for value, _ in figures(app).values())
    cells = {text for rows in tables(app).values() for row in rows for text in row}
    assert not {"Ada Lovelace", "Shirt"} & cells


@pytest.mark.parametrize("page", PAGES)
def test_a_viewer_sees_the_owners_figures(cast: Cast, busy: Shop, page: str) -> None:
    assert figures(open_page(cast.bob, page)) == figures(open_page(cast.alice, page))


@pytest.mark.parametrize("page", PAGES)
def test_names_of_people_and_stores_are_never_markup(cast: Cast, busy: Shop, page: str) -> None:
    with tenant_session(busy.scope.store.tenant_id) as session:
        session.execute(
            text("UPDATE stores SET name = :name WHERE tenant_id = :tenant_id"),
            {"name": "**Acme** :red[x] [y](http://z)", "tenant_id": busy.scope.store.tenant_id},
        )
    head = open_page(cast.alice, page).markdown[0].value
    assert r"\*\*Acme\*\*" in page_text(open_page(cast.alice, page))
    assert "](http" not in head


def test_an_order_that_comes_in_is_on_the_page_at_its_next_run(cast: Cast, busy: Shop) -> None:
    app = open_page(cast.alice)
    assert figures(app)["Orders"][0] == "2"
    busy.receive(placed(9, datetime.now(UTC), name="#1009"))
    app.run()
    assert figures(app)["Orders"][0] == "3"
    assert tables(app)["Recent orders"][0][0] == "#1009"


def test_what_needs_attention_is_named_with_the_page_that_helps_and_nothing_else(cast: Cast, busy: Shop) -> None:
    assert "Needs attention" not in page_text(open_page(cast.alice))
    sold_out = made.product(variants=(made.variant(inventory_quantity=0),), updated_at=datetime.now(UTC))
    busy.receive(sold_out)
    store_delivery(cast.acme, "orders/create", b'{"id": "x"}')
    apply.apply_pending(cast.acme.key, datetime.now(UTC))
    app = open_page(cast.alice)
    assert not app.exception
    assert "**Needs attention**" in page_text(app)
    labels = [link.label.replace("\\", "") for link in app.get("page_link")]
    assert "1 webhook failed; see why and retry." in labels
    assert "Shirt is sold out; 3 units sold in 28 days." in labels
    assert "Needs attention" not in page_text(open_page(cast.charlie))


def test_figures_say_what_they_were_and_lead_to_the_orders_or_customers_behind_them(cast: Cast, busy: Shop) -> None:
    drawn = tiles(open_page(cast.alice))
    assert (drawn["Total sales"]["before"], drawn["Orders"]["before"]) == ("€52.60", "1")
    assert {label: tile["href"] for label, tile in drawn.items()} == {
        "Net sales": "/orders",
        "Total sales": "/orders",
        "Orders": "/orders",
        "Avg. order value": "/orders",
        "Customers": "/customers",
        "Returning rate": "/customers",
    }


def test_nothing_is_new_where_the_stores_orders_begin_after_the_compared_days(cast: Cast, acme: Shop) -> None:
    acme.receive(placed(1, datetime.now(UTC) - timedelta(days=1)))
    app = open_page(cast.alice)
    assert {tile["change"] + tile["before"] for tile in tiles(app).values()} == {""}
    assert "You sold" not in page_text(app)
    acme.receive(placed(2, datetime.now(UTC) - timedelta(days=90)))
    assert tiles(open_page(cast.alice))["Net sales"]["change"] == "new"


def test_the_overview_leads_line_by_line_from_gross_to_total_sales(cast: Cast, busy: Shop) -> None:
    drawn = sales_lines(open_page(cast.alice))
    assert {label: (line["text"], line["before"], line["change"]) for label, line in drawn.items()} == {
        "Gross sales": ("€60.00", "€40.00", "+50.0%"),
        "Discounts": ("€0.00", "", ""),
        "Returns": ("−€20.00", "€0.00", "new"),
        "Net sales": ("€40.00", "€40.00", "0.0%"),
        "Shipping": ("€10.00", "€5.00", "+100.0%"),
        "Taxes": ("€7.60", "€7.60", "0.0%"),
        "Total sales": ("€57.60", "€52.60", "+9.5%"),
    }
