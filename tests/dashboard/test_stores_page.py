"""The Stores page, run as each of the cast."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from core import accounts, exports, stores
from core.accounts import Role
from core.database import rate_limits, tenant_session
from core.database.models import Remap
from core.domain import MAPPING_VERSION
from core.domain.periods import Period
from core.metrics.sales.contents import Contents
from core.simulator.defaults import SCOPES
from core.sync import remap, runs
from core.sync.runs import RunView
from dashboard.drawing import formats
from dashboard.drawing.words import plain
from dashboard.parts.stores import card, contents, syncs
from tests.cast import Business, Cast
from tests.dashboard.pages import downloads, open_page, page_text, tables
from tests.shopify_sends import ACME_SECRET, give_secret
from tests.stores import grant, seen


def change(business: Business, assignments: str, **values: object) -> None:
    statement = text(f"UPDATE stores SET {assignments} WHERE store_id = :store_id")
    with tenant_session(business.tenant_id) as session:
        session.execute(statement, {"store_id": business.store_id, **values})


def buttons(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def a_run(business: Business, state: str, minutes_ago: int = 0, **values: object) -> None:
    requested_at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    columns = {
        "tenant_id": business.tenant_id,
        "store_id": business.store_id,
        "trigger": "schedule",
        "state": state,
        "requested_at": requested_at,
        "started_at": None if state == "queued" else requested_at,
        "finished_at": requested_at + timedelta(seconds=75) if state in ("succeeded", "failed") else None,
        **values,
    }
    names = ", ".join(columns)
    statement = text(f"INSERT INTO sync_runs ({names}) VALUES ({', '.join(f':{name}' for name in columns)})")
    with tenant_session(business.tenant_id) as session:
        session.execute(statement, columns)


def test_an_owner_sees_the_store_with_its_currency_zone_and_freshness(cast: Cast) -> None:
    now = datetime.now(UTC)
    change(cast.acme, "complete_until = :at, last_ingest_at = :at", at=now - timedelta(days=3))
    app = open_page(cast.alice, "stores")
    assert not app.exception
    assert [heading.value for heading in app.subheader] == ["Acme"]
    page = page_text(app)
    assert "acme\\.myshopify\\.com · EUR · Europe/Berlin · connected 20 Nov 2026" in page
    assert "Complete up to" in page
    assert "Connected" in page
    assert "Globex" not in page


def test_a_user_without_a_store_sees_how_to_connect_the_first(cast: Cast) -> None:
    app = open_page(cast.dana, "stores")
    assert not app.exception
    assert [heading.value for heading in app.subheader] == ["Connect your first store"]
    assert "Type your store's address" in page_text(app)
    assert "Connect store" in buttons(app)


def test_charlie_after_alice_sees_his_own_store_only(cast: Cast) -> None:
    open_page(cast.alice, "stores")
    app = open_page(cast.charlie, "stores")
    assert [heading.value for heading in app.subheader] == ["Globex"]
    assert "acme" not in page_text(app).lower()


@pytest.mark.parametrize(
    ("role", "syncs", "connects"),
    [(Role.OWNER, True, True), (Role.ANALYST, True, False), (Role.VIEWER, False, False)],
)
def test_each_role_finds_the_buttons_it_may_press(cast: Cast, role: Role, syncs: bool, connects: bool) -> None:
    accounts.change_role(cast.alice.actor, cast.bob.user_id, role)
    app = open_page(cast.bob, "stores")
    assert ("Sync now" in buttons(app)) == syncs
    assert ("Disconnect…" in buttons(app)) == connects
    assert ("Connect store" in buttons(app)) == connects


def test_sync_now_asks_for_one_run_however_often_it_is_pressed(cast: Cast) -> None:
    app = open_page(cast.alice, "stores")
    app.button(key=f"sync-{cast.acme.store_id}").click().run()
    (run,) = runs.recent(cast.acme.key)
    assert (run.state, run.trigger) == ("queued", "button")
    assert app.button(key=f"sync-{cast.acme.store_id}").disabled
    assert [bar.text for bar in app.progress] == ["Waiting for its turn…"]
    assert len(runs.recent(cast.acme.key)) == 1


def test_a_click_during_a_sync_asks_for_one_that_follows_and_the_page_says_so(cast: Cast) -> None:
    a_run(cast.acme, "running", minutes_ago=2, records_done=1200, records_total=3600)
    app = open_page(cast.alice, "stores")

    app.button(key=f"sync-{cast.acme.store_id}").click().run()

    assert [run.state for run in runs.recent(cast.acme.key)] == ["queued", "running"]
    assert [bar.text for bar in app.progress] == ["Syncing: 1,200 of 3,600 records, about 4 min left"]
    assert "One more sync follows" in page_text(app)
    assert app.button(key=f"sync-{cast.acme.store_id}").disabled


def test_a_role_that_was_taken_away_since_the_page_opened_is_refused_at_the_click(cast: Cast) -> None:
    accounts.change_role(cast.alice.actor, cast.bob.user_id, Role.ANALYST)
    app = open_page(cast.bob, "stores")
    button = app.button(key=f"sync-{cast.acme.store_id}")
    accounts.change_role(cast.alice.actor, cast.bob.user_id, Role.VIEWER)
    button.click().run()
    assert runs.recent(cast.acme.key) == ()
    assert "Sync now" not in buttons(app)


def test_a_run_under_way_shows_records_bar_and_time_left(cast: Cast) -> None:
    a_run(cast.acme, "running", minutes_ago=2, records_done=1200, records_total=3600)
    app = open_page(cast.alice, "stores")
    (bar,) = app.progress
    assert bar.value == 33
    assert bar.text == "Syncing: 1,200 of 3,600 records, about 4 min left"


def test_a_run_that_was_canceled_did_not_fail_and_the_page_says_how_to_go_on(cast: Cast) -> None:
    a_run(cast.acme, "canceled", error="Canceled.")
    page = page_text(open_page(cast.alice, "stores"))
    assert "Sync canceled" in page
    assert "“Sync now” goes on" in page
    assert "failed" not in page


def test_a_store_that_lacks_nothing_says_that_there_is_nothing_to_do(cast: Cast) -> None:
    change(cast.acme, "complete_until = now()")
    assert "**All good.** Nothing to do" in page_text(open_page(cast.alice, "stores"))


def test_connecting_again_opens_the_form_with_the_address_of_the_store(cast: Cast) -> None:
    stores.mark_reconnect(cast.acme.key, "The token is no longer valid; connect it again.")
    app = open_page(cast.alice, "stores")

    app.button(key=f"step-connect-{cast.acme.store_id}").click().run()

    assert app.text_input(key="connect-domain").value == "acme.myshopify.com"


def test_a_sync_that_ended_while_nobody_looked_says_so_where_it_was_started(cast: Cast) -> None:
    a_run(cast.acme, "succeeded", minutes_ago=40, records_done=15)
    assert ":material/check_circle: Sync finished" in page_text(open_page(cast.alice, "stores"))

    a_run(cast.acme, "succeeded", minutes_ago=30, records_done=15, orders_done=12, orders_new=3)
    assert ": 12 orders, 3 new." in page_text(open_page(cast.alice, "stores"))

    a_run(cast.acme, "failed", minutes_ago=20, error="Shopify did not answer")
    (failure,) = open_page(cast.alice, "stores").error
    assert "Sync failed" in failure.value
    assert "**Next step: sync again.**" in page_text(open_page(cast.alice, "stores"))
    assert "Shopify did not answer\\. The next scheduled sync tries again." in failure.value


def test_past_runs_are_listed_with_their_outcome_newest_first(cast: Cast) -> None:
    a_run(cast.acme, "succeeded", minutes_ago=90, records_done=24311)
    a_run(cast.acme, "failed", minutes_ago=60, records_done=15, error="Shopify did not answer.")
    a_run(cast.globex, "succeeded", minutes_ago=5, records_done=7)
    app = open_page(cast.alice, "stores")
    past = tables(app)["Past syncs"]
    assert [row[1:] for row in past] == [
        ["Failed", "15", "1 min", "On schedule", "Shopify did not answer."],
        ["Done", "24,311", "1 min", "On schedule", ""],
    ]


def test_a_missing_scope_is_named_with_its_cost_and_its_cure(cast: Cast) -> None:
    give_secret(cast.acme, ACME_SECRET)
    grant(cast.acme, ["read_orders", "read_products"])
    change(cast.acme, "webhook_note = 'No public address is set.'")
    app = open_page(cast.alice, "stores")
    page = page_text(app)
    assert "**Next step: grant read\\_customers.**" in page
    assert "Without **read\\_customers**, orders have no names" in page
    assert "then connect the store again" in page
    assert "No public address" not in page, "one step at a time"


@pytest.mark.parametrize(
    ("missing", "cost"),
    [
        ("read_inventory", "stock is known in total only, not by location"),
        ("read_locations", "locations have numbers instead of names"),
        ("read_customer_merge", "a customer who was merged counts as two"),
        ("read_reports", "days are compared by their orders only"),
    ],
)
def test_an_optional_scope_that_is_missing_is_named_with_its_cost(cast: Cast, missing: str, cost: str) -> None:
    give_secret(cast.acme, ACME_SECRET)
    grant(cast.acme, [scope for scope in SCOPES if scope != missing])

    app = open_page(cast.alice, "stores")

    page = page_text(app)
    assert f"Without **{plain(missing)}**, {cost}" in page
    assert "Permissions: 1 optional missing" in [expander.label for expander in app.expander]
    assert "Next step" not in page


def test_objects_that_shopify_denies_despite_a_grant_are_named_with_their_cost(cast: Cast) -> None:
    change(cast.acme, "refused_entities = '{checkouts,locations}'")
    page = page_text(open_page(cast.alice, "stores"))
    assert "**Next step: request access to the hidden fields.**" in page
    assert "Stock by location comes from webhooks only and abandoned checkouts come from webhooks only" in page


def test_denied_fields_are_named_with_their_cost(cast: Cast) -> None:
    change(cast.acme, "withheld_fields = '{firstName,city}'")
    denied = page_text(open_page(cast.alice, "stores"))
    assert "city, firstName" in denied
    assert "Customers have no names" in denied
    assert "orders and customers have no place" in denied
    assert "the cost of goods" not in denied
    assert "then connect the store again" in denied


def test_a_store_that_shopify_locked_us_out_of_says_so_and_cannot_sync(cast: Cast) -> None:
    stores.mark_reconnect(cast.acme.key, "The token is no longer valid; connect it again.")
    app = open_page(cast.alice, "stores")
    assert "The token is no longer valid; connect it again" in page_text(app)
    assert "Sync now" not in buttons(app)
    assert "Everything that was synced is still here" in page_text(app)
    assert "Ask an owner of the business to connect it again" in page_text(open_page(cast.bob, "stores"))
    assert [expander.proto.expanded for expander in app.expander if expander.label == "Connect a store"] == [True]


def test_a_disconnected_store_keeps_its_card_and_offers_the_form(cast: Cast) -> None:
    stores.delete_credentials(cast.acme.key, datetime.now(UTC))
    app = open_page(cast.alice, "stores")
    assert [heading.value for heading in app.subheader] == ["Acme"]
    assert "Sync now" not in buttons(app)
    assert "Connect store" in buttons(app)


@pytest.fixture
def refused(cast: Cast) -> AppTest:
    """Dana's page after a form that Shopify need not be asked about."""
    app = open_page(cast.dana, "stores")
    app.text_input(key="connect-domain").set_value("shop.example.com")
    app.text_input(key="connect-client-id").set_value("an-id")
    app.text_input(key="connect-0-secret").set_value("a-very-secret-secret")
    (submit,) = [button for button in app.button if button.label == "Connect store"]
    submit.click().run()
    return app


def test_a_refused_address_keeps_all_entries_except_the_secret(refused: AppTest, cast: Cast) -> None:
    assert not refused.exception
    assert len(refused.error) == 1
    assert "myshopify" in refused.error[0].value
    assert refused.text_input(key="connect-domain").value == "shop.example.com"
    assert refused.text_input(key="connect-client-id").value == "an-id"
    assert refused.text_input(key="connect-1-secret").value == ""
    assert "a-very-secret-secret" not in str(refused.session_state.to_dict())
    assert stores.list_stores(cast.dana.tenant_id) == ()


def test_a_refusal_is_shown_once(refused: AppTest) -> None:
    assert not refused.run().error


def test_a_refusal_stays_while_the_page_runs_for_news_only(refused: AppTest) -> None:
    refused.session_state["this run is not the viewer's doing"] = True
    assert refused.run().error
    assert not refused.run().error


def test_a_shops_name_is_never_read_as_markup(cast: Cast) -> None:
    change(cast.acme, "name = :name", name="**Bold** <b>x</b> [link](https://evil.example) :red[no]")
    app = open_page(cast.alice, "stores")
    (heading,) = [heading.value for heading in app.subheader]
    escaped = "\\*\\*Bold\\*\\* \\<b\\>x\\</b\\> \\[link\\]\\(https\\:/\u2060/evil\\.example\\) \\:red\\[no\\]"
    assert heading == escaped


NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
A_RUN = RunView(1, 1, "button", "succeeded", NOW, NOW, NOW, 0, None, 0, None)


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (
            Contents(48_210, 0, date(2024, 6, 3), 85, 1),
            "48,210 orders since 3 Jun 2024, 85 products and 1 customer, all from Shopify.",
        ),
        (
            Contents(48_210, 40, date(2024, 6, 3), 85, 410),
            "48,210 orders since 3 Jun 2024, 85 products and 410 customers, 40 of the orders from CSV files.",
        ),
        (
            Contents(1, 1, date(2024, 6, 3), 0, 0),
            "1 order since 3 Jun 2024, 0 products and 0 customers, the orders from CSV files.",
        ),
    ],
)
def test_a_line_says_what_was_read_and_from_where(found: Contents, line: str) -> None:
    assert contents.contents_text(found) == line


@pytest.mark.parametrize(
    ("run", "text"),
    [
        (replace(A_RUN, records_done=15, orders_done=12, orders_new=3), "Sync finished 13:00: 12 orders, 3 new."),
        (replace(A_RUN, records_done=1, orders_done=1, orders_new=0), "Sync finished 13:00: 1 order, none new."),
        (
            replace(A_RUN, records_done=2, orders_done=0, orders_new=0),
            "Sync finished 13:00: no orders, 2 other records.",
        ),
        (replace(A_RUN, orders_done=0, orders_new=0), "Sync finished 13:00: no changes."),
        (
            replace(A_RUN, records_done=48_710, orders_done=48_210, is_first_load=True),
            "First sync finished 13:00: 48,210 orders.",
        ),
    ],
)
def test_a_sync_that_ended_says_when_and_what_it_brought(run: RunView, text: str) -> None:
    assert syncs.outcome_of(run, seen(), NOW).text == text


def the_run(state: str, done: int = 0, total: int | None = None, error: str | None = None) -> RunView:
    return RunView(1, 1, "button", state, NOW, NOW - timedelta(minutes=1), None, done, total, 0, error)


@pytest.mark.parametrize(
    ("run", "text"),
    [
        (the_run("queued"), "Waiting for its turn…"),
        (the_run("running", 250), "Syncing: 250 records so far"),
        (the_run("running", 0, 1000), "Syncing: 0 of 1,000 records"),
        (the_run("running", 500, 1000), "Syncing: 500 of 1,000 records, about 1 min left"),
        (
            the_run("running", 5, 10, "Shopify is busy; we go on in 30 s"),
            "Waiting: Shopify is busy; we go on in 30 s",
        ),
    ],
)
def test_progress_shows_each_known_figure(run: RunView, text: str) -> None:
    assert syncs.progress_text(run, NOW) == text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (-5, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "1 h"), (3600, "1 h"), (7500, "2 h 5 min")],
)
def test_a_span_is_written_in_its_largest_unit(seconds: int, words: str) -> None:
    assert formats.span(timedelta(seconds=seconds)) == words


def a_remap(business: Business, left: int, error: str | None = None) -> None:
    row = Remap(
        tenant_id=business.tenant_id,
        store_id=business.store_id,
        version=MAPPING_VERSION,
        requested_at=datetime.now(UTC),
        orders_total=110_000,
        orders_left=left,
        error=error,
    )
    with tenant_session(business.tenant_id) as session:
        session.add(row)


def test_a_store_whose_past_figures_are_improved_says_how_far_that_is(cast: Cast) -> None:
    a_remap(cast.acme, left=97_660)

    app = open_page(cast.alice, "stores")

    assert not app.exception
    assert "Updating past figures: 12,340 of 110,000 orders" in [bar.text for bar in app.get("progress")]
    assert open_page(cast.charlie, "stores").get("progress") == []


def test_an_improvement_that_waits_says_why_and_that_it_goes_on() -> None:
    waits = remap.Progress(12_340, 110_000, "Shopify is having problems; Xeno will retry")

    assert card.remap_text(waits) == (
        "Updating past figures: 12,340 of 110,000 orders. Paused, and continues by itself: "
        "Shopify is having problems; Xeno will retry"
    )


def test_a_store_is_synced_by_its_button_only_so_often_and_the_page_says_when_it_will_be_again(cast: Cast) -> None:
    app = open_page(cast.alice, "stores")
    bucket = rate_limits.tenant_subject(cast.acme.tenant_id, f"store {cast.acme.store_id}")
    for _ in range(rate_limits.SYNC.burst):
        rate_limits.take(rate_limits.SYNC, bucket, datetime.now(UTC))
    next(button for button in app.button if button.label == "Sync now").click().run()
    assert not app.exception
    assert "This store was synced by hand too often in the last minutes; wait " in page_text(app).replace("\\", "")
    assert runs.recent(cast.acme.key) == ()


def test_past_syncs_download_like_every_table(cast: Cast) -> None:
    a_run(cast.acme, "failed", error="Shopify did not answer", records_done=7)
    assert any("/exports/syncs.csv" in file for file in downloads(open_page(cast.alice, "stores")))
    store = stores.find(cast.acme.key)
    today = datetime.now(UTC).date()
    content = b"".join(exports.stream(store, "syncs", Period(today, today, store.time_zone), {}))
    (row,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert (row["state"], row["records"], row["reason"]) == ("failed", "7", "Shopify did not answer")
