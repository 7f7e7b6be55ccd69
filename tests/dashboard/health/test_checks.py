"""A check that a merchant starts: its button, its progress and its end."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from core.reconcile import runs
from tests.cast import Cast
from tests.core.reconcile.checking import end_check
from tests.dashboard.health.page import complete, page, set_scopes, verdict
from tests.dashboard.pages import page_text


def test_the_button_says_how_many_days_it_compares(checked: Cast) -> None:
    set_scopes(checked.acme, ["read_orders", "read_all_orders"])
    app = page(checked.alice)
    assert app.button(key="check").label == "Check the last 60 days"
    app.button(key="check").click().run()
    (run,) = runs.recent(checked.acme.key)
    assert run.days == 60
    end_check(checked.acme.key, run.run_id, datetime.now(UTC))
    assert "60 days" in page_text(page(checked.alice))

    set_scopes(checked.acme, ["read_orders"])
    app = page(checked.alice)
    app.button(key="check").click().run()
    (run, _) = runs.recent(checked.acme.key)
    assert app.button(key="check").label == f"Check the last {run.days} days"
    assert run.days == 59, "which Shopify surely shows"


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
