"""The Explore page as each of the cast: choose, filter, compare, save, open, rename and delete."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from openpyxl import load_workbook
from streamlit.testing.v1 import AppTest

from core import exports, reports, stores
from core.domain.periods import Preset, preset
from core.errors import InvalidInput
from core.metrics.explore import Dimension, Filter, Measure, Question
from tests import factories as made
from tests.cast import Cast
from tests.core.metrics.conftest import Shop, shop_of
from tests.dashboard.pages import (
    button_labels,
    components,
    links,
    listed,
    open_page,
    open_record,
    page_text,
    press,
    tiles,
    type_in,
)

NOW = datetime.now(UTC)
SHIRT = {"first": "Shirt", "net_sales": "€80.00", "orders": "2"}


@pytest.fixture
def acme(cast: Cast) -> Shop:
    return shop_of(cast.acme)


@pytest.fixture
def busy(acme: Shop) -> Shop:
    """Two orders of the last 30 days, from Germany and France, and one of the 30 days before."""
    acme.receive(
        made.product(),
        placed(1, NOW - timedelta(days=40), country="DE"),
        placed(2, NOW - timedelta(days=5), country="DE", source_name="web"),
        placed(3, NOW - timedelta(days=2), country="FR", source_name="web"),
    )
    return acme


def placed(order_id: int, when: datetime, **changes: Any) -> Any:
    fields = {"name": f"#{order_id}", "created_at": when, "processed_at": when, "updated_at": NOW} | changes
    return made.order(order_id=order_id, **fields)


def rows(app: AppTest) -> list[dict[str, str]]:
    assert not app.exception
    return listed(app)


def test_the_page_begins_with_sales_and_orders_by_product(cast: Cast, busy: Shop) -> None:
    app = open_page(cast.alice, "explore")
    assert rows(app) == [SHIRT]
    assert {label: tile["text"] for label, tile in tiles(app).items()} == {"Net sales": "€80.00", "Orders": "2"}
    assert tiles(app)["Net sales"]["before"] == "€40.00"


def test_a_bar_opens_what_the_row_of_the_same_name_opens(cast: Cast, busy: Shop) -> None:
    app = open_page(cast.alice, "explore")
    (bar,) = components(app, "bars")[0]["bars"]
    assert bar["href"] == links(app)[bar["name"]]
    assert bar["href"].startswith("/product?shop=acme&product=7")


def test_figures_dimensions_and_filters_are_chosen_and_stand_in_the_address(cast: Cast, busy: Shop) -> None:
    app = open_page(cast.alice, "explore")
    app.selectbox(key="by").set_value("Country").run()
    assert [(row["first"], row["net_sales"]) for row in rows(app)] == [("Germany", "€40.00"), ("France", "€40.00")]
    app.selectbox(key="and_by").set_value("Month").run()
    assert len(rows(app)) >= 2
    app.selectbox(key="only").set_value("Country").run()
    app.multiselect(key="are").set_value(["Germany (DE)"]).run()
    assert [row["first"] for row in rows(app)] == ["Germany"]
    app.multiselect(key="figures").set_value([]).run()
    assert not app.exception
    assert "Choose from one to 6 different figures" in page_text(app)


def test_an_address_opens_with_its_choices_and_a_forged_one_with_the_pages_own(cast: Cast, busy: Shop) -> None:
    app = open_record(cast.alice, "explore", by="Country")
    assert {row["first"] for row in rows(app)} == {"France", "Germany"}
    forged = open_record(cast.alice, "explore", by="o.email; DROP TABLE orders", only="password", are="'; --")
    assert rows(forged) == [SHIRT]


def test_days_have_a_line_and_the_days_before_beside_them(cast: Cast, busy: Shop) -> None:
    app = open_page(cast.alice, "explore")
    app.selectbox(key="by").set_value("Day").run()
    assert len(rows(app)) == 2
    (chart,) = components(app, "chart")
    assert chart["kind"] == "lines"
    assert len(chart["places"]) == 30


def test_two_dimensions_have_a_chart_of_the_largest_values(cast: Cast, busy: Shop) -> None:
    app = open_record(cast.alice, "explore", by="Country", and_by="Day")
    assert len(rows(app)) == 2
    (chart,) = app.get("plotly_chart")
    series = {trace["name"]: trace["y"] for trace in json.loads(chart.proto.spec)["data"]}
    assert {name: (len(y), sum(y)) for name, y in series.items()} == {"France": (30, 40), "Germany": (30, 40)}
    assert "Not complete" in page_text(app), "today"


def test_a_filter_stays_and_single_orders_have_no_chart(cast: Cast, busy: Shop) -> None:
    filtered = {"by": "Country", "and_by": "Day", "only": "Country", "are": "Germany (DE)"}
    (chart,) = open_record(cast.alice, "explore", **filtered).get("plotly_chart")
    assert [trace["name"] for trace in json.loads(chart.proto.spec)["data"]] == ["Germany"]
    app = open_record(cast.alice, "explore", by="Country", and_by="Order")
    assert (len(rows(app)), len(app.get("plotly_chart"))) == (2, 0)


def test_a_report_is_saved_opened_by_a_colleague_renamed_and_deleted(cast: Cast, busy: Shop) -> None:
    app = open_page(cast.alice, "explore")
    app.selectbox(key="by").set_value("Sales channel").run()
    type_in(app, "Name", "Channels")
    press(app, "Save")
    assert "Channels is saved" in page_text(app)
    theirs = open_page(cast.bob, "explore")
    assert not {"Save", "Rename"} & button_labels(theirs)
    press(theirs, "Open")
    assert [row["first"] for row in rows(theirs)] == ["Online store"]
    type_in(app, "New name", "By channel")
    app.run()
    press(app, "Rename")
    assert [report.name for report in reports.list_reports(cast.bob.actor)] == ["By channel"]
    (sure,) = app.checkbox
    sure.check().run()
    press(app, "Delete")
    assert reports.list_reports(cast.bob.actor) == ()


def test_an_opened_report_brings_its_filters(cast: Cast, busy: Shop) -> None:
    asked = Question(
        (Measure.ORDERS,), (Dimension.CHANNEL, Dimension.COUNTRY), (Filter(Dimension.COUNTRY, ("DE", None)),)
    )
    reports.save_report(cast.alice.actor, "German", asked, NOW)
    app = press(open_page(cast.alice, "explore"), "Open")
    assert [(row["first"], row["second"], row["orders"]) for row in rows(app)] == [("Online store", "Germany", "1")]


def test_the_file_has_the_columns_and_rows_of_the_question(cast: Cast, busy: Shop) -> None:
    store = stores.find(cast.acme.key)
    asked = Question((Measure.NET_SALES, Measure.RETURN_RATE), (Dimension.PRODUCT, Dimension.COUNTRY))
    period = preset(Preset.LAST_30_DAYS, store.time_zone, NOW)
    given = {"question": json.dumps(asked.to_json())}
    text = b"".join(exports.stream(store, "explore", period, given)).decode("utf-8-sig")
    found = list(csv.DictReader(io.StringIO(text)))
    assert [(row["product_title"], row["country"], row["net_sales"], row["currency"]) for row in found] == [
        ("Shirt", "DE", "40.00", "EUR"),
        ("Shirt", "FR", "40.00", "EUR"),
    ]
    workbook = load_workbook(
        io.BytesIO(b"".join(exports.stream(store, "explore", period, given, format=exports.Format.EXCEL)))
    )
    facts = {str(row[0]): row[1] for row in reversed(list(workbook["About"].iter_rows(values_only=True)))}
    assert (facts["Measures"], facts["By"], facts["Net sales"]) == (
        "Net sales, Return rate",
        "product, country",
        80,
    )
    for forged in ("", "{}", "[" * 7000, '{"measures": ["x"], "dimensions": [], "filters": []}', "x" * 9000):
        with pytest.raises(InvalidInput):
            exports.stream(store, "explore", period, {"question": forged})


def test_an_empty_store_and_no_store_say_what_to_do(cast: Cast, acme: Shop) -> None:
    app = open_page(cast.alice, "explore")
    assert not app.exception
    assert "Nothing was sold that matches" in page_text(app)
    app = open_page(cast.dana, "explore")
    assert not app.exception
    assert not app.multiselect


def test_charlie_sees_nothing_of_alices_figures_and_reports(cast: Cast, busy: Shop) -> None:
    reports.save_report(cast.alice.actor, "Secret", Question((Measure.ORDERS,), (Dimension.DAY,)), NOW)
    open_page(cast.alice, "explore")
    app = open_page(cast.charlie, "explore")
    assert rows(app) == []
    assert "Secret" not in page_text(app)
