"""Invitations into a business: a link for one email address and one role, good for a week.

Whoever has the link in hand counts as the owner of the address: it came by mail, or from the owner who copied it. A
person who registers with it gets an account of that address and no business of their own. A signed-in person may
accept it with an account of another address, and is told so. The business chose the role, so the link carries it.

A token begins with the tenant's id, so that it is looked up in that tenant's session: row-level security holds here,
too. The id is no secret, and a changed one matches no stored hash.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import limits
from core.accounts.entries import clean_email, clean_name, normal_email
from core.accounts.links import LinkKind, link_address
from core.accounts.memberships import Action, Actor, Role, authorise
from core.accounts.users import hash_password
from core.crypto import fingerprint, new_token
from core.db import tenant_session
from core.errors import Conflict, NotFound
from core.models import Invitation, Membership, Tenant, User

INVITATION_LIFE = timedelta(days=7)
KEPT_FOR = timedelta(days=30)
"""How long an ended invitation stays in the list."""


class InvitationState(StrEnum):
    """What became of an invitation."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class InvitationView:
    """An invitation, as the owners of the business see it."""

    invitation_id: int
    email: str
    role: Role
    state: InvitationState
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """An invitation, as the person who opens its link sees it."""

    tenant_id: int
    tenant_name: str
    inviter: str
    email: str
    role: Role


def invite(actor: Actor, email: str, role: Role, now: datetime) -> str:
    """Invite an address to the actor's tenant; returns the link to pass on. An earlier link to it ends.

    Whether the address has an account somewhere makes no difference.

    Raises:
        NotAllowed: the actor is no owner.
        InvalidInput: this is no email address.
        Conflict: a member of this tenant has the address.
        RateLimited: too many invitations.
    """
    authorise(actor, Action.MANAGE)
    email = clean_email(email)
    for subject in (limits.of_tenant(actor.tenant_id), f"user {actor.user_id}"):
        limits.take(limits.INVITE, subject, now)
    with tenant_session(actor.tenant_id) as session:
        # Of two clicks at once the second waits here, and then ends the first one's link.
        tenant = select(Tenant.tenant_id).where(Tenant.tenant_id == actor.tenant_id)
        session.execute(tenant.with_for_update(key_share=True))
        _refuse_member(session, actor.tenant_id, email)
        _delete_replaced(session, actor.tenant_id, normal_email(email), now)
        token = _new_token(actor.tenant_id)
        session.add(
            Invitation(
                tenant_id=actor.tenant_id,
                email=email,
                email_norm=normal_email(email),
                role=Role(role),
                token_hash=fingerprint(token),
                invited_by=actor.user_id,
                created_at=now,
                expires_at=now + INVITATION_LIFE,
            )
        )
    return link_address(LinkKind.INVITATION, token)


def invitations(actor: Actor, now: datetime) -> tuple[InvitationView, ...]:
    """The invitations of the actor's tenant, open ones first, then the newest first.

    Raises:
        NotAllowed: the actor is no owner.
    """
    authorise(actor, Action.MANAGE)
    query = (
        select(Invitation, Membership.role.label("inviter_role"))
        .outerjoin(Membership, _inviter_is_member())
        .where(Invitation.tenant_id == actor.tenant_id, Invitation.expires_at > now - KEPT_FOR)
        .order_by(Invitation.created_at.desc(), Invitation.invitation_id.desc())
    )
    with tenant_session(actor.tenant_id) as session:
        views = [_view(row.Invitation, row.inviter_role, now) for row in session.execute(query)]
    return tuple(sorted(views, key=lambda view: view.state is not InvitationState.OPEN))


def renew_invitation(actor: Actor, invitation_id: int, now: datetime) -> str:
    """Replace the link of an invitation that was not accepted; the new one is good for a week again.

    Raises:
        NotAllowed: the actor is no owner.
        NotFound: there is no such invitation in the actor's tenant, or it was accepted.
    """
    authorise(actor, Action.MANAGE)
    found = select(Invitation.email, Invitation.role).where(
        Invitation.tenant_id == actor.tenant_id,
        Invitation.invitation_id == invitation_id,
        Invitation.accepted_at.is_(None),
    )
    with tenant_session(actor.tenant_id) as session:
        row = session.execute(found).one_or_none()
    if row is None:
        raise NotFound("There is no such invitation any more; invite the person again.")
    return invite(actor, row.email, Role(row.role), now)


def revoke_invitation(actor: Actor, invitation_id: int, now: datetime) -> None:
    """Make the link of an invitation worthless; one that ended already stays as it is.

    Raises:
        NotAllowed: the actor is no owner.
    """
    authorise(actor, Action.MANAGE)
    revoked = update(Invitation).where(
        Invitation.tenant_id == actor.tenant_id, Invitation.invitation_id == invitation_id, *_not_ended()
    )
    with tenant_session(actor.tenant_id) as session:
        session.execute(revoked.values(revoked_at=now))


def open_invitation(token: str, now: datetime) -> OpenInvitation:
    """What the link of this token offers; opening it does not use it up.

    Raises:
        NotFound: the link is unknown, used, revoked or too old, or its inviter is no owner any more.
    """
    with tenant_session(_tenant_of(token)) as session:
        return _opened(session, token, now)[1]


def accept_invitation(token: str, user_id: int, now: datetime) -> int:
    """Make the user a member of the tenant that invited; returns its id.

    Raises:
        NotFound: as `open_invitation`.
        Conflict: the user is a member already; the invitation stays open for the person it is for.
    """
    with tenant_session(_tenant_of(token)) as session:
        invitation, opened = _opened(session, token, now)
        membership = {"tenant_id": opened.tenant_id, "user_id": user_id, "role": opened.role, "created_at": now}
        added = insert(Membership).values(membership).on_conflict_do_nothing().returning(Membership.user_id)
        if session.execute(added).first() is None:
            raise Conflict(
                f"You belong to {opened.tenant_name} already; pass the link on to the person whom it is for."
            )
        _use(invitation, user_id, now)
    return opened.tenant_id


def register_invited(token: str, name: str, password: str, now: datetime) -> int:
    """Make an account of the invited address, a member of the tenant that invited; returns the user's id.

    Raises:
        NotFound: as `open_invitation`.
        InvalidInput: the name or the password cannot be used.
        Conflict: the address has an account. Only the holder of the link learns that.
    """
    name, hashed = clean_name(name, "your name"), hash_password(password)
    try:
        with tenant_session(_tenant_of(token)) as session:
            invitation, opened = _opened(session, token, now)
            user = User(
                name=name,
                email=opened.email,
                email_norm=normal_email(opened.email),
                password_hash=hashed,
                created_at=now,
            )
            session.add(user)
            session.flush()
            session.add(
                Membership(tenant_id=opened.tenant_id, user_id=user.user_id, role=opened.role, created_at=now)
            )
            _use(invitation, user.user_id, now)
            return user.user_id
    except IntegrityError:
        raise Conflict("You have an account with this address already; sign in with it to accept.") from None


def _new_token(tenant_id: int) -> str:
    return f"{tenant_id}.{new_token()}"


def _tenant_of(token: str) -> int:
    tenant, _, _ = token.partition(".")
    if not tenant.isascii() or not tenant.isdigit() or len(tenant) > 18:
        raise _ended()
    return int(tenant)


def _opened(session: Session, token: str, now: datetime) -> tuple[Invitation, OpenInvitation]:
    """The invitation, locked, so that one link makes one member.

    A removed owner must not come back by a link of their own making: the inviter's role is checked again.
    """
    query = (
        select(Invitation, Tenant.name.label("tenant_name"), User.name.label("inviter"))
        .join(Tenant, Tenant.tenant_id == Invitation.tenant_id)
        .join(User, User.user_id == Invitation.invited_by)
        .join(Membership, _inviter_is_member())
        .where(
            Invitation.tenant_id == _tenant_of(token),
            Invitation.token_hash == fingerprint(token),
            Invitation.expires_at > now,
            Membership.role == Role.OWNER,
            *_not_ended(),
        )
        .with_for_update(of=Invitation)
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise _ended()
    found: Invitation = row.Invitation
    opened = OpenInvitation(found.tenant_id, row.tenant_name, row.inviter, found.email, Role(found.role))
    return found, opened


def _use(invitation: Invitation, user_id: int, now: datetime) -> None:
    invitation.accepted_at, invitation.accepted_by = now, user_id


def _refuse_member(session: Session, tenant_id: int, email: str) -> None:
    query = (
        select(User.user_id)
        .join(Membership, Membership.user_id == User.user_id)
        .where(Membership.tenant_id == tenant_id, User.email_norm == normal_email(email))
    )
    if session.scalar(query) is not None:
        raise Conflict("They are a member already; change their role in the list.")


def _delete_replaced(session: Session, tenant_id: int, email_norm: str, now: datetime) -> None:
    """Delete earlier invitations of the address that were not accepted, and all that ended long ago."""
    is_earlier = (Invitation.email_norm == email_norm) & Invitation.accepted_at.is_(None)
    is_old = Invitation.expires_at <= now - KEPT_FOR
    session.execute(delete(Invitation).where(Invitation.tenant_id == tenant_id, or_(is_earlier, is_old)))


def _not_ended() -> tuple[ColumnElement[bool], ...]:
    return Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None)


def _inviter_is_member() -> ColumnElement[bool]:
    return (Membership.tenant_id == Invitation.tenant_id) & (Membership.user_id == Invitation.invited_by)


def _ended() -> NotFound:
    days = INVITATION_LIFE.days
    return NotFound(
        f"This invitation was used or withdrawn, or is older than {days} days; ask the person who invited you for "
        "a new link."
    )


def _view(row: Invitation, inviter_role: str | None, now: datetime) -> InvitationView:
    if row.accepted_at is not None:
        state = InvitationState.ACCEPTED
    elif row.revoked_at is not None or inviter_role != Role.OWNER:
        state = InvitationState.REVOKED
    else:
        state = InvitationState.OPEN if row.expires_at > now else InvitationState.EXPIRED
    return InvitationView(row.invitation_id, row.email, Role(row.role), state, row.created_at, row.expires_at)
