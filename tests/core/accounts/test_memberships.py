"""Roles: each role's rights, and the owner that every business keeps."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from core import accounts
from core.accounts import Action, Actor, Role
from core.database import rate_limits
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound, RateLimited
from tests.cast import NOW, Cast, add_member

MAY = {
    Role.OWNER: {Action.LOOK, Action.DOWNLOAD, Action.INSPECT, Action.SYNC, Action.CONNECT, Action.MANAGE}
    | {Action.ENTER_COSTS, Action.PLAN, Action.SAVE, Action.SET_RATES},
    Role.ANALYST: {Action.LOOK, Action.DOWNLOAD, Action.INSPECT, Action.SYNC, Action.SAVE},
    Role.VIEWER: {Action.LOOK, Action.DOWNLOAD},
}


def roles(actor: Actor) -> dict[str, Role]:
    return {member.name.split()[0]: member.role for member in accounts.members(actor)}


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("role", Role)
def test_each_role_allows_its_actions_and_no_others(cast: Cast, role: Role, action: Action) -> None:
    accounts.change_role(cast.alice.actor, cast.bob.user_id, role)
    if action in MAY[role]:
        assert accounts.authorise(cast.bob.actor, action) is role
    else:
        with pytest.raises(NotAllowed, match=f"Your role here is {role}; ask an owner to"):
            accounts.authorise(cast.bob.actor, action)


def test_a_refusal_names_the_action_to_ask_for(cast: Cast) -> None:
    with pytest.raises(NotAllowed) as refused:
        accounts.authorise(cast.bob.actor, Action.CONNECT)
    assert str(refused.value) == "Your role here is viewer; ask an owner to connect stores."


@pytest.mark.parametrize("action", Action)
def test_an_owner_of_one_business_has_no_rights_in_another(cast: Cast, action: Action) -> None:
    with pytest.raises(NotAllowed, match="not a member"):
        accounts.authorise(Actor(cast.alice.user_id, cast.globex.tenant_id), action)


def test_an_outsider_reads_and_changes_nothing_of_a_business(cast: Cast) -> None:
    outsider = Actor(cast.charlie.user_id, cast.acme.tenant_id)
    attempts = [
        lambda: accounts.members(outsider),
        lambda: accounts.rename_tenant(outsider, "Mine now"),
        lambda: accounts.invite(outsider, cast.charlie.email, Role.OWNER, NOW),
        lambda: accounts.change_role(outsider, cast.bob.user_id, Role.OWNER),
        lambda: accounts.remove_member(outsider, cast.alice.user_id),
    ]
    for attempt in attempts:
        with pytest.raises(NotAllowed):
            attempt()
    assert roles(cast.alice.actor) == {"Alice": Role.OWNER, "Bob": Role.VIEWER}
    assert accounts.tenants_of(cast.alice.user_id)[0].name == "Acme"


def test_a_viewer_changes_nothing_either_not_even_their_own_role(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        accounts.change_role(cast.bob.actor, cast.bob.user_id, Role.OWNER)
    with pytest.raises(NotAllowed):
        accounts.remove_member(cast.bob.actor, cast.alice.user_id)
    assert roles(cast.alice.actor) == {"Alice": Role.OWNER, "Bob": Role.VIEWER}


def test_an_owner_cannot_reach_a_member_of_another_business(cast: Cast) -> None:
    with pytest.raises(NotFound):
        accounts.change_role(cast.alice.actor, cast.charlie.user_id, Role.VIEWER)
    with pytest.raises(NotFound):
        accounts.remove_member(cast.alice.actor, cast.charlie.user_id)
    assert roles(cast.charlie.actor) == {"Charlie": Role.OWNER}


def test_a_role_that_does_not_exist_is_refused(cast: Cast) -> None:
    with pytest.raises(ValueError, match="emperor"):
        accounts.change_role(cast.alice.actor, cast.bob.user_id, "emperor")  # type: ignore[arg-type]
    assert roles(cast.alice.actor)["Bob"] is Role.VIEWER


def test_the_last_owner_can_neither_leave_nor_step_down(cast: Cast) -> None:
    with pytest.raises(InvalidInput, match="make another member an owner first"):
        accounts.remove_member(cast.alice.actor, cast.alice.user_id)
    with pytest.raises(InvalidInput, match="make another member an owner first"):
        accounts.change_role(cast.alice.actor, cast.alice.user_id, Role.VIEWER)
    assert roles(cast.alice.actor)["Alice"] is Role.OWNER


def test_one_of_two_owners_may_leave(cast: Cast) -> None:
    accounts.change_role(cast.alice.actor, cast.bob.user_id, Role.OWNER)
    accounts.remove_member(cast.alice.actor, cast.alice.user_id)
    assert roles(cast.bob.actor) == {"Bob": Role.OWNER}


def test_two_owners_who_remove_each_other_at_once_leave_one(cast: Cast) -> None:
    for _ in range(5):
        accounts.change_role(cast.alice.actor, cast.bob.user_id, Role.OWNER)
        with ThreadPoolExecutor(2) as pool:
            pool.submit(accounts.remove_member, cast.alice.actor, cast.bob.user_id)
            pool.submit(accounts.remove_member, cast.bob.actor, cast.alice.user_id)
        stayed = cast.alice if accounts.tenants_of(cast.alice.user_id) else cast.bob
        left = cast.bob if stayed is cast.alice else cast.alice
        assert list(roles(stayed.actor).values()) == [Role.OWNER]
        add_member(stayed.actor, left.email, Role.OWNER, NOW)


def test_an_owner_renames_the_business(cast: Cast) -> None:
    accounts.rename_tenant(cast.alice.actor, "  Acme   Ltd ")
    assert accounts.tenants_of(cast.bob.user_id)[0].name == "Acme Ltd"
    with pytest.raises(InvalidInput):
        accounts.rename_tenant(cast.alice.actor, "   ")


def test_a_user_begins_a_second_business_and_owns_it(cast: Cast) -> None:
    tenant_id = accounts.create_tenant(cast.bob.user_id, "Bob's", NOW)
    assert accounts.authorise(Actor(cast.bob.user_id, tenant_id), Action.MANAGE) is Role.OWNER
    assert roles(cast.alice.actor)["Bob"] is Role.VIEWER


def test_a_second_click_makes_no_second_business(cast: Cast) -> None:
    accounts.create_tenant(cast.bob.user_id, "Bob's", NOW)
    with pytest.raises(Conflict, match="You already own a business with this name"):
        accounts.create_tenant(cast.bob.user_id, " Bob's ", NOW)
    assert accounts.create_tenant(cast.bob.user_id, "Acme", NOW), "which Bob does not own"


def test_the_number_of_new_businesses_is_limited(cast: Cast) -> None:
    for number in range(rate_limits.BUSINESS.burst):
        accounts.create_tenant(cast.bob.user_id, f"Bob's {number}", NOW)
    with pytest.raises(RateLimited, match="You have created too many businesses"):
        accounts.create_tenant(cast.bob.user_id, "One more", NOW)


def test_everybody_may_leave_and_only_owners_may_send_others_away(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        accounts.remove_member(cast.bob.actor, cast.alice.user_id)
    accounts.remove_member(cast.bob.actor, cast.bob.user_id)
    assert [member.user_id for member in accounts.members(cast.alice.actor)] == [cast.alice.user_id]
