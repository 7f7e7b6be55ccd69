"""Businesses and their members: create, rename, list, give a role, remove."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core.accounts.input_cleaning import clean_name
from core.accounts.permissions import Action, Actor, authorise, is_member
from core.database import rate_limits, system_session
from core.database.models import Membership, Role, Tenant, User
from core.errors import Conflict, InvalidInput, NotFound


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


def tenants_of(user_id: int) -> tuple[TenantView, ...]:
    """List the tenants of a user, by name."""
    query = (
        select(Tenant.tenant_id, Tenant.name, Membership.role)
        .join(Membership, Membership.tenant_id == Tenant.tenant_id)
        .where(Membership.user_id == user_id)
        .order_by(Tenant.name, Tenant.tenant_id)
    )
    with system_session() as session:
        return tuple(TenantView(row.tenant_id, row.name, row.role) for row in session.execute(query))


def create_tenant(user_id: int, name: str, now: datetime) -> int:
    """Create a tenant that the user owns; return its id.

    Raises:
        InvalidInput: the name is empty or too long.
        Conflict: the user owns a business of this name already: a second click must not make a second one.
        RateLimited: the user has created too many.
    """
    name = clean_name(name, "the name of your business")
    if (name, Role.OWNER) in [(tenant.name, tenant.role) for tenant in tenants_of(user_id)]:
        raise Conflict("You already own a business with this name; choose another name.")
    rate_limits.take(rate_limits.BUSINESS, f"user {user_id}", now)
    with system_session() as session:
        return add_tenant(session, user_id, name, now)


def add_tenant(session: Session, user_id: int, name: str, now: datetime) -> int:
    """Create a tenant inside a transaction of the caller, with a name already cleaned; return its id."""
    tenant = Tenant(name=name, created_at=now)
    session.add(tenant)
    session.flush()
    session.add(Membership(tenant_id=tenant.tenant_id, user_id=user_id, role=Role.OWNER, created_at=now))
    return tenant.tenant_id


def rename_tenant(actor: Actor, name: str) -> None:
    """Rename the business.

    Raises:
        NotAllowed: the actor is no owner.
        InvalidInput: the name is empty or too long.
    """
    authorise(actor, Action.MANAGE)
    name = clean_name(name, "the name of your business")
    with system_session() as session:
        session.execute(update(Tenant).where(Tenant.tenant_id == actor.tenant_id).values(name=name))


def members(actor: Actor) -> tuple[Member, ...]:
    """List the members of the actor's tenant, by name.

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
        return tuple(Member(row.user_id, row.name, row.email, row.role) for row in session.execute(query))


def change_role(actor: Actor, user_id: int, role: Role) -> None:
    """Give a member another role.

    Raises:
        NotAllowed: the actor is no owner.
        NotFound: there is no such member.
        InvalidInput: the business would have no owner.
    """
    authorise(actor, Action.MANAGE)
    changed = update(Membership).where(*is_member(actor.tenant_id, user_id)).values(role=Role(role))
    with system_session() as session:
        if Role(role) is not Role.OWNER:
            _refuse_last_owner(session, actor.tenant_id, user_id)
        if session.execute(changed.returning(Membership.user_id)).first() is None:
            raise NotFound("This member is no longer here; reload the page.")


def remove_member(actor: Actor, user_id: int) -> None:
    """Remove a member from the tenant; their access ends at their next click. Every member may leave.

    Raises:
        NotAllowed: the actor is no owner, and removes another user.
        NotFound: there is no such member.
        InvalidInput: the business would have no owner.
    """
    authorise(actor, Action.LOOK if user_id == actor.user_id else Action.MANAGE)
    removed = delete(Membership).where(*is_member(actor.tenant_id, user_id))
    with system_session() as session:
        _refuse_last_owner(session, actor.tenant_id, user_id)
        if session.execute(removed.returning(Membership.user_id)).first() is None:
            raise NotFound("This member is no longer here; reload the page.")


def _refuse_last_owner(session: Session, tenant_id: int, leaving: int) -> None:
    """Refuse to let the last owner leave. It locks the owners' rows, so that of two owners who remove each other at
    once the second is refused."""
    owners = (
        select(Membership.user_id)
        .where(Membership.tenant_id == tenant_id, Membership.role == Role.OWNER)
        .order_by(Membership.user_id)  # one order of locks, or two removals at once could deadlock
        .with_for_update()
    )
    if session.scalars(owners).all() == [leaving]:
        raise InvalidInput("A business needs an owner; make another member an owner first.")
