"""The files of targets: each day beside its share of the target, all months, and who changed a target when."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest

from core import exports, stores, targets
from core.domain.periods import Period
from core.targets import TargetMetric
from tests import factories as made
from tests.cast import NOW, Cast
from tests.core.exports.downloads import download
from tests.core.exports.test_workbooks import about, file_of, opened
from tests.core.metrics.conftest import Shop, shop_of
from tests.core.metrics.sales.test_headline import at, utc

NOVEMBER, OCTOBER = date(2026, 11, 1), date(2026, 10, 1)


@pytest.fixture
def acme(cast: Cast) -> Shop:
    """Sell 40.00 on 2 November and 80.00 on the third: too little history for weekdays, so each day counts alike."""
    shop = shop_of(cast.acme)
    shop.receive(
        at(utc(2026, 11, 2, 12), 1),
        at(utc(2026, 11, 3, 12), 2, line_items=(made.line(quantity=4, tax="15.20"),)),
    )
    return shop


@pytest.fixture
def november(acme: Shop) -> Period:
    return acme.days("2026-11-01", "2026-11-30")


def set_target(cast: Cast, month: date, metric: TargetMetric, amount: int) -> None:
    targets.set_target(cast.alice.actor, cast.acme.store_id, month, metric, Decimal(amount), NOW)


def test_each_day_has_its_share_of_the_target_the_sales_and_the_pace(
    cast: Cast, acme: Shop, november: Period
) -> None:
    set_target(cast, NOVEMBER, TargetMetric.NET_SALES, 3000)
    rows = download(acme, "target-days", november)
    assert len(rows) == 30
    assert rows[1] == {
        "day": "2026-11-02",
        "target_share": "0.0333",
        "target_of_day": "100.00",
        "net_sales": "40.00",
        "so_far": "40.00",
        "pace": "200.00",
        "currency": "EUR",
    }
    assert (rows[2]["net_sales"], rows[2]["so_far"], rows[2]["pace"]) == ("80.00", "120.00", "300.00")
    assert rows[-1]["pace"] == "3000.00"


def test_days_to_come_have_a_pace_and_no_sales(cast: Cast, acme: Shop, november: Period) -> None:
    set_target(cast, NOVEMBER, TargetMetric.NET_SALES, 3000)
    store = stores.find(acme.business.key)
    file = b"".join(exports.stream(store, "target-days", november, {}, today=date(2026, 11, 3)))
    rows = list(csv.DictReader(io.StringIO(file.decode("utf-8-sig"), newline="")))
    assert [(row["net_sales"], row["so_far"]) for row in rows[2:4]] == [("80.00", "120.00"), ("", "")]
    assert rows[3]["pace"] == "400.00"


def test_a_target_of_orders_has_a_file_of_its_own(cast: Cast, acme: Shop, november: Period) -> None:
    set_target(cast, NOVEMBER, TargetMetric.ORDERS, 45)
    assert download(acme, "target-days", november) == [], "no target of net sales"
    row = download(acme, "target-days-of-orders", november)[2]
    assert row == {
        "day": "2026-11-03",
        "target_share": "0.0333",
        "target_of_day": "1.5000",
        "orders": "1",
        "so_far": "2",
        "pace": "4.5000",
    }


def test_control_totals_are_the_target_and_the_sales(cast: Cast, acme: Shop, november: Period) -> None:
    set_target(cast, NOVEMBER, TargetMetric.NET_SALES, 3000)
    lines = about(opened(file_of(acme, "target-days", november)))
    assert 3000 in lines["Target of the day"]
    assert 120 in lines["Net sales"]


def test_all_months_have_their_result_and_what_was_removed_has_no_row(
    cast: Cast, acme: Shop, november: Period
) -> None:
    set_target(cast, NOVEMBER, TargetMetric.NET_SALES, 3000)
    set_target(cast, NOVEMBER, TargetMetric.NET_SALES, 240)
    set_target(cast, NOVEMBER, TargetMetric.ORDERS, 8)
    set_target(cast, OCTOBER, TargetMetric.ORDERS, 9)
    targets.remove_target(cast.alice.actor, cast.acme.store_id, OCTOBER, TargetMetric.ORDERS, NOW)
    rows = download(acme, "targets", november)
    assert [tuple(row.values()) for row in rows] == [
        ("2026-11-01", "net_sales", "240.00", "120.00", "EUR", "", "", "0.5000"),
        ("2026-11-01", "orders", "", "", "EUR", "8", "2", "0.2500"),
    ]


def test_the_changes_say_who_set_what_and_when(cast: Cast, acme: Shop, november: Period) -> None:
    set_target(cast, OCTOBER, TargetMetric.ORDERS, 9)
    targets.remove_target(cast.alice.actor, cast.acme.store_id, OCTOBER, TargetMetric.ORDERS, NOW)
    removed, added = download(acme, "target-changes", november)
    assert (removed["is_removed"], removed["target_orders"], removed["set_by"]) == ("yes", "", "Alice Archer")
    assert (added["is_removed"], added["target_orders"], added["set_at"]) == ("no", "9", "2026-11-20 13:00:00")
