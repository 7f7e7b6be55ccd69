"""A row of Explore opens its orders: the totals there are the row's figures, and the orders add up to them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest

from core.domain.periods import Period
from core.metrics.explore import Dimension, Filter, Measure, Question, answer
from dashboard.drawing.explore_words import DIMENSIONS, MEASURES, key_of
from dashboard.parts.explore import drill
from tests import factories as made
from tests.cast import Cast
from tests.core.metrics.conftest import Shop, shop_of
from tests.dashboard.pages import list_data, listed, open_record, page_text, tiles

ADDED = (Measure.NET_SALES, Measure.SHIPPING, Measure.TAXES, Measure.RETURNS, Measure.ORDERS)
DAY = timedelta(days=1)
NOW = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - DAY


@pytest.fixture
def acme(cast: Cast) -> Shop:
    """Make a shop with orders of several properties, a return on a later day, and a code."""
    shop = shop_of(cast.acme)
    shop.receive(
        made.product(vendor="Loom", product_type="Shirts", tags=("Summer", "Sale")),
        made.product(8, title="Mug", variants=(made.variant(81),)),
        made.customer(81),
        order(1, NOW - 20 * DAY, country="DE", province="Berlin", city="Berlin", customer_id=81, tags=("vip", "b2b")),
        order(2, NOW - 12 * DAY, country="DE", source_name="web", customer_id=81, discount_codes=("WELCOME",)),
        order(3, NOW - 3 * DAY, country="FR", source_name="pos", location_id=5, location_name="Paris (centre)"),
        order(4, NOW - 3 * DAY, line_items=(made.line(), made.line(12, product_id=8, variant_id=81))),
        made.refund(32, 1, NOW - 2 * DAY),
    )
    return shop


def order(order_id: int, at: datetime, **changes: object) -> object:
    fields = {"created_at": at, "processed_at": at, "updated_at": at, "name": f"#{order_id}"} | changes
    return made.order(order_id=order_id, **fields)


def read(address: str, period: Period) -> tuple[Question, Period]:
    """The question and the period of an address, as the page reads them."""
    query = parse_qs(urlsplit(address).query)
    measures = {label: measure for measure, label in MEASURES.items()}
    dimensions = {label: dimension for dimension, label in DIMENSIONS.items()}
    filters = []
    for only, are in drill.FILTER_PARAMETERS:
        if only in query:
            dimension = dimensions[query[only][0]]
            filters.append(Filter(dimension, tuple(key_of(dimension, text) for text in query[are])))
    if "start" in query:
        start, end = (date.fromisoformat(query[name][0]) for name in ("start", "end"))
        period = Period(start, end, period.zone)
    asked = Question(
        tuple(measures[label] for label in query["figures"]), (dimensions[query["by"][0]],), tuple(filters)
    )
    return asked, period


def check(shop: Shop, question: Question) -> int:
    """Open every row and compare; return how many rows opened."""
    period = Period((NOW - 29 * DAY).date(), NOW.date(), shop.zone)
    opened = 0
    for row in shop.ask(answer, period, question).rows:
        address = drill.orders_address(question, row.keys, row.titles, period, {"range": "Last 30 days"})
        if address is None:
            continue
        asked, days = read(address, period)
        found = shop.ask(answer, days, asked)
        assert found.whole == row.values, row.keys
        for measure in ADDED:
            if measure in question.measures:
                total = sum((Decimal(each.values[measure] or 0) for each in found.rows), Decimal(0))
                assert total == row.values[measure], (row.keys, measure)
        opened += 1
    return opened


@pytest.mark.parametrize("dimension", [each for each in Dimension if each is not Dimension.ORDER])
def test_the_orders_of_a_row_add_up_to_it(acme: Shop, dimension: Dimension) -> None:
    assert check(acme, Question((*ADDED, Measure.CUSTOMERS), (dimension,)))


def test_rows_of_two_dimensions_and_filters_add_up_too(acme: Shop) -> None:
    germany = Filter(Dimension.COUNTRY, ("DE", "FR"))
    assert check(acme, Question(ADDED, (Dimension.WEEK, Dimension.CUSTOMER), (germany,)))
    assert check(acme, Question(ADDED, (Dimension.PRODUCT, Dimension.COUNTRY), (germany,)))
    online = Filter(Dimension.CHANNEL, (None,))
    assert check(acme, Question(ADDED, (Dimension.DAY, Dimension.MONTH), (germany, online)))


def test_a_month_that_the_period_cuts_opens_its_days_of_the_period() -> None:
    period = Period(date(2026, 3, 20), date(2026, 5, 9), ZoneInfo("Europe/Berlin"))
    question = Question((Measure.NET_SALES,), (Dimension.MONTH,))
    days = []
    for month in ("2026-03-01", "2026-04-01", "2026-05-01"):
        query = parse_qs(urlsplit(drill.orders_address(question, (month,), (None,), period, {}) or "").query)
        days.append((query["range"], query["start"], query["end"]))
    assert days == [
        (["Custom"], ["2026-03-20"], ["2026-03-31"]),
        (["Custom"], ["2026-04-01"], ["2026-04-30"]),
        (["Custom"], ["2026-05-01"], ["2026-05-09"]),
    ]


def test_a_value_that_reads_as_another_one_opens_nothing() -> None:
    period = Period(date(2026, 3, 1), date(2026, 3, 9), ZoneInfo("Europe/Berlin"))
    question = Question((Measure.NET_SALES,), (Dimension.ORDER_TAG,))
    assert drill.orders_address(question, ("Without a value",), (None,), period, {}) is None
    assert drill.orders_address(question, (None,), (None,), period, {})


def test_a_click_shows_the_orders_with_the_figures_of_the_row(cast: Cast, acme: Shop) -> None:
    page = open_record(cast.alice, "explore", by="Country")
    germany = next(row for row in listed(page) if row["first"] == "Germany")
    hrefs = [row[0]["href"] for row in list_data(page)["rows"]]
    address = next(href for href in hrefs if "Germany" in href)
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items() if name != "figures"}
    opened = open_record(cast.alice, "explore", **query)
    assert tiles(opened)["Net sales"]["text"] == germany["net_sales"]
    assert {row["first"] for row in listed(opened)} == {"#1", "#2"}
    assert "Click a row to see the orders" in page_text(page)
