"""Tickets and sessions: the rows behind the cookie."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from core import accounts
from core.accounts import Role
from core.config import settings
from core.database import system_session
from core.database.models import SignInTicket, UserSession
from core.errors import NotAllowed, NotSignedIn
from tests.cast import NOW, PASSWORD, Cast, add_member, sign_in


def seen(token: str, now=NOW) -> accounts.SessionView:
    session = accounts.session_of(token, now)
    assert session is not None
    return session


def rows(model: type) -> int:
    with system_session() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_a_session_says_who_where_and_as_what(cast: Cast) -> None:
    bob = seen(sign_in(cast.bob, NOW))
    assert (bob.user_id, bob.name, bob.email) == (cast.bob.user_id, "Bob Baker", "bob@acme.example")
    assert (bob.tenant_id, bob.tenant_name, bob.role) == (cast.acme.tenant_id, "Acme", Role.VIEWER)
    assert [tenant.name for tenant in bob.tenants] == ["Acme"]


def test_a_ticket_makes_one_session_only(cast: Cast) -> None:
    ticket = accounts.issue_ticket(cast.alice.user_id, "nonce", NOW)
    assert seen(accounts.redeem_ticket(ticket, "nonce", NOW)).name == "Alice Archer"
    with pytest.raises(NotSignedIn, match="sign in again"):
        accounts.redeem_ticket(ticket, "nonce", NOW)


def test_a_ticket_redeemed_ten_times_at_once_makes_one_session(cast: Cast) -> None:
    ticket = accounts.issue_ticket(cast.alice.user_id, "nonce", NOW)
    with ThreadPoolExecutor(10) as pool:
        outcomes = [pool.submit(accounts.redeem_ticket, ticket, "nonce", NOW) for _ in range(10)]
    assert sum(outcome.exception() is None for outcome in outcomes) == 1
    assert rows(UserSession) == 1


def test_a_ticket_is_of_no_use_to_another_browser_and_is_spent_by_its_try(cast: Cast) -> None:
    ticket = accounts.issue_ticket(cast.alice.user_id, "nonce", NOW)
    for nonce in ("another browser's", "nonce"):
        with pytest.raises(NotSignedIn):
            accounts.redeem_ticket(ticket, nonce, NOW)


def test_a_ticket_older_than_half_a_minute_is_refused(cast: Cast) -> None:
    fresh, old = (accounts.issue_ticket(cast.alice.user_id, "nonce", NOW) for _ in range(2))
    accounts.redeem_ticket(fresh, "nonce", NOW + timedelta(seconds=29))
    with pytest.raises(NotSignedIn):
        accounts.redeem_ticket(old, "nonce", NOW + timedelta(seconds=30))


@pytest.mark.parametrize("ticket", ["", "x", "é" * 20, "nul\0byte"])
def test_a_made_up_ticket_is_refused(clean_database: None, ticket: str) -> None:
    with pytest.raises(NotSignedIn):
        accounts.redeem_ticket(ticket, "nonce", NOW)


@pytest.mark.parametrize("token", ["", "x", "é" * 20, "nul\0byte"])
def test_a_made_up_token_is_nobody(clean_database: None, token: str) -> None:
    assert accounts.session_of(token, NOW) is None
    assert accounts.user_of(token, NOW) is None


def test_the_database_keeps_neither_tokens_nor_tickets(cast: Cast) -> None:
    ticket = accounts.issue_ticket(cast.alice.user_id, "nonce", NOW)
    token = sign_in(cast.bob, NOW)
    with system_session() as session:
        kept = [*session.scalars(select(UserSession.token_hash)), *session.scalars(select(SignInTicket.ticket_hash))]
    assert all(secret.encode() not in value for secret in (ticket, token) for value in kept)


def test_a_session_ends_with_its_age(cast: Cast) -> None:
    token = sign_in(cast.alice, NOW)
    age = timedelta(days=settings().session_days)
    for days in (6, 12):  # in use meanwhile: idleness has a test of its own
        accounts.touch_session(token, NOW + timedelta(days=days))
    assert accounts.session_of(token, NOW + age - timedelta(seconds=1)) is not None
    assert accounts.session_of(token, NOW + age) is None


def test_signing_out_ends_this_browser_only(cast: Cast) -> None:
    here, there = sign_in(cast.alice, NOW), sign_in(cast.alice, NOW)
    accounts.revoke(here, NOW)
    accounts.revoke(here, NOW)
    assert accounts.session_of(here, NOW) is None
    assert accounts.session_of(there, NOW) is not None


def test_signing_out_everywhere_ends_every_browser_of_this_user_only(cast: Cast) -> None:
    here, there, bobs = sign_in(cast.alice, NOW), sign_in(cast.alice, NOW), sign_in(cast.bob, NOW)
    accounts.revoke_all(cast.alice.user_id, NOW)
    assert [accounts.session_of(token, NOW) is None for token in (here, there, bobs)] == [True, True, False]


def test_a_user_of_two_businesses_switches_and_each_browser_remembers_its_own(cast: Cast) -> None:
    add_member(cast.charlie.actor, cast.alice.email, Role.ANALYST, NOW)
    laptop, phone = sign_in(cast.alice, NOW), sign_in(cast.alice, NOW)
    accounts.switch_tenant(laptop, cast.globex.tenant_id, NOW)
    assert (seen(laptop).tenant_name, seen(laptop).role) == ("Globex", Role.ANALYST)
    assert (seen(phone).tenant_name, seen(phone).role) == ("Acme", Role.OWNER)
    assert [tenant.name for tenant in seen(phone).tenants] == ["Acme", "Globex"]


def test_only_members_can_switch_to_a_business(cast: Cast) -> None:
    token = sign_in(cast.alice, NOW)
    with pytest.raises(NotAllowed):
        accounts.switch_tenant(token, cast.globex.tenant_id, NOW)
    assert seen(token).tenant_id == cast.acme.tenant_id


def test_an_ended_session_switches_nothing(cast: Cast) -> None:
    token = sign_in(cast.alice, NOW)
    accounts.revoke(token, NOW)
    with pytest.raises(NotAllowed):
        accounts.switch_tenant(token, cast.acme.tenant_id, NOW)


def test_who_is_removed_goes_on_with_another_business_or_is_nowhere(cast: Cast) -> None:
    add_member(cast.charlie.actor, cast.bob.email, Role.VIEWER, NOW)
    token = sign_in(cast.bob, NOW)
    accounts.remove_member(cast.alice.actor, cast.bob.user_id)
    assert seen(token).tenant_name == "Globex"
    accounts.remove_member(cast.charlie.actor, cast.bob.user_id)
    assert accounts.session_of(token, NOW) is None
    assert accounts.user_of(token, NOW) == cast.bob.user_id


def test_a_changed_role_holds_at_the_next_click(cast: Cast) -> None:
    token = sign_in(cast.bob, NOW)
    accounts.change_role(cast.alice.actor, cast.bob.user_id, Role.ANALYST)
    assert seen(token).role is Role.ANALYST


def test_purging_deletes_ended_rows_only(cast: Cast) -> None:
    good, ended = sign_in(cast.alice, NOW), sign_in(cast.bob, NOW)
    accounts.revoke(ended, NOW)
    accounts.issue_ticket(cast.alice.user_id, "nonce", NOW - timedelta(minutes=1))
    for moment in (NOW - timedelta(days=2), NOW):
        with pytest.raises(NotSignedIn):
            accounts.authenticate(f"nobody-{moment:%d}@example.com", PASSWORD, moment)
    # A session, a ticket, and the two counts of the old try: of its address, and of its address from its network.
    assert accounts.purge_expired(NOW) == 4
    assert accounts.purge_expired(NOW) == 0
    assert seen(good).name == "Alice Archer"


def test_an_idle_session_ends_after_a_week(cast: Cast) -> None:
    token = sign_in(cast.alice, NOW)
    week = timedelta(days=settings().session_idle_days)
    assert accounts.session_of(token, NOW + week - timedelta(seconds=1)) is not None
    assert accounts.session_of(token, NOW + week) is None
    assert accounts.user_of(token, NOW + week) is None
    assert accounts.browsers_of(cast.alice.user_id, token, NOW + week) == ()
    assert accounts.purge_expired(NOW + week) >= 1
    assert rows(UserSession) == 0


def test_a_session_in_use_goes_on_and_notes_it_every_five_minutes_only(cast: Cast) -> None:
    token = sign_in(cast.alice, NOW)
    for minutes, seen_at in ((4, NOW), (5, NOW + timedelta(minutes=5)), (9, NOW + timedelta(minutes=5))):
        accounts.touch_session(token, NOW + timedelta(minutes=minutes))
        assert seen(token).last_seen_at == seen_at
    six_days = timedelta(days=6)
    for days in (1, 2):
        accounts.touch_session(token, NOW + days * six_days)
        assert accounts.session_of(token, NOW + days * six_days) is not None
    after_fourteen_days = NOW + timedelta(days=settings().session_days)
    accounts.touch_session(token, after_fourteen_days)
    assert accounts.session_of(token, after_fourteen_days) is None


def browser(cast: Cast, user_agent: str, now: datetime = NOW) -> str:
    return accounts.redeem_ticket(accounts.issue_ticket(cast.alice.user_id, "n", now), "n", now, user_agent)


def test_a_user_sees_only_their_own_browsers_this_one_first(cast: Cast) -> None:
    browser(cast, "Old", NOW - timedelta(hours=2))
    phone, desk = browser(cast, "Phone", NOW - timedelta(hours=1)), browser(cast, "Desk" + "!" * 9999)
    sign_in(cast.bob, NOW)
    listed = accounts.browsers_of(cast.alice.user_id, phone, NOW)
    assert [(each.user_agent[:5], each.is_this) for each in listed] == [
        ("Phone", True),
        ("Desk!", False),
        ("Old", False),
    ]
    assert len(listed[1].user_agent) == 300
    assert [each.is_this for each in accounts.browsers_of(cast.alice.user_id, desk, NOW)] == [True, False, False]


def test_one_browser_is_signed_out_and_the_others_stay(cast: Cast) -> None:
    phone, desk = browser(cast, "Phone"), browser(cast, "Desk")
    _, other = accounts.browsers_of(cast.alice.user_id, desk, NOW)
    for _ in range(2):
        accounts.end_session(cast.alice.user_id, other.session_id, NOW)
    assert accounts.session_of(phone, NOW) is None
    assert accounts.session_of(desk, NOW) is not None


def test_a_user_cannot_end_another_users_session_by_its_number(cast: Cast) -> None:
    token = sign_in(cast.alice, NOW)
    (browser,) = accounts.browsers_of(cast.alice.user_id, token, NOW)
    accounts.end_session(cast.charlie.user_id, browser.session_id, NOW)
    assert accounts.session_of(token, NOW) is not None
