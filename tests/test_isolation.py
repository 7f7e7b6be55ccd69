"""Nobody crosses from one business into another by way of sessions, roles or pages. (Rows: test_isolation_rows.)"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core import accounts, stores
from core.accounts import Actor, Role
from core.connections import connect
from core.database import StoreKey
from core.errors import NotAllowed, NotFound
from core.shopify.auth import AdminToken
from core.sync import runs
from dashboard.navigation import PAGES
from tests.cast import NOW, PASSWORD, Cast, Person, add_member, sign_in
from tests.dashboard.pages import open_page, page_text

FOREIGN = ("Acme", "acme", "Alice", "Bob Baker")


def test_a_session_never_shows_another_users_businesses(cast: Cast) -> None:
    for person in (cast.alice, cast.bob, cast.charlie, cast.dana):
        session = accounts.session_of(sign_in(person, NOW), NOW)
        assert session is not None
        assert session.tenant_id == person.tenant_id
        assert {tenant.tenant_id for tenant in session.tenants} == {person.tenant_id}


@pytest.mark.parametrize("page", [page.file for page in PAGES])
def test_charlie_sees_nothing_of_acme_on_any_page_right_after_alice_looked(cast: Cast, page: str) -> None:
    assert not open_page(cast.alice, page).exception
    app = open_page(cast.charlie, page)
    assert not app.exception
    everything = page_text(app) + str([element.value for element in app.main if hasattr(element, "value")])
    assert [word for word in FOREIGN if word in everything] == []


def test_a_store_number_of_another_business_in_the_address_shows_ones_own_store(cast: Cast) -> None:
    app = open_page(cast.charlie)
    app.query_params["store"] = str(cast.acme.store_id)
    app.run()
    assert not app.exception
    assert "Globex" in page_text(app)
    assert "Acme" not in page_text(app)


def test_no_role_reaches_into_another_business_by_naming_its_numbers(cast: Cast) -> None:
    stranger = Actor(cast.charlie.user_id, cast.acme.tenant_id)
    with pytest.raises(NotAllowed):
        runs.request_sync(stranger, cast.acme.store_id, NOW)
    with pytest.raises(NotAllowed):
        connect.connect(stranger, "acme.myshopify.com", AdminToken("shpat_x", "secret"), NOW)
    with pytest.raises(NotAllowed):
        connect.disconnect(stranger, cast.acme.store_id, NOW)
    assert runs.recent(cast.acme.key) == ()
    assert stores.find(cast.acme.key).state == "connected"


def test_ones_own_role_does_not_open_a_store_of_another_business(cast: Cast) -> None:
    with pytest.raises(NotFound):
        connect.disconnect(cast.charlie.actor, cast.acme.store_id, NOW)
    assert stores.find(cast.acme.key).state == "connected"
    assert runs.recent(StoreKey(cast.charlie.tenant_id, cast.acme.store_id)) == ()


def test_who_was_removed_is_out_at_the_next_click(cast: Cast) -> None:
    app = open_page(cast.bob, "stores")
    assert [heading.value for heading in app.subheader] == ["Acme"]
    accounts.remove_member(cast.alice.actor, cast.bob.user_id)
    app.run()
    assert "Acme" not in page_text(app)
    assert not app.title


def test_a_session_ended_elsewhere_shows_nothing_more_on_the_page_that_is_open(cast: Cast) -> None:
    token = sign_in(cast.alice)
    app = open_page(cast.alice, "stores", token=token)
    accounts.revoke(token, datetime.now(UTC))
    app.run()
    assert page_text(app) == ""


def test_after_switching_business_the_pages_are_the_other_ones(cast: Cast) -> None:
    add_member(cast.charlie.actor, cast.alice.email, Role.VIEWER, NOW)
    token = sign_in(cast.alice)
    assert "Acme" in page_text(open_page(cast.alice, "stores", token=token))
    accounts.switch_tenant(token, cast.globex.tenant_id, datetime.now(UTC))
    app = open_page(cast.alice, "stores", token=token)
    assert [heading.value for heading in app.subheader] == ["Globex"]
    assert "Sync now" not in {button.label for button in app.button}


def test_the_role_of_one_business_is_not_carried_into_another(cast: Cast) -> None:
    add_member(cast.charlie.actor, cast.alice.email, Role.VIEWER, NOW)
    with pytest.raises(NotAllowed, match="Your role here is viewer"):
        runs.request_sync(Actor(cast.alice.user_id, cast.globex.tenant_id), cast.globex.store_id, NOW)


def _knows_the_password(person: Person) -> bool:
    return accounts.authenticate(person.email, PASSWORD, NOW) == person.user_id


def test_a_password_opens_its_own_account_only(cast: Cast) -> None:
    assert all(_knows_the_password(person) for person in (cast.alice, cast.bob, cast.charlie, cast.dana))


def test_being_added_to_a_strangers_business_leads_nobody_into_it(cast: Cast) -> None:
    accounts.rename_tenant(cast.charlie.actor, "AAA, first of all")
    add_member(cast.charlie.actor, cast.alice.email, Role.OWNER, NOW + timedelta(days=1))
    session = accounts.session_of(sign_in_afresh(cast.alice), datetime.now(UTC))
    assert session is not None
    assert session.tenant_id == cast.acme.tenant_id


def test_a_tab_never_acts_on_the_business_that_another_tab_switched_to(cast: Cast) -> None:
    add_member(cast.charlie.actor, cast.alice.email, Role.OWNER, NOW)
    token = sign_in(cast.alice)
    tab = open_page(cast.alice, "settings", token)
    assert "Members" in page_text(tab)
    accounts.switch_tenant(token, cast.globex.tenant_id, datetime.now(UTC))
    tab.run()
    assert page_text(tab) == ""


def sign_in_afresh(person: Person) -> str:
    """A session in which no business was chosen yet."""
    now = datetime.now(UTC)
    return accounts.redeem_ticket(accounts.issue_ticket(person.user_id, "nonce", now), "nonce", now)
