"""The syncs of a store on its card: the button, the run under way, what it brought, and past runs."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core import accounts, exports, stores
from core.accounts import Role
from core.database import rate_limits, tenant_session
from core.database.models import Remap
from core.domain import MAPPING_VERSION
from core.domain.periods import Period
from core.sync import remap, runs
from core.sync.runs import RunView
from dashboard.parts.stores import card, syncs
from tests.cast import Business, Cast, add_store
from tests.dashboard.pages import downloads, open_page, page_text, tables
from tests.dashboard.parts.stores.cards import a_run, buttons
from tests.stores import seen


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
    past = tables(app)["Past syncs of acme.myshopify.com"]
    assert [row[1:] for row in past] == [
        ["Failed", "15", "1 min", "On schedule", "Shopify did not answer."],
        ["Done", "24,311", "1 min", "On schedule", ""],
    ]


def test_past_syncs_download_like_every_table(cast: Cast) -> None:
    a_run(cast.acme, "failed", error="Shopify did not answer", records_done=7)
    assert any("/exports/syncs.csv" in file for file in downloads(open_page(cast.alice, "stores")))
    store = stores.find(cast.acme.key)
    today = datetime.now(UTC).date()
    content = b"".join(exports.stream(store, "syncs", Period(today, today, store.time_zone), {}))
    (row,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert (row["state"], row["records"], row["reason"]) == ("failed", "7", "Shopify did not answer")


def test_a_store_is_synced_by_its_button_only_so_often_and_the_page_says_when_it_will_be_again(cast: Cast) -> None:
    app = open_page(cast.alice, "stores")
    bucket = rate_limits.tenant_subject(cast.acme.tenant_id, f"store {cast.acme.store_id}")
    for _ in range(rate_limits.SYNC.burst):
        rate_limits.take(rate_limits.SYNC, bucket, datetime.now(UTC))
    next(button for button in app.button if button.label == "Sync now").click().run()
    assert not app.exception
    assert "This store was synced by hand too often in the last minutes; wait " in page_text(app).replace("\\", "")
    assert runs.recent(cast.acme.key) == ()


NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
A_RUN = RunView(1, 1, "button", "succeeded", NOW, NOW, NOW, 0, None, 0, None)


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
    waits = remap.Progress(12_340, 110_000, "Shopify is having problems; Xeno will retry.")

    assert card.remap_text(waits) == (
        "Updating past figures: 12,340 of 110,000 orders. Paused, and continues by itself: "
        "Shopify is having problems; Xeno will retry\\."
    )


def test_two_stores_of_one_name_have_their_past_syncs(cast: Cast) -> None:
    second = add_store(cast.alice.tenant_id, "Acme", "acme-us.myshopify.com", "USD", "America/New_York")
    for business in (cast.acme, second):
        a_run(business, "succeeded")
    app = open_page(cast.alice, "stores")
    assert not app.exception
    assert {"Past syncs of acme.myshopify.com", "Past syncs of acme-us.myshopify.com"} <= tables(app).keys()
