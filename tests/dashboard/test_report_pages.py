"""Overview, Orders, Customers and Products, run as each of the cast: the right figures, and nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from core.database import tenant_session
from core.domain import Order
from core.metrics.definitions import DEFINITIONS
from core.webhooks import apply
from tests import factories as made
from tests.cast import Cast, Person, sign_in
from tests.core.metrics.conftest import Shop, shop_of
from tests.dashboard.pages import (
    ENTRY,
    components,
    links,
    list_data,
    listed,
    open_page,
    page_text,
    sales_lines,
    tables,
    tiles,
)
from tests.shopify_sends import store_delivery

PAGES = ("overview", "orders", "customers", "products")


@pytest.fixture
def acme(cast: Cast) -> Shop:
    return shop_of(cast.acme)


@pytest.fixture
def busy(acme: Shop) -> Shop:
    """Acme sold two shirts to Ada and one to a guest yesterday, and two to Ada forty days ago; Ada sent one back."""
    now = datetime.now(UTC)
    acme.receive(
        made.product(variants=(made.variant(sku="S-M", inventory_quantity=4),)),
        made.customer(81),
        placed(1, now - timedelta(days=40), customer_id=81, name="#1001"),
        placed(2, now - timedelta(days=1, minutes=2), customer_id=81, name="#1002", financial_status="paid"),
        placed(
            3,
            now - timedelta(days=1, minutes=1),
            name="#1003",
            email="guest@example.com",
            line_items=(made.line(quantity=1, tax="3.80"),),
            total=Decimal("28.80"),
            refunds=(made.refund(31, 3, now - timedelta(hours=1)),),
            cancelled_at=now,
        ),
    )
    finish_sync(acme)
    return acme


def placed(order_id: int, when: datetime, **changes: Any) -> Order:
    return made.order(order_id=order_id, created_at=when, processed_at=when, updated_at=when, **changes)


def finish_sync(shop: Shop) -> None:
    statement = text("UPDATE stores SET complete_until = now() WHERE tenant_id = :tenant_id")
    with tenant_session(shop.scope.store.tenant_id) as session:
        session.execute(statement, {"tenant_id": shop.scope.store.tenant_id})


def figures(app: AppTest) -> dict[str, tuple[str, str]]:
    """Label → value and change."""
    return {label: (tile["text"], tile["change"]) for label, tile in tiles(app).items()}


def titles(app: AppTest) -> list[str]:
    return [heading.value for heading in app.subheader]


def downloads(app: AppTest) -> list[str]:
    return [link.url for link in app.get("link_button")]


def column(app: AppTest, name: str) -> list[str]:
    """The texts of a column of the page's list."""
    return [row[name] for row in listed(app)]


def lines_of_chart(app: AppTest) -> list[dict[str, Any]]:
    """The lines of the page's chart over time, the front one first."""
    lines: list[dict[str, Any]] = components(app, "chart")[0]["series"]
    return lines


def charts(app: AppTest) -> list[dict[str, Any]]:
    """The charts over time, the lists of bars and the grids of the page."""
    return [data for folder in ("chart", "bars", "heat") for data in components(app, folder)]


def drawn_points(app: AppTest) -> list[Any]:
    """The points of the front line of the chart."""
    points: list[Any] = lines_of_chart(app)[0]["texts"]
    return points


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


def test_the_orders_page_lists_searches_and_narrows(cast: Cast, busy: Shop) -> None:
    app = open_page(cast.alice, "orders")
    assert not app.exception
    assert figures(app) == {
        "Orders": ("2", "+100.0%"),
        "Avg. order value": ("€30.00", "−25.0%"),
        "Items per order": ("1.50", "−25.0%"),
        "Cancelled rate": ("50.0%", "new"),
    }
    assert "2 orders" in titles(app)
    assert column(app, "name") == ["#1003", "#1002"]
    assert column(app, "net_sales") == ["€0.00", "€40.00"]
    assert column(app, "fulfillment_status") == ["Cancelled", "Unfulfilled"]
    assert column(app, "financial_status") == ["", "Paid"], "an unknown status is an empty cell"
    assert links(app)["Ada Lovelace"].startswith("/customer?shop=acme&customer=81")
    assert links(app)["guest@example.com"].startswith("/customer?shop=acme&customer=e%3Aguest%40example.com")

    app.text_input(key="find_order").set_value("ada").run()
    assert column(app, "name") == ["#1002"]
    assert parse_qs(urlsplit(downloads(app)[-1]).query)["search"] == ["ada"]

    app.selectbox(key="status").set_value("Cancelled").run()
    assert not listed(app)
    assert "No order of this period matches" in page_text(app)
    app.text_input(key="find_order").set_value("").run()
    assert column(app, "name") == ["#1003"]
    assert parse_qs(urlsplit(downloads(app)[-1]).query)["status"] == ["cancelled"]


def test_a_long_list_comes_in_pages(cast: Cast, acme: Shop) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    acme.receive(*(placed(n, yesterday, name=f"#{n}", customer_id=n) for n in range(1, 121)))
    for page, name, first in (("orders", "name", "#120"), ("customers", "customer", "Guest")):
        app = open_page(cast.alice, page)
        assert len(listed(app)) == 50
        assert list_data(app)["pager"] == {"number": 1, "last": 3, "text": "1–50 of 120"}
        assert column(app, name)[0] == first
        app.query_params["page"] = "3"
        app.run()
        assert len(listed(app)) == 20
        assert list_data(app)["pager"]["text"] == "101–120 of 120"
        app.text_input[0].set_value("#1" if page == "orders" else "nobody").run()
        assert "page" not in app.query_params, "another search begins on the first page"
        if page == "orders":
            assert list_data(app)["pager"]["number"] == 1


def test_a_list_is_sorted_by_the_address(cast: Cast, busy: Shop) -> None:
    app = open_page(cast.alice, "orders")
    assert column(app, "name") == ["#1003", "#1002"]
    app.query_params["sort"] = "-net_sales"
    app.run()
    assert column(app, "name") == ["#1002", "#1003"]
    assert parse_qs(urlsplit(downloads(app)[-1]).query)["sort"] == ["-net_sales"]
    (header,) = [header for header in list_data(app)["columns"] if header["name"] == "net_sales"]
    assert (header["direction"], header["next"]) == ("descending", "net_sales")


@pytest.mark.parametrize("page", ["orders", "customers", "products"])
@pytest.mark.parametrize("typed", ["-1", "0", "99999999999", "x", "²", "'; --"])
def test_a_sort_or_page_that_is_none_is_the_lists_own(cast: Cast, busy: Shop, page: str, typed: str) -> None:
    app = open_page(cast.alice, page)
    own, own_rows = list_data(app), listed(app)
    app.query_params["sort"], app.query_params["page"] = typed, typed
    app.run()
    assert not app.exception
    assert listed(app) == own_rows
    assert {**list_data(app), "rows": own["rows"]} == own, "but for its links, which lead back to this address"


def test_a_header_explains_its_metric(cast: Cast, busy: Shop) -> None:
    for page in ("orders", "customers", "products"):
        headers = {header["name"]: header["help"] for header in list_data(open_page(cast.alice, page))["columns"]}
        assert headers["net_sales"] == DEFINITIONS["net_sales"].meaning


def test_the_customers_page_separates_new_from_returning(cast: Cast, busy: Shop) -> None:
    app = open_page(cast.alice, "customers")
    assert not app.exception
    assert figures(app) == {
        "Customers": ("2", "+100.0%"),
        "New customers": ("1", "0.0%"),
        "Returning rate": ("50.0%", "new"),
        "Repeat rate": ("0.0%", ""),
        "Days to second order": ("–", ""),
    }
    assert column(app, "customer") == ["Ada Lovelace", "guest@example.com"]
    assert column(app, "orders_to_date") == ["2", "1"]
    assert column(app, "net_sales_to_date") == ["€80.00", "€0.00"]
    assert column(app, "is_new") == ["", "Yes"]
    app.text_input(key="find_customer").set_value("love").run()
    assert column(app, "customer") == ["Ada Lovelace"]
    app.text_input(key="find_customer").set_value("nobody").run()
    assert "No customer of this period matches" in page_text(app)


def test_the_products_page_shows_products_or_variants(cast: Cast, busy: Shop) -> None:
    app = open_page(cast.alice, "products")
    assert not app.exception
    (row,) = listed(app)
    assert (row["title"], row["net_sales"], row["units_sold"], row["units_returned"]) == ("Shirt", "€40.00", "3", "1")
    assert (row["stock"], row["lowest_price"], row["vendor"]) == ("4", "€20.00", "")
    app.get_by_key("rows").set_value("By variant").run()
    (row,) = listed(app)
    assert (row["title"], row["variant"], row["sku"], row["price"]) == ("Shirt", "M", "S-M", "€20.00")
    assert "/exports/variants.csv" in downloads(app)[-1]
    app.text_input(key="find_product").set_value("scarf").run()
    assert not listed(app)
    assert "No product matches" in page_text(app)


def test_sales_without_a_product_stay_in_a_line_of_their_own(cast: Cast, acme: Shop) -> None:
    custom = made.line(12, "7.00", 1, "1.33", title="Engraving", product_id=None, variant_id=None)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    acme.receive(made.product(), placed(1, yesterday, line_items=(made.line(), custom)))
    app = open_page(cast.alice, "products")
    assert column(app, "title") == ["Shirt"]
    assert parse_qs(urlsplit(downloads(app)[-1]).query)["goods"] == ["products"]
    assert app.toggle(key="others").label.replace("\\", "") == "Show 1 sale without a product · €7.00"
    app.toggle(key="others").set_value(True).run()
    assert column(app, "title") == ["Shirt", "Engraving"]
    assert parse_qs(urlsplit(downloads(app)[-1]).query)["goods"] == ["all"]


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


def open_with(person: Person, **query: str) -> AppTest:
    """Open the Overview by an address with this query."""
    app = AppTest.from_file(ENTRY, default_timeout=30)
    app.session_state["session_token"] = sign_in(person)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def test_today_is_a_running_total_beside_yesterday_and_the_same_weekday_last_week(cast: Cast, acme: Shop) -> None:
    now = datetime.now(UTC)
    midnight = acme.days(now.astimezone(acme.zone).date().isoformat()).instants[0]
    finish_sync(acme)
    acme.receive(
        placed(1, now),
        placed(2, now, line_items=(made.line(quantity=1),)),
        placed(3, midnight - timedelta(days=1)),
        placed(4, midnight - timedelta(days=7)),
    )
    app = open_with(cast.alice, range="Today")
    assert not app.exception
    assert "**€20\\.00 ahead of yesterday at this time\\.**" in page_text(app)
    assert [line["name"] for line in lines_of_chart(app)][:2] == ["Today", "Yesterday"]
    app = open_with(cast.alice, range="Today", metric="Orders")
    assert "**1 order ahead of yesterday at this time\\.**" in page_text(app)


def test_today_without_a_comparison_is_one_line_without_a_sentence(cast: Cast, acme: Shop) -> None:
    acme.receive(placed(1, datetime.now(UTC)))
    app = open_with(cast.alice, range="Today", compare="No comparison")
    assert not app.exception
    assert "at this time" not in page_text(app)
    assert [line["name"] for line in lines_of_chart(app)] == ["Today"]


@pytest.mark.parametrize("page", ["overview", "orders", "customers"])
def test_a_chart_over_time_and_its_download_follow_the_chosen_grain(cast: Cast, busy: Shop, page: str) -> None:
    app = open_page(cast.alice, page)
    assert len(drawn_points(app)) == 30
    app.get_by_key("grain").set_value("Week").run()
    assert not app.exception
    assert len(drawn_points(app)) in (5, 6)
    (csv,) = [link for link in downloads(app) if "over-time" in link][:1]
    assert parse_qs(urlsplit(csv).query)["grain"] == ["week"]


def test_a_grain_that_does_not_fit_the_period_falls_back_to_the_periods_own(cast: Cast, busy: Shop) -> None:
    for typed in ("Month", "Hour", "'; --", ""):
        app = open_with(cast.alice, grain=typed)
        assert not app.exception
        assert len(drawn_points(app)) == 30
    app = open_with(cast.alice, grain="Week", range="Last 7 days")
    assert not app.exception
    assert len(drawn_points(app)) == 7


@pytest.mark.parametrize(
    ("page", "caption", "first"),
    [
        ("overview", "Net sales over time", []),
        ("overview", "Sales by product", ["Shirt", "€40.00", "3"]),
        ("products", "Best-selling products", ["Shirt", "€40.00", "3"]),
        ("orders", "Orders over time", []),
        ("customers", "New and repeat customers", []),
    ],
)
def test_a_chart_shows_its_numbers_as_a_table(
    cast: Cast, busy: Shop, page: str, caption: str, first: list[str]
) -> None:
    app = open_page(cast.alice, page)
    assert caption not in tables(app), "it is sent only while it is open"
    app.session_state[f"rows of {caption}"] = True
    app.run()
    assert not app.exception
    rows = tables(app)[caption]
    assert rows[0][: len(first)] == first
    assert first or len(rows) == 30


def test_a_bar_of_the_products_page_opens_its_product_by_keyboard_too(cast: Cast, busy: Shop) -> None:
    app = open_page(cast.alice, "products")
    app.session_state["rows of Best-selling products"] = True
    app.run()
    assert links(app)["Shirt"].startswith("/product?shop=acme&product=")


def test_a_long_table_of_a_chart_has_pages(cast: Cast, busy: Shop) -> None:
    app = open_with(cast.alice, range="Last 90 days")
    app.session_state["rows of Net sales over time"] = True
    app.run()
    (table,) = [drawn for drawn in components(app, "table") if drawn["caption"] == "Net sales over time"]
    assert (len(table["rows"]), table["pager"]) == (50, {"number": 1, "last": 2, "text": "1–50 of 90"})
    app.session_state["page of table of Net sales over time"] = 2
    app.run()
    (table,) = [drawn for drawn in components(app, "table") if drawn["caption"] == "Net sales over time"]
    assert (len(table["rows"]), table["pager"]["text"]) == (40, "51–90 of 90")


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


def test_today_is_compared_with_no_day_before_the_stores_first_order(cast: Cast, acme: Shop) -> None:
    acme.receive(placed(1, datetime.now(UTC)))
    app = open_with(cast.alice, range="Today")
    assert not app.exception
    assert "at this time" not in page_text(app)
    assert [line["name"] for line in lines_of_chart(app)] == ["Today"]
