"""What all pages share: how fresh the figures are, and who goes on seeing news of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core import accounts, stores
from core.stores import StoreState, StoreView
from dashboard.parts.page import freshness
from tests.cast import Cast, sign_in
from tests.core.metrics.conftest import shop_of
from tests.dashboard.pages import open_page, page_text, tiles
from tests.dashboard.reports import figures, placed

NOW = datetime(2026, 11, 21, 13, 2, tzinfo=UTC)


@pytest.fixture
def store(cast: Cast) -> StoreView:
    """Acme's, complete up to two minutes ago."""
    acme = stores.find(cast.acme.key)
    return replace(acme, complete_until=NOW - timedelta(minutes=2))


def test_a_store_with_webhooks_is_live(store: StoreView) -> None:
    assert freshness(store, NOW) == ":material/bolt: Complete up to 14:00 · newer orders come in live"


def test_a_store_without_webhooks_says_when_news_comes(store: StoreView) -> None:
    quiet = replace(store, webhook_note="No public address is set.")
    assert freshness(quiet, NOW) == (
        ":material/schedule: Complete up to 14:00 · newer orders come with the next sync"
    )


def test_figures_of_a_first_sync_are_not_called_complete(store: StoreView) -> None:
    assert "not complete yet" in freshness(replace(store, complete_until=None), NOW)


@pytest.mark.parametrize("state", [StoreState.RECONNECT, StoreState.DISCONNECTED])
def test_a_store_that_is_cut_off_says_why_and_is_not_live(store: StoreView, state: StoreState) -> None:
    cut = replace(store, state=state, state_reason="The token was revoked; connect it again.")
    note = freshness(cut, NOW)
    assert "The token was revoked" in note
    assert "live" not in note


def test_an_open_page_runs_again_when_the_store_has_news_and_only_then(cast: Cast) -> None:
    shop = shop_of(cast.acme)
    app = open_page(cast.alice)
    before = stores.find(shop.scope.store).revision
    shop.receive(placed(1, datetime.now(UTC)))
    assert stores.find(shop.scope.store).revision == (before or 0) + 1
    app.run()
    assert figures(app)["Orders"][0] == "1"


def test_a_user_signed_out_elsewhere_sees_the_sign_in_page_at_the_next_run(cast: Cast) -> None:
    app = open_page(cast.alice, token=(token := sign_in(cast.alice)))
    assert "Acme" in page_text(app)
    accounts.revoke(token, datetime.now(UTC))
    app.run()
    assert not tiles(app)
    assert "Acme" not in page_text(app)


def test_a_removed_member_sees_no_more_of_the_business(cast: Cast) -> None:
    app = open_page(cast.bob)
    assert "Acme" in page_text(app)
    accounts.remove_member(cast.alice.actor, cast.bob.user_id)
    app.run()
    assert not tiles(app)
    assert "**Acme**" not in page_text(app)
