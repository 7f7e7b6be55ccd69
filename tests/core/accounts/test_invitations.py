"""Invitations: the one way into a business, and the tries that do not lead into it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import select

from core import accounts
from core.accounts import Actor, InvitationState, Role
from core.config import settings
from core.database import rate_limits, tenant_session
from core.database.models import Invitation
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound, RateLimited
from tests.cast import NOW, PASSWORD, Cast, add_member, sign_in

EVE = "eve@example.com"
WEEK = timedelta(days=7)


def token_of(link: str) -> str:
    return link.partition("#")[2]


def invited(cast: Cast, email: str = EVE, role: Role = Role.ANALYST) -> str:
    return token_of(accounts.invite(cast.alice.actor, email, role, NOW))


def roles(actor: Actor) -> dict[str, Role]:
    return {member.name.split()[0]: member.role for member in accounts.members(actor)}


def states(cast: Cast, now=NOW) -> list[tuple[str, str]]:
    return [(each.email, each.state.value) for each in accounts.invitations(cast.alice.actor, now)]


def test_a_link_names_the_public_address_and_hides_its_secret_behind_the_hash(cast: Cast) -> None:
    link = accounts.invite(cast.alice.actor, EVE, Role.VIEWER, NOW)
    assert link.startswith(f"{settings().public_url}/auth/invitation#{cast.acme.tenant_id}.")
    with tenant_session(cast.acme.tenant_id) as session:
        kept = session.scalars(select(Invitation.token_hash).where(Invitation.email == EVE)).one()
    assert kept is not None
    assert kept.hex() not in link
    assert token_of(link).encode() not in kept


def test_opening_the_link_shows_the_offer_and_uses_nothing_up(cast: Cast) -> None:
    token = invited(cast)
    for _ in range(2):
        offer = accounts.open_invitation(token, NOW)
        assert (offer.tenant_name, offer.inviter, offer.email, offer.role) == (
            "Acme",
            "Alice Archer",
            EVE,
            Role.ANALYST,
        )
    assert states(cast)[0] == (EVE, "open")


def test_an_invited_person_registers_into_the_business_without_one_of_their_own(cast: Cast) -> None:
    user_id = accounts.register_invited(invited(cast), " Eve  Evans ", PASSWORD, NOW)
    assert [(tenant.name, tenant.role) for tenant in accounts.tenants_of(user_id)] == [("Acme", Role.ANALYST)]
    assert accounts.authenticate(EVE, PASSWORD, NOW) == user_id
    assert accounts.find_user(EVE).name == "Eve Evans"
    assert states(cast)[0] == (EVE, "accepted")


def test_a_person_with_an_account_of_any_address_accepts_with_it(cast: Cast) -> None:
    token = token_of(accounts.invite(cast.alice.actor, " DANA@initech.example", Role.ANALYST, NOW))
    assert accounts.accept_invitation(token, cast.dana.user_id, NOW) == cast.acme.tenant_id
    assert [tenant.name for tenant in accounts.tenants_of(cast.dana.user_id)] == ["Acme", "Initech"]
    assert accounts.accept_invitation(invited(cast), cast.charlie.user_id, NOW) == cast.acme.tenant_id
    assert roles(cast.alice.actor) == {
        "Alice": Role.OWNER,
        "Bob": Role.VIEWER,
        "Dana": Role.ANALYST,
        "Charlie": Role.ANALYST,
    }


def test_registering_an_invited_address_first_gives_no_membership(cast: Cast) -> None:
    """An earlier version added any account of bob@acme as Bob, who then could download the orders."""
    squatter = accounts.register("Not Eve", EVE, PASSWORD, "Squatters", NOW)
    token = invited(cast)
    assert "Acme" not in [tenant.name for tenant in accounts.tenants_of(squatter)]
    accounts.accept_invitation(token, cast.dana.user_id, NOW)
    assert "Acme" not in [tenant.name for tenant in accounts.tenants_of(squatter)]


def test_inviting_is_the_same_whether_or_not_the_address_has_an_account(cast: Cast) -> None:
    accounts.invite(cast.alice.actor, cast.charlie.email, Role.VIEWER, NOW)
    accounts.invite(cast.alice.actor, "nobody@example.com", Role.VIEWER, NOW)
    assert [state for _, state in states(cast)[:2]] == ["open", "open"]


def test_a_link_makes_one_member_and_is_then_worthless(cast: Cast) -> None:
    token = invited(cast)
    accounts.register_invited(token, "Eve", PASSWORD, NOW)
    for again in (
        lambda: accounts.open_invitation(token, NOW),
        lambda: accounts.accept_invitation(token, cast.dana.user_id, NOW),
        lambda: accounts.register_invited(token, "Mallory", PASSWORD, NOW),
    ):
        with pytest.raises(NotFound, match="ask the person who invited you for a new link"):
            again()


def test_ten_who_accept_one_link_at_once_are_one_member(cast: Cast) -> None:
    token = invited(cast)
    people = [cast.charlie.user_id, cast.dana.user_id] * 5
    with ThreadPoolExecutor(10) as pool:
        outcomes = [pool.submit(accounts.accept_invitation, token, user_id, NOW) for user_id in people]
    assert sum(outcome.exception() is None for outcome in outcomes) == 1
    assert len(roles(cast.alice.actor)) == 3


def test_a_link_is_good_for_a_week(cast: Cast) -> None:
    token = invited(cast)
    assert accounts.open_invitation(token, NOW + WEEK - timedelta(seconds=1)).email == EVE
    with pytest.raises(NotFound):
        accounts.accept_invitation(token, cast.dana.user_id, NOW + WEEK)
    assert states(cast, NOW + WEEK)[0] == (EVE, "expired")
    assert states(cast, NOW + WEEK + timedelta(days=30)) == []


def test_a_revoked_link_is_worthless_and_revoking_twice_is_harmless(cast: Cast) -> None:
    token = invited(cast)
    newest = accounts.invitations(cast.alice.actor, NOW)[0]
    for _ in range(2):
        accounts.revoke_invitation(cast.alice.actor, newest.invitation_id, NOW)
    with pytest.raises(NotFound):
        accounts.accept_invitation(token, cast.dana.user_id, NOW)
    assert (EVE, "revoked") in states(cast)


def test_an_accepted_invitation_cannot_be_revoked_into_another_story(cast: Cast) -> None:
    accounts.accept_invitation(invited(cast), cast.dana.user_id, NOW)
    newest = next(each for each in accounts.invitations(cast.alice.actor, NOW) if each.email == EVE)
    accounts.revoke_invitation(cast.alice.actor, newest.invitation_id, NOW)
    with pytest.raises(NotFound):
        accounts.renew_invitation(cast.alice.actor, newest.invitation_id, NOW)
    assert (EVE, "accepted") in states(cast)


def test_a_new_link_ends_the_one_before(cast: Cast) -> None:
    first = invited(cast)
    listed = accounts.invitations(cast.alice.actor, NOW)[0]
    second = token_of(accounts.renew_invitation(cast.alice.actor, listed.invitation_id, NOW + WEEK))
    with pytest.raises(NotFound):
        accounts.open_invitation(first, NOW)
    assert accounts.open_invitation(second, NOW + 2 * WEEK - timedelta(seconds=1)).role is Role.ANALYST


def test_inviting_twice_at_once_leaves_one_open_invitation(cast: Cast) -> None:
    with ThreadPoolExecutor(4) as pool:
        links = list(pool.map(lambda _: invited(cast), range(4)))
    assert states(cast).count((EVE, "open")) == 1
    opened = 0
    for token in links:
        with suppress(NotFound):
            accounts.open_invitation(token, NOW)
            opened += 1
    assert opened == 1


def test_a_member_cannot_use_up_the_link_of_another_person(cast: Cast) -> None:
    token = invited(cast, role=Role.VIEWER)
    with pytest.raises(Conflict, match="You belong to Acme already"):
        accounts.accept_invitation(token, cast.alice.user_id, NOW)
    assert roles(cast.alice.actor)["Alice"] is Role.OWNER
    assert accounts.open_invitation(token, NOW).email == EVE


def test_a_member_is_not_invited_again(cast: Cast) -> None:
    with pytest.raises(Conflict, match="already a member"):
        accounts.invite(cast.alice.actor, cast.bob.email.upper(), Role.OWNER, NOW)
    assert roles(cast.alice.actor)["Bob"] is Role.VIEWER


def test_an_address_that_has_an_account_is_accepted_by_signing_in_not_by_a_second_account(cast: Cast) -> None:
    token = invited(cast, cast.dana.email)
    with pytest.raises(Conflict, match="sign in instead"):
        accounts.register_invited(token, "Second Dana", PASSWORD, NOW)
    assert accounts.find_user(cast.dana.email).name == "Dana Draper"
    assert accounts.open_invitation(token, NOW).email == cast.dana.email


@pytest.mark.parametrize(("name", "password"), [("", PASSWORD), ("Eve", "short"), ("x" * 101, PASSWORD)])
def test_a_refused_registration_leaves_the_link_as_it_was(cast: Cast, name: str, password: str) -> None:
    token = invited(cast)
    with pytest.raises(InvalidInput):
        accounts.register_invited(token, name, password, NOW)
    assert accounts.open_invitation(token, NOW).email == EVE


@pytest.mark.parametrize("role", [Role.ANALYST, Role.VIEWER])
def test_only_owners_invite_list_renew_and_revoke(cast: Cast, role: Role) -> None:
    token = invited(cast)
    (listed, *_) = accounts.invitations(cast.alice.actor, NOW)
    accounts.change_role(cast.alice.actor, cast.bob.user_id, role)
    stranger = Actor(cast.charlie.user_id, cast.acme.tenant_id)
    for actor in (cast.bob.actor, stranger):
        for attempt in (
            lambda actor=actor: accounts.invite(actor, "m@example.com", Role.OWNER, NOW),
            lambda actor=actor: accounts.invitations(actor, NOW),
            lambda actor=actor: accounts.renew_invitation(actor, listed.invitation_id, NOW),
            lambda actor=actor: accounts.revoke_invitation(actor, listed.invitation_id, NOW),
        ):
            with pytest.raises(NotAllowed):
                attempt()
    assert accounts.open_invitation(token, NOW).email == EVE


def test_an_owner_of_another_business_reaches_no_invitation_by_its_number(cast: Cast) -> None:
    token = invited(cast)
    (listed, *_) = accounts.invitations(cast.alice.actor, NOW)
    assert accounts.invitations(cast.charlie.actor, NOW) == ()
    accounts.revoke_invitation(cast.charlie.actor, listed.invitation_id, NOW)
    with pytest.raises(NotFound):
        accounts.renew_invitation(cast.charlie.actor, listed.invitation_id, NOW)
    assert accounts.open_invitation(token, NOW).email == EVE


def test_a_token_under_another_tenants_number_opens_nothing_there(cast: Cast) -> None:
    token = invited(cast)
    secret = token.partition(".")[2]
    for forged in (
        f"{cast.globex.tenant_id}.{secret}",
        secret,
        f".{secret}",
        f"-1.{secret}",
        f"{'9' * 30}.{secret}",
        f"{cast.acme.tenant_id}.",
        f"0{token}",
        f"{cast.acme.tenant_id}; --.{secret}",
        "",
        "²." + secret,
    ):
        with pytest.raises(NotFound):
            accounts.open_invitation(forged, NOW)
        with pytest.raises(NotFound):
            accounts.accept_invitation(forged, cast.dana.user_id, NOW)
    assert [tenant.name for tenant in accounts.tenants_of(cast.dana.user_id)] == ["Initech"]


def test_an_owner_who_was_removed_does_not_come_back_by_their_own_link(cast: Cast) -> None:
    add_member(cast.alice.actor, cast.dana.email, Role.OWNER, NOW)
    back_door = token_of(
        accounts.invite(Actor(cast.dana.user_id, cast.acme.tenant_id), "d@example.com", Role.OWNER, NOW)
    )
    accounts.remove_member(cast.alice.actor, cast.dana.user_id)
    with pytest.raises(NotFound):
        accounts.accept_invitation(back_door, cast.dana.user_id, NOW)
    assert ("d@example.com", "revoked") in states(cast)


def test_an_owner_who_stepped_down_no_longer_lets_anybody_in(cast: Cast) -> None:
    add_member(cast.alice.actor, cast.dana.email, Role.OWNER, NOW)
    dana = Actor(cast.dana.user_id, cast.acme.tenant_id)
    token = token_of(accounts.invite(dana, "d@example.com", Role.OWNER, NOW))
    accounts.change_role(cast.alice.actor, cast.dana.user_id, Role.VIEWER)
    with pytest.raises(NotFound):
        accounts.register_invited(token, "D", PASSWORD, NOW)


def test_a_role_that_does_not_exist_is_not_offered(cast: Cast) -> None:
    with pytest.raises(ValueError, match="emperor"):
        accounts.invite(cast.alice.actor, EVE, "emperor", NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize("email", ["", "eve", "eve@example.com\nBcc: all@example.com", "a@b.example, c@d.example"])
def test_only_a_single_address_can_be_invited(cast: Cast, email: str) -> None:
    with pytest.raises(InvalidInput, match="not an email address"):
        accounts.invite(cast.alice.actor, email, Role.VIEWER, NOW)


def test_inviting_is_limited_for_a_business_and_for_a_person_with_many(cast: Cast) -> None:
    for _ in range(rate_limits.INVITE.burst - 1):  # the cast's own Bob was invited, too
        rate_limits.take(rate_limits.INVITE, f"user {cast.alice.user_id}", NOW)
    second = accounts.create_tenant(cast.alice.user_id, "Another", NOW)
    with pytest.raises(RateLimited, match="Too many people were invited"):
        accounts.invite(Actor(cast.alice.user_id, second), EVE, Role.VIEWER, NOW)


def test_an_accepted_invitation_leads_into_the_business_that_invited(cast: Cast) -> None:
    user_id = accounts.register_invited(invited(cast), "Eve", PASSWORD, NOW)
    ticket = accounts.issue_ticket(user_id, "nonce", NOW)
    session = accounts.session_of(accounts.redeem_ticket(ticket, "nonce", NOW), NOW)
    assert session is not None
    assert (session.tenant_name, session.role) == ("Acme", Role.ANALYST)
    token = sign_in(cast.dana, NOW)
    tenant_id = accounts.accept_invitation(invited(cast, "other@example.com"), cast.dana.user_id, NOW)
    accounts.switch_tenant(token, tenant_id, NOW)
    session = accounts.session_of(token, NOW)
    assert session is not None
    assert session.tenant_name == "Acme"
    assert InvitationState.ACCEPTED.value == "accepted"
