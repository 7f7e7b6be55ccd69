"""The pages that links open, signed in and signed out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core import accounts
from core.accounts import LinkKind, Role
from core.errors import NotFound
from tests.cast import PASSWORD, Cast, sign_in
from tests.dashboard.pages import button_labels, open_link, page_text, press, type_in

EVE = "eve@example.com"


def invited(cast: Cast, email: str = EVE) -> str:
    return accounts.invite(cast.alice.actor, email, Role.ANALYST, datetime.now(UTC)).partition("#")[2]


def test_the_page_of_an_invitation_says_who_invites_where_and_as_what(cast: Cast) -> None:
    app = open_link("invitation", invited(cast))
    assert not app.exception
    page = page_text(app)
    assert "Join Acme" in page
    assert "Alice Archer invites you to Acme" in page
    assert "Analyst: views, downloads, syncs" in page
    assert [tab.label for tab in app.tabs] == ["Create account", "I have an account"]
    assert EVE in [entry.value for entry in app.text_input if entry.disabled]


def test_somebody_invited_creates_an_account_and_is_a_member(cast: Cast) -> None:
    app = open_link("invitation", invited(cast))
    type_in(app, "Your name", "Eve")
    type_in(app, "Password", PASSWORD)
    type_in(app, "Password again", PASSWORD)
    press(app, "Create account and join")
    user = accounts.find_user(EVE)
    assert [(tenant.name, tenant.role) for tenant in accounts.tenants_of(user.user_id)] == [("Acme", Role.ANALYST)]


@pytest.mark.parametrize(
    ("name", "password", "again", "reason"),
    [
        ("", PASSWORD, PASSWORD, "Type your name"),
        ("Eve", "short", "short", "at least 10"),
        ("Eve", PASSWORD, "another one", "passwords differ"),
    ],
)
def test_a_refused_account_says_why_and_the_link_stays_good(
    cast: Cast, name: str, password: str, again: str, reason: str
) -> None:
    token = invited(cast)
    app = open_link("invitation", token)
    type_in(app, "Your name", name)
    type_in(app, "Password", password)
    type_in(app, "Password again", again)
    app = press(app, "Create account and join")
    assert [reason in message.value for message in app.error] == [True]
    assert accounts.open_invitation(token, datetime.now(UTC)).email == EVE


def test_a_signed_in_user_of_another_address_is_warned_and_may_accept(cast: Cast) -> None:
    app = open_link("invitation", invited(cast), cast.dana)
    assert "You are signed in as Dana Draper" in page_text(app)
    assert ["is for eve@" in message.value for message in app.info] == [True]
    app = press(app, "Accept")
    assert 'data-to="/"' in app.html[-1].value
    assert [tenant.name for tenant in accounts.tenants_of(cast.dana.user_id)] == ["Acme", "Initech"]
    # A second click goes the same way, although the link is used up.
    app = app.run()
    assert not app.error
    assert 'data-to="/"' in app.html[-1].value


def test_accepting_shows_the_business_that_invited(cast: Cast) -> None:
    app = open_link("invitation", invited(cast, cast.dana.email), cast.dana)
    assert not app.info
    token = app.session_state["session_token"]
    press(app, "Accept")
    session = accounts.session_of(token, datetime.now(UTC))
    assert session is not None
    assert session.tenant_name == "Acme"


def test_nothing_is_accepted_by_looking_or_by_declining(cast: Cast) -> None:
    token = invited(cast)
    app = open_link("invitation", token, cast.dana)
    assert button_labels(app) == {"Accept", "Use another account", "Not now"}
    app = press(app, "Not now")
    assert 'data-to="/"' in app.html[-1].value
    assert accounts.open_invitation(token, datetime.now(UTC)).email == EVE


def test_somebody_without_a_business_accepts_too(cast: Cast) -> None:
    token = sign_in(cast.bob)
    accounts.remove_member(cast.alice.actor, cast.bob.user_id)
    app = open_link("invitation", invited(cast))
    app.session_state["session_token"] = token
    press(app.run(), "Accept")
    assert [tenant.name for tenant in accounts.tenants_of(cast.bob.user_id)] == ["Acme"]


def test_a_member_who_opens_the_link_is_warned_and_keeps_the_role(cast: Cast) -> None:
    token = invited(cast)
    app = press(open_link("invitation", token, cast.alice), "Accept")
    assert ["You belong to Acme already" in message.value for message in app.error] == [True]
    assert accounts.open_invitation(token, datetime.now(UTC)).email == EVE


@pytest.mark.parametrize("token", ["", "x", "1.made-up", "9" * 100, "é", "1.<b>"])
@pytest.mark.parametrize("kind", list(LinkKind))
def test_a_link_that_is_no_good_says_so_and_names_the_next_step(cast: Cast, kind: str, token: str) -> None:
    app = open_link(kind, token)
    assert not app.exception
    assert ["new link" in message.value for message in app.error] == [True]
    app = press(app, "Go to Xeno")
    assert 'data-to="/"' in app.html[-1].value


def test_a_name_of_a_business_is_never_markup(cast: Cast) -> None:
    accounts.rename_tenant(cast.alice.actor, "**A** [x](http://evil.example)")
    app = open_link("invitation", invited(cast))
    assert "\\*\\*A\\*\\* \\[x\\]" in page_text(app)


def test_an_unknown_kind_of_link_is_the_sign_in_page(cast: Cast) -> None:
    app = open_link("anything", invited(cast))
    assert "Sign in" in button_labels(app)
    with pytest.raises(NotFound):
        accounts.open_invitation("", datetime.now(UTC))


def test_a_forgotten_password_is_replaced_and_every_session_ends(cast: Cast) -> None:
    elsewhere = sign_in(cast.alice)
    token = accounts.create_reset_link(cast.alice.email, datetime.now(UTC)).partition("#")[2]
    app = open_link("reset", token)
    assert "Choose a new password" in page_text(app)
    assert [entry.value for entry in app.text_input if entry.disabled] == [cast.alice.email]
    type_in(app, "Password", "a better password")
    type_in(app, "Password again", "another password")
    app = press(app, "Set password")
    assert ["passwords differ" in message.value for message in app.error] == [True]
    type_in(app, "Password again", "a better password")
    press(app, "Set password")
    assert accounts.session_of(elsewhere, datetime.now(UTC)) is None
    assert accounts.authenticate(cast.alice.email, "a better password", datetime.now(UTC)) == cast.alice.user_id
    with pytest.raises(NotFound):
        accounts.open_reset(token, datetime.now(UTC))


def test_a_registration_is_finished_at_its_link(cast: Cast) -> None:
    token = accounts.create_registration_link(EVE, datetime.now(UTC)).partition("#")[2]
    app = open_link("registration", token)
    assert [entry.value for entry in app.text_input if entry.disabled] == [EVE]
    type_in(app, "Your name", "Eve")
    type_in(app, "Business name", "Eve & Co")
    type_in(app, "Password", PASSWORD)
    type_in(app, "Password again", PASSWORD)
    press(app, "Create account")
    user = accounts.find_user(EVE)
    assert [(tenant.name, tenant.role) for tenant in accounts.tenants_of(user.user_id)] == [("Eve & Co", Role.OWNER)]
