"""What a user may do in a tenant. Read anew for each question: a role that was taken away is gone at the next click.

A viewer looks and downloads; an analyst also syncs, and sees what Shopify sent; an owner does everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core.accounts.entries import clean_name
from core.database import StoreKey, limits, system_session
from core.database.models import Membership, Tenant, User
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound


class Role(StrEnum):
    """What a membership allows."""

    OWNER = "owner"
    ANALYST = "analyst"
    VIEWER = "viewer"


class Action(Enum):
    """What somebody may be allowed to do; the value completes "ask an owner to …"."""

    LOOK = "show you this"
    DOWNLOAD = "download this"
    INSPECT = "show you what Shopify sent"
    SYNC = "start a sync"
    CONNECT = "connect stores"
    MANAGE = "manage the business and its members"


_ALLOWED = {
    Role.OWNER: frozenset(Action),
    Role.ANALYST: frozenset({Action.LOOK, Action.DOWNLOAD, Action.INSPECT, Action.SYNC}),
    Role.VIEWER: frozenset({Action.LOOK, Action.DOWNLOAD}),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks, and in which tenant."""

    user_id: int
    tenant_id: int

    def store_key(self, store_id: int) -> StoreKey:
        """The key of a store of the actor's tenant. It proves no right: `authorise` does."""
        return StoreKey(self.tenant_id, store_id)


@dataclass(frozen=True, slots=True)
class TenantView:
    """A tenant of a user, with the user's role there."""

    tenant_id: int
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Member:
    """A user of a tenant, as the other members see them."""

    user_id: int
    name: str
    email: str
    role: Role


def may(role: Role, action: Action) -> bool:
    """Whether the role allows the action: for showing or hiding a button. What counts is `authorise`."""
    return action in _ALLOWED[role]


def authorise(actor: Actor, action: Action) -> Role:
    """The actor's role, when it allows the action.

    Raises:
        NotAllowed: it does not, or the actor is no member.
    """
    query = select(Membership.role).where(
        Membership.tenant_id == actor.tenant_id, Membership.user_id == actor.user_id
    )
    with system_session() as session:
        found = session.scalar(query)
    if found is None:
        raise NotAllowed("You are not a member of this business; ask one of its owners to invite you.")
    role = Role(found)
    if not may(role, action):
        raise NotAllowed(f"Your role here is {role}; ask an owner to {action.value}.")
    return role


def tenants_of(user_id: int) -> tuple[TenantView, ...]:
    """The tenants of a user, by name."""
    query = (
        select(Tenant.tenant_id, Tenant.name, Membership.role)
        .join(Membership, Membership.tenant_id == Tenant.tenant_id)
        .where(Membership.user_id == user_id)
        .order_by(Tenant.name, Tenant.tenant_id)
    )
    with system_session() as session:
        return tuple(TenantView(row.tenant_id, row.name, Role(row.role)) for row in session.execute(query))


def create_tenant(user_id: int, name: str, now: datetime) -> int:
    """Make a tenant that the user owns; returns its id.

    Raises:
        InvalidInput: the name is empty or too long.
        Conflict: the user owns one of this name already, so that a second click makes no second one.
        RateLimited: the user has created too many.
    """
    name = clean_name(name, "the name of your business")
    if (name, Role.OWNER) in [(tenant.name, tenant.role) for tenant in tenants_of(user_id)]:
        raise Conflict("You own a business of this name already; choose another name.")
    limits.take(limits.BUSINESS, f"user {user_id}", now)
    with system_session() as session:
        return add_tenant(session, user_id, name, now)


def add_tenant(session: Session, user_id: int, name: str, now: datetime) -> int:
    """`create_tenant` inside a transaction of the caller, with a name that was cleaned."""
    tenant = Tenant(name=name, created_at=now)
    session.add(tenant)
    session.flush()
    session.add(Membership(tenant_id=tenant.tenant_id, user_id=user_id, role=Role.OWNER, created_at=now))
    return tenant.tenant_id


def rename_tenant(actor: Actor, name: str) -> None:
    """Give the business another name.

    Raises:
        NotAllowed: the actor is no owner.
        InvalidInput: the name is empty or too long.
    """
    authorise(actor, Action.MANAGE)
    name = clean_name(name, "the name of your business")
    with system_session() as session:
        session.execute(update(Tenant).where(Tenant.tenant_id == actor.tenant_id).values(name=name))


def members(actor: Actor) -> tuple[Member, ...]:
    """Who belongs to the actor's tenant, by name.

    Raises:
        NotAllowed: the actor is no member.
    """
    authorise(actor, Action.LOOK)
    query = (
        select(User.user_id, User.name, User.email, Membership.role)
        .join(Membership, Membership.user_id == User.user_id)
        .where(Membership.tenant_id == actor.tenant_id)
        .order_by(User.name, User.user_id)
    )
    with system_session() as session:
        return tuple(Member(row.user_id, row.name, row.email, Role(row.role)) for row in session.execute(query))


def change_role(actor: Actor, user_id: int, role: Role) -> None:
    """Give a member another role.

    Raises:
        NotAllowed: the actor is no owner.
        NotFound: there is no such member.
        InvalidInput: nobody would own the business any more.
    """
    authorise(actor, Action.MANAGE)
    mine = (Membership.tenant_id == actor.tenant_id, Membership.user_id == user_id)
    with system_session() as session:
        if Role(role) is not Role.OWNER:
            _keep_an_owner(session, actor.tenant_id, user_id)
        changed = update(Membership).where(*mine).values(role=Role(role)).returning(Membership.user_id)
        if session.execute(changed).first() is None:
            raise NotFound("There is no such member here.")


def remove_member(actor: Actor, user_id: int) -> None:
    """Take a member out of the tenant; they are out at their next click. Everybody may leave.

    Raises:
        NotAllowed: the actor is no owner, and this is somebody else.
        NotFound: there is no such member.
        InvalidInput: nobody would own the business any more.
    """
    authorise(actor, Action.LOOK if user_id == actor.user_id else Action.MANAGE)
    mine = (Membership.tenant_id == actor.tenant_id, Membership.user_id == user_id)
    with system_session() as session:
        _keep_an_owner(session, actor.tenant_id, user_id)
        if session.execute(delete(Membership).where(*mine).returning(Membership.user_id)).first() is None:
            raise NotFound("There is no such member here.")


def _keep_an_owner(session: Session, tenant_id: int, leaving: int) -> None:
    """Locks the owners' rows, so that of two owners who remove each other at once the second is refused."""
    owners = (
        select(Membership.user_id)
        .where(Membership.tenant_id == tenant_id, Membership.role == Role.OWNER)
        .order_by(Membership.user_id)
        .with_for_update()
    )
    if session.scalars(owners).all() == [leaving]:
        raise InvalidInput("A business needs an owner; make somebody else an owner first.")
