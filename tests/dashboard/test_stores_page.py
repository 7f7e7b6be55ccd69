"""The Stores page, run as each of the cast."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from core import accounts, stores
from core.accounts import Role
from core.metrics.sales.contents import Contents
from dashboard.parts.stores import contents
from tests.cast import Cast
from tests.dashboard.pages import open_page, page_text
from tests.dashboard.parts.stores.cards import buttons, change


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


def test_a_store_that_lacks_nothing_says_that_there_is_nothing_to_do(cast: Cast) -> None:
    change(cast.acme, "complete_until = now()")
    assert "**All good.** Nothing to do" in page_text(open_page(cast.alice, "stores"))


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


def test_a_shops_name_is_never_read_as_markup(cast: Cast) -> None:
    change(cast.acme, "name = :name", name="**Bold** <b>x</b> [link](https://evil.example) :red[no]")
    app = open_page(cast.alice, "stores")
    (heading,) = [heading.value for heading in app.subheader]
    escaped = "\\*\\*Bold\\*\\* \\<b\\>x\\</b\\> \\[link\\]\\(https\\:/\u2060/evil\\.example\\) \\:red\\[no\\]"
    assert heading == escaped


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
