"""Permissions: what a role allows, checked against the database at each question.

A viewer looks and downloads; an analyst also syncs, saves reports and inspects webhooks; an owner may do everything.
A removed role ends at the next click.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from sqlalchemy import ColumnElement, select

from core.database import StoreKey, system_session
from core.database.models import Membership, Role
from core.errors import NotAllowed


class Action(Enum):
    """An action that needs a role; the value completes "ask an owner to …"."""

    LOOK = "show you this"
    DOWNLOAD = "download this"
    INSPECT = "show you what Shopify sent"
    SYNC = "start a sync"
    PLAN = "set targets"
    SAVE = "save reports"
    CONNECT = "connect stores"
    ENTER_COSTS = "enter costs"
    SET_RATES = "set exchange rates"
    MANAGE = "manage the business and its members"


_ALLOWED = {
    Role.OWNER: frozenset(Action),
    Role.ANALYST: frozenset({Action.LOOK, Action.DOWNLOAD, Action.INSPECT, Action.SYNC, Action.SAVE}),
    Role.VIEWER: frozenset({Action.LOOK, Action.DOWNLOAD}),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """A user, acting in a tenant."""

    user_id: int
    tenant_id: int

    def store_key(self, store_id: int) -> StoreKey:
        """Return the key of a store of the actor's tenant. It proves no right: `authorise` does."""
        return StoreKey(self.tenant_id, store_id)


def may(role: Role, action: Action) -> bool:
    """Whether the role allows the action: for showing or hiding a button. `authorise` is the check that protects."""
    return action in _ALLOWED[role]


def authorise(actor: Actor, action: Action) -> Role:
    """Return the actor's role if it allows the action.

    Raises:
        NotAllowed: the role does not allow it, or the actor is no member.
    """
    query = select(Membership.role).where(*is_member(actor.tenant_id, actor.user_id))
    with system_session() as session:
        role = session.scalar(query)
    if role is None:
        raise NotAllowed("You are not a member of this business; ask one of its owners to invite you.")
    if not may(role, action):
        raise NotAllowed(f"Your role here is {role}; ask an owner to {action.value}.")
    return role


def is_member(tenant_id: int, user_id: int) -> tuple[ColumnElement[bool], ...]:
    """The filter for one user's membership of a tenant."""
    return Membership.tenant_id == tenant_id, Membership.user_id == user_id
