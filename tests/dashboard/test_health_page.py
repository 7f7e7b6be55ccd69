"""The Data health page: each day against Shopify's own count, what was repaired, and what differs by name."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from streamlit.testing.v1 import AppTest

from core.database import tenant_session
from core.database.models import Arrival, DayCheck, Delivery, RollupAudit, Store
from core.domain import Kind, Unreadable
from core.domain.periods import Period
from core.metrics.health import Day, NamedOrder
from core.reconcile import runs
from core.webhooks import apply
from dashboard.drawing import calendar_chart, formats
from tests.cast import Business, Cast, Person
from tests.core.reconcile.checking import end_check
from tests.dashboard.pages import component_data, links, open_page, page_text, tables
from tests.factories import agreement, order, sale
from tests.shopify_sends import store_delivery
from tests.stored import write

BERLIN = ZoneInfo("Europe/Berlin")
CHECKED = datetime(2026, 11, 20, 2, 20, tzinfo=UTC)


def ago(days: int) -> date:
    return datetime.now(BERLIN).date() - timedelta(days=days)


def note(business: Business, day: date, state: str = "equal", **changes: Any) -> None:
    """A day as it was compared."""
    values = {"ours": 4, "theirs": 4, "currency": "EUR", "orders": [], "checked_at": datetime.now(UTC)}
    key = {"tenant_id": business.tenant_id, "store_id": business.store_id, "day": day, "state": state}
    with tenant_session(business.tenant_id) as session:
        session.execute(insert(DayCheck).values(**key | values | changes))


def complete(business: Business) -> None:
    with tenant_session(business.tenant_id) as session:
        session.execute(update(Store).where(business.key.owns(Store)).values(complete_until=datetime.now(UTC)))


def page(person: Person) -> AppTest:
    app = open_page(person, "health")
    assert not app.exception
    return app


def verdict(app: AppTest) -> str:
    """The first sentence of the page, in plain text."""
    boxes = [*app.success, *app.warning]
    return boxes[0].value.partition("**")[2].partition("**")[0] if boxes else ""


def unequal(app: AppTest) -> list[list[str]]:
    """The table of the days that were not equal: day, order, finding, state, orders here and there, totals."""
    return [row[:8] for row in tables(app).get("Days that were not equal", [])]


@pytest.fixture
def checked(cast: Cast) -> Cast:
    """Acme's last three days: equal, repaired, and one that differs."""
    complete(cast.acme)
    note(cast.acme, ago(1))
    note(cast.acme, ago(2), "repaired", orders=[{"order_id": 1, "name": "#1001", "what": "missing"}])
    note(
        cast.acme,
        ago(3),
        "differs",
        ours=3,
        our_total=Decimal("90.50"),
        their_total=Decimal("120.75"),
        orders=[{"order_id": 2, "name": "#1002", "what": "deleted"}],
    )
    return cast


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


def test_the_button_says_how_many_days_it_compares(checked: Cast) -> None:
    _scopes(checked.acme, ["read_orders", "read_all_orders"])
    app = page(checked.alice)
    assert app.button(key="check").label == "Check the last 60 days"
    app.button(key="check").click().run()
    (run,) = runs.recent(checked.acme.key)
    assert run.days == 60
    end_check(checked.acme.key, run.run_id, datetime.now(UTC))
    assert "60 days" in page_text(page(checked.alice))

    _scopes(checked.acme, ["read_orders"])
    app = page(checked.alice)
    app.button(key="check").click().run()
    (run, _) = runs.recent(checked.acme.key)
    assert app.button(key="check").label == f"Check the last {run.days} days"
    assert run.days == 59, "which Shopify surely shows"


def _scopes(business: Business, scopes: list[str]) -> None:
    with tenant_session(business.tenant_id) as session:
        session.execute(update(Store).where(business.key.owns(Store)).values(scopes=scopes))


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


def test_the_share_by_webhook_is_of_the_changes_first_heard_of(checked: Cast) -> None:
    key = {"tenant_id": checked.acme.tenant_id, "store_id": checked.acme.store_id, "day": ago(1)}
    with tenant_session(checked.acme.tenant_id) as session:
        session.execute(insert(Arrival).values([key | {"source": "webhook", "changes": 49}]))
        session.execute(insert(Arrival).values([key | {"source": "api", "changes": 1}]))
    assert "98.0% of 50 order changes came by webhook first" in page_text(page(checked.alice))


def test_unreadable_records_are_shown_with_the_reason(cast: Cast) -> None:
    records = [Unreadable(Kind.ORDER, number, "the API's order: name is missing") for number in (123, 124)]
    write(cast.acme, *records)
    write(cast.globex, Unreadable(Kind.ORDER, 999, "the API's order: total is not a number"))
    text = page_text(page(cast.alice))
    assert "**2 records could not be read**: order 123: name is missing; order 124: name is missing." in text
    assert "999" not in text

    write(cast.acme, order(order_id=123), order(order_id=124))
    assert "could not be read" not in page_text(page(cast.alice))


def test_some_of_many_unreadable_records_are_named(cast: Cast) -> None:
    write(cast.acme, *[Unreadable(Kind.CUSTOMER, number, "the API's customer: id is missing") for number in range(8)])
    text = page_text(page(cast.alice))
    assert "**8 records could not be read**" in text
    assert "and 3 more" in text


def test_a_check_is_asked_for_and_its_progress_shown(checked: Cast) -> None:
    app = page(checked.alice)
    app.button(key="check").click().run()
    (run,) = runs.recent(checked.acme.key)
    assert (run.state, run.trigger) == ("running", "button")
    app = page(checked.alice)
    assert app.button(key="check").disabled
    assert app.button(key="check-all").disabled


def test_a_check_that_failed_says_why(checked: Cast) -> None:
    run_id = runs.request(checked.alice.actor, checked.acme.store_id, datetime.now(UTC))
    end_check(checked.acme.key, run_id, datetime.now(UTC), error="The shop is *closed*")
    (failure,) = page(checked.alice).error
    assert failure.value.startswith("**Check failed ")
    assert "The shop is \\*closed\\*" in failure.value


def test_a_check_that_ended_says_so_below_its_buttons(checked: Cast) -> None:
    run_id = runs.request(checked.alice.actor, checked.acme.store_id, datetime.now(UTC))
    end_check(checked.acme.key, run_id, datetime.now(UTC))
    (news,) = page(checked.alice).success
    assert re.match(r"Check finished \d\d:\d\d: \d+ days compared\.", news.value)


def test_a_viewer_sees_the_days_but_cannot_ask_for_a_check(checked: Cast) -> None:
    app = page(checked.bob)
    assert "1 day differs" in verdict(app)
    assert "check" not in [button.key for button in app.button]


def test_before_the_first_check_it_says_when_it_comes(cast: Cast) -> None:
    assert "After the first sync" in page_text(page(cast.alice))
    complete(cast.acme)
    assert "You can start a check now" in page_text(page(cast.alice))
    assert "An owner or analyst can start a check now" in page_text(page(cast.bob))
    runs.request(cast.alice.actor, cast.acme.store_id, datetime.now(UTC))
    assert "No day has been checked yet" not in page_text(page(cast.alice)), "while it is under way"


def test_without_a_store_the_page_says_to_connect_one(cast: Cast) -> None:
    assert "Connect your first store" in page_text(page(cast.dana))


def test_another_business_never_sees_the_days(checked: Cast) -> None:
    assert "1 day differs" in verdict(page(checked.alice))
    app = page(checked.charlie)
    assert verdict(app) == ""
    assert "#1002" not in page_text(app)


def compared(day: date, state: str) -> Day:
    named = (NamedOrder(1, "#1", "missing"),)
    return Day(day, state, 3, 4, None, None, "EUR", named, CHECKED, None)


def test_the_calendar_has_a_column_a_week_and_a_sign_where_a_day_was_not_equal() -> None:
    # 2 November 2026 is a Monday.
    shown = Period(date(2026, 11, 4), date(2026, 11, 17), BERLIN)
    days = [compared(date(2026, 11, 4), "equal"), compared(date(2026, 11, 9), "repaired")]
    days.append(compared(date(2026, 11, 17), "differs"))
    shown_data = calendar_chart.payload(days, shown, "Days", lambda day: f"/orders?start={day}")
    assert shown_data["weeks"] == ["2 Nov", "9 Nov", "16 Nov"]
    cells = {
        (row["name"], week): cell
        for row in shown_data["days"]
        for week, cell in zip(("2 Nov", "9 Nov", "16 Nov"), row["cells"], strict=True)
    }
    signs = {place: cell["sign"] for place, cell in cells.items() if cell and cell["sign"]}
    assert signs == {("Mon", "9 Nov"): "↻", ("Tue", "16 Nov"): "≠"}, "and none for an equal day"
    assert cells["Tue", "16 Nov"] == {
        "name": "Tue 17 Nov 2026",
        "text": "Differs, orders: 3 here, 4 at Shopify",
        "state": "differs",
        "sign": "≠",
        "href": "/orders?start=2026-11-17",
    }
    assert cells["Thu", "2 Nov"] == {
        "name": "Thu 5 Nov 2026",
        "text": "not checked",
        "state": "unchecked",
        "sign": "",
        "href": None,
    }
    assert cells["Tue", "2 Nov"] is cells["Wed", "16 Nov"] is None, "which are outside the period"


def test_a_click_on_a_day_of_the_calendar_leads_to_its_orders(checked: Cast) -> None:
    data = component_data(page(checked.alice), "calendar")
    compared_cells = [cell for row in data["days"] for cell in row["cells"] if cell and cell["href"]]
    assert {cell["href"] for cell in compared_cells} == {
        f"/orders?range=Custom&start={ago(days)}&end={ago(days)}" for days in (1, 2, 3)
    }
    assert ": 1 equal, 1 repaired, 1 differs" in data["label"]


def test_without_read_reports_the_page_says_that_totals_are_not_compared(checked: Cast) -> None:
    sentence = "Orders are counted; totals are not compared without **read\\_reports**."
    assert sentence in page_text(page(checked.alice))


def test_reports_that_shopify_denies_despite_a_grant_are_mentioned_too(checked: Cast) -> None:
    with tenant_session(checked.acme.tenant_id) as session:
        session.execute(update(Store).values(scopes=["read_orders", "read_reports"]))

    assert "totals are not compared. Shopify shows its reports only to apps that it approved" in page_text(
        page(checked.alice)
    )


def test_compared_totals_need_no_note(cast: Cast) -> None:
    complete(cast.acme)
    note(cast.acme, ago(1), our_total=Decimal("90.50"), their_total=Decimal("90.50"))
    note(cast.acme, ago(0))

    assert "totals are not compared" not in page_text(page(cast.alice))


def test_sales_of_an_unknown_kind_are_named_as_in_no_figure(cast: Cast) -> None:
    complete(cast.acme)
    assert "does not know yet" not in page_text(page(cast.alice))
    known, strange = sale(), sale("carbon_offset", total="2.38", tax="0.38")
    write(cast.acme, order(name="#1_0_1", agreements=(agreement(known, strange),)))
    write(cast.acme, order(order_id=2, name="#1002", agreements=(agreement(known),)))
    text = page_text(page(cast.alice))
    assert "**1 order has sales of a kind that Xeno does not know yet**: " in text
    assert "1\\_0\\_1: €2\\.38. These" in text
    for number in range(3, 9):
        write(cast.acme, order(order_id=number, name=f"#{number}", agreements=(agreement(strange),)))
    text = page_text(page(cast.alice))
    assert "**7 orders have sales of a kind" in text
    assert "; and 2 more. These sales are in no figure" in text


def reasons(app: AppTest) -> list[tuple[str, str]]:
    """The webhooks that were not applied, by reason, as the page lists them."""
    return [(row[0], row[1]) for row in tables(app).get("Webhooks not applied", [])]


def receive(business: Business, *webhooks: tuple[str, bytes]) -> None:
    """Store these topics and bodies as received today, and apply them."""
    for topic, body in webhooks:
        store_delivery(business, topic, body)
    now = datetime.now(UTC)
    with tenant_session(business.tenant_id) as session:
        session.execute(update(Delivery).values(received_at=now))
    apply.apply_pending(business.key, now)


def test_webhooks_that_were_not_applied_are_counted_by_reason(cast: Cast) -> None:
    receive(
        cast.acme, ("orders/create", b"not json"), ("orders/create", b"[]"), ("tender_transactions/create", b"{}")
    )

    app = page(cast.alice)

    assert reasons(app) == [("Unreadable", "2"), ("Unused topic", "1")]
    assert "Every webhook of this period was applied" not in page_text(app)


def test_when_every_webhook_was_applied_the_page_says_so(cast: Cast) -> None:
    app = page(cast.alice)
    assert "Every webhook of this period was applied in full." in page_text(app)
    assert reasons(app) == []


def test_another_business_never_sees_why_webhooks_were_not_applied(cast: Cast) -> None:
    receive(cast.acme, ("orders/create", b"not json"))
    assert reasons(page(cast.charlie)) == []


@pytest.mark.parametrize(
    ("differing", "sentence"),
    [
        (0, "The sums of all pages were recomputed from the orders at"),
        (3, "3 sums differed from the orders at"),
    ],
)
def test_the_page_says_whether_the_sums_equal_the_orders(cast: Cast, differing: int, sentence: str) -> None:
    complete(cast.acme)
    assert sentence not in page_text(page(cast.alice)), "no audit ran yet"
    with tenant_session(cast.acme.tenant_id) as session:
        session.add(
            RollupAudit(**cast.acme.key.parameters, audited_at=datetime.now(UTC), differing=differing),
        )
    assert sentence in page_text(page(cast.alice))
    assert sentence not in page_text(page(cast.charlie))
