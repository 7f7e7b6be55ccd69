"""A question is made of closed lists: what an address or a saved report says beyond them is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from core.database import StoreKey, tenant_session
from core.errors import InvalidInput, TooMuch
from core.metrics import Scope
from core.metrics.explore import Dimension, Filter, Measure, Question, ResultKey, answer, values_of
from core.metrics.explore.answer import limited
from core.metrics.sorting import Sort
from tests import factories as made
from tests.cast import Cast
from tests.core.metrics.conftest import Shop

NOVEMBER = ("2026-11-01", "2026-11-30")
SALES, ORDERS = Measure.NET_SALES, Measure.ORDERS


def test_a_question_survives_being_written_and_read() -> None:
    asked = Question((SALES, ORDERS), (Dimension.COUNTRY, Dimension.DAY), (Filter(Dimension.CODE, ("A'; --", None)),))
    assert Question.from_json(asked.to_json()) == asked


@pytest.mark.parametrize(
    "written",
    [
        None,
        [],
        "text",
        {},
        {"measures": "net_sales", "dimensions": ["day"], "filters": []},
        {"measures": ["net_sales; DROP TABLE sales"], "dimensions": ["day"], "filters": []},
        {"measures": ["net_sales"], "dimensions": ["o.email"], "filters": []},
        {"measures": [], "dimensions": ["day"], "filters": []},
        {"measures": ["net_sales"], "dimensions": [], "filters": []},
        {"measures": ["net_sales"], "dimensions": ["day", "day"], "filters": []},
        {"measures": ["net_sales"], "dimensions": ["day", "week", "month"], "filters": []},
        {"measures": ["net_sales"], "dimensions": ["day"], "filters": [{"dimension": "code", "values": [1]}]},
        {"measures": ["net_sales"], "dimensions": ["day"], "filters": [{"dimension": "code", "values": []}]},
        {"measures": ["net_sales"], "dimensions": ["day"], "filters": [{"dimension": "code", "values": ["\0"]}]},
        {"measures": ["net_sales"], "dimensions": ["day"], "filters": [{"dimension": "code", "values": ["x" * 256]}]},
        {"measures": ["net_sales"], "dimensions": ["day"], "filters": [{"values": ["x"]}]},
        {"measures": [["net_sales"]], "dimensions": ["day"], "filters": []},
    ],
)
def test_what_is_no_question_is_refused(written: Any) -> None:
    with pytest.raises(InvalidInput):
        Question.from_json(written)


def test_every_measure_can_be_sorted_by() -> None:
    assert {str(key) for key in ResultKey} == {*map(str, Measure), "first", "second"}


@pytest.fixture
def busy(acme: Shop) -> Shop:
    """Two orders on 2 November and one on the 4th."""
    for number, day in ((1, 2), (2, 2), (3, 4)):
        at = datetime(2026, 11, day, 12, tzinfo=UTC)
        acme.receive(
            made.product(),
            made.order(order_id=number, created_at=at, processed_at=at, source_name=f"shop {number}", country="DE"),
        )
    return acme


def test_rows_are_sorted_paged_and_counted(busy: Shop) -> None:
    period = busy.days(*NOVEMBER)
    by_day = busy.ask(answer, period, Question((ORDERS, SALES), (Dimension.DAY,)))
    assert [(row.keys, row.values[ORDERS]) for row in by_day.rows] == [(("2026-11-02",), 2), (("2026-11-04",), 1)]
    asked = Question((SALES,), (Dimension.CHANNEL, Dimension.DAY))
    last = busy.ask(answer, period, asked, 1, 2, Sort(ResultKey.FIRST))
    assert ([row.keys for row in last.rows], last.count) == ([("shop 3", "2026-11-04")], 3)
    beyond = busy.ask(answer, period, asked, 1, 3)
    assert (beyond.rows, beyond.count) == ((), 3)
    newest = busy.ask(answer, period, asked, 1, 0, Sort(ResultKey.SECOND, is_descending=True))
    assert [row.keys[1] for row in newest.rows] == ["2026-11-04"]
    assert busy.ask(answer, period, asked, sort=Sort(ResultKey.TAXES)).count == 3, "not among the figures"


def test_a_value_of_a_filter_cannot_leave_its_quotes(busy: Shop) -> None:
    for typed in ("' OR true --", "%(tenant_id)s", ":start", "$$", "\\'", "{}"):
        asked = Question((SALES,), (Dimension.DAY,), (Filter(Dimension.CHANNEL, (typed,)),))
        assert busy.ask(answer, busy.days(*NOVEMBER), asked).rows == ()


def test_products_and_variants_have_titles_even_if_the_catalogue_lost_them(busy: Shop) -> None:
    at = datetime(2026, 11, 5, 12, tzinfo=UTC)
    lost = made.line(19, product_id=99, variant_id=991, title="Lost hat", variant_title="Red")
    busy.receive(made.order(order_id=9, created_at=at, processed_at=at, line_items=(lost,)))
    titles = {
        dimension: {
            row.titles[0] for row in busy.ask(answer, busy.days(*NOVEMBER), Question((SALES,), (dimension,))).rows
        }
        for dimension in (Dimension.PRODUCT, Dimension.VARIANT)
    }
    assert titles == {
        Dimension.PRODUCT: {"Shirt", "Lost hat"},
        Dimension.VARIANT: {"Shirt · M", "Lost hat · Red"},
    }


def test_values_to_filter_by_come_with_the_most_sold_first(busy: Shop) -> None:
    period = busy.days(*NOVEMBER)
    assert busy.ask(values_of, period, Dimension.COUNTRY, 5) == (("DE", None),)
    assert busy.ask(values_of, period, Dimension.PRODUCT, 5) == (("7", "Shirt"),)


def test_a_question_that_takes_too_long_ends_with_its_cure(cast: Cast) -> None:
    with (
        tenant_session(cast.acme.tenant_id) as session,
        pytest.raises(TooMuch, match="Choose a shorter period"),
        limited(session, 0.05),
    ):
        session.execute(text("SELECT pg_sleep(60)"))


def test_another_business_gets_nothing(busy: Shop, cast: Cast) -> None:
    foreign = Scope(StoreKey(cast.charlie.tenant_id, busy.scope.store.store_id))
    with tenant_session(cast.charlie.tenant_id) as session:
        for dimension in Dimension:
            for scope in (foreign, busy.scope):
                found = answer(session, scope, busy.days(*NOVEMBER), Question((SALES, ORDERS), (dimension,)))
                assert (found.rows, found.count, found.whole) == ((), 0, {SALES: 0, ORDERS: 0})
