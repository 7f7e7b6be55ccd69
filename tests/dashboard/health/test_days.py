"""Each day against Shopify's own count: what was repaired, and what differs by name."""

from __future__ import annotations

from decimal import Decimal

from dashboard.drawing import formats
from tests.cast import Cast
from tests.dashboard.health.page import ago, complete, note, page, unequal, verdict
from tests.dashboard.pages import links, page_text


def test_one_sentence_says_whether_something_differs_and_the_odd_days_are_named(checked: Cast) -> None:
    app = page(checked.alice)
    assert verdict(app) == (
        "1 day differs from Shopify; the other 2 are equal\\. 27 days of this period are not checked yet\\."
    )
    assert [row[1:6] for row in unequal(app)] == [
        ["#1001", "was missing here and was fetched", "↻ Repaired", "4", "4"],
        ["#1002", "is in Shopify’s list, but Shopify reported its deletion", "≠ Differs", "3", "4"],
    ]
    assert unequal(app)[1][6:] == ["€90.50", "€120.75"]
    assert "Complete up to" in page_text(app)
    assert "vs previous period" not in page_text(app), "which nothing here is compared with"
    assert "compare" not in [select.key for select in app.selectbox]


def test_when_all_is_equal_it_says_so(cast: Cast) -> None:
    complete(cast.acme)
    note(cast.acme, ago(1))
    app = page(cast.alice)
    assert verdict(app) == "Every checked day equals Shopify’s count\\. 29 days of this period are not checked yet\\."
    assert unequal(app) == []


def test_a_period_that_is_equal_day_by_day_says_how_many_totals_agree(cast: Cast) -> None:
    complete(cast.acme)
    for days in range(30):
        totals = {"our_total": Decimal(5), "their_total": Decimal(5)} if days else {}
        note(cast.acme, ago(days), "repaired" if days == 7 else "equal", **totals)
    assert verdict(page(cast.alice)) == (
        "Every day of this period equals Shopify’s count; totals compared for 29 of 30 days\\. "
        "1 day had faults here that were repaired\\."
    )


def test_a_day_opens_its_orders_and_a_finding_its_order(checked: Cast) -> None:
    opened = links(page(checked.alice))
    day = ago(2)
    assert opened[formats.weekday(day)] == f"/orders?range=Custom&start={day}&end={day}"
    assert opened["#1001"].startswith("/order?shop=acme&order=1")
    assert "#1002" not in opened, "which is not stored here"


def test_a_faulty_day_outside_the_period_is_not_hidden(checked: Cast) -> None:
    note(checked.acme, ago(100), "differs")
    assert "1 day outside this period needs attention" in page_text(page(checked.alice))


def test_each_reason_for_a_missing_order_has_its_own_text(cast: Cast) -> None:
    complete(cast.acme)
    orders = [
        {"order_id": 1, "name": "#1", "what": "unreadable", "reason": "the API's order: total is missing"},
        {"order_id": 2, "name": "#2", "what": "taken for deleted", "reason": None},
        {"order_id": 3, "name": "#3", "what": "not fetched"},
        {"order_id": 4, "name": "#4", "what": "refused"},
    ]
    note(cast.acme, ago(1), "differs", orders=orders)
    app = page(cast.alice)
    assert [row[1:3] for row in unequal(app)] == [
        ["#1", "is in Shopify, but cannot be read (total is missing)"],
        ["#2", "is in Shopify’s list, but counts as deleted, as Shopify returned nothing for it"],
        ["#3", "is in Shopify’s list, but could not be fetched"],
        ["#4", "is in Shopify, but not here"],
    ]
    assert "the reason stands beside it" in page_text(app)
    assert "restored" not in page_text(app), "which no webhook told to be deleted"


def test_an_uncompared_day_is_shown_with_the_reason(checked: Cast) -> None:
    assert "could not be compared" not in verdict(page(checked.alice)), "where there is none"
    note(checked.acme, ago(4), "uncompared", theirs=None, reason="Shopify refused *that* day")
    app = page(checked.alice)
    assert verdict(app).startswith(
        "1 day differs from Shopify and 1 day could not be compared; the other 2 are equal"
    )
    assert "Shopify refused \\*that\\* day" in page_text(app)
    assert unequal(app)[-1][2:4] == ["Shopify refused *that* day", "? Unknown"]


def test_without_a_store_the_page_says_to_connect_one(cast: Cast) -> None:
    assert "Connect your first store" in page_text(page(cast.dana))


def test_another_business_never_sees_the_days(checked: Cast) -> None:
    assert "1 day differs" in verdict(page(checked.alice))
    app = page(checked.charlie)
    assert verdict(app) == ""
    assert "#1002" not in page_text(app)
