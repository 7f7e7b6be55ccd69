"""Invite people into a business: a link for one email address and one role, valid for a week.

`core.accounts.acceptance` is the invited person's side. With a mail server, the worker makes the link and mails it,
so that only the recipient sees it; without one, the owner gets the link to pass on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, delete, or_, select, update
from sqlalchemy.orm import Session

from core.accounts.input_cleaning import clean_email, normal_email
from core.accounts.links import LinkKind, link_address
from core.accounts.permissions import Action, Actor, authorise
from core.config import settings
from core.database import jobs, rate_limits, tenant_session
from core.database.models import Invitation, Membership, Role, Tenant, User
from core.errors import Conflict, NotFound
from core.sealing.crypto import fingerprint, new_token

INVITATION_LIFE = timedelta(days=7)
KEPT_FOR = timedelta(days=30)
"""How long an ended invitation stays in the list."""


class InvitationState(StrEnum):
    """The state of an invitation."""

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
    mailed_at: datetime | None
    mail_note: str | None
    """Why the mail could not be delivered."""


def select_with_names() -> Select[Invitation, str, str]:
    """Select invitations, each with `tenant_name` and the name of its `inviter`."""
    return (
        select(Invitation, Tenant.name.label("tenant_name"), User.name.label("inviter"))
        .join(Tenant, Tenant.tenant_id == Invitation.tenant_id)
        .join(User, User.user_id == Invitation.invited_by)
    )


def invite(actor: Actor, email: str, role: Role, now: datetime) -> str | None:
    """Invite an address to the actor's tenant. Return the link to pass on, or None if it is mailed.

    An earlier link to the address ends. Whether it has an account somewhere makes no difference.

    Raises:
        NotAllowed: the actor is no owner.
        InvalidInput: this is no email address.
        Conflict: a member of this tenant has the address.
        RateLimited: too many invitations.
    """
    authorise(actor, Action.MANAGE)
    email = clean_email(email)
    for subject in (rate_limits.tenant_subject(actor.tenant_id), f"user {actor.user_id}"):
        rate_limits.take(rate_limits.INVITE, subject, now)
    with tenant_session(actor.tenant_id) as session:
        # Lock the tenant: of two clicks at once, the second waits here and then ends the first one's link.
        tenant = select(Tenant.tenant_id).where(Tenant.tenant_id == actor.tenant_id)
        session.execute(tenant.with_for_update(key_share=True))
        _refuse_member(session, actor.tenant_id, email)
        _delete_replaced(session, actor.tenant_id, normal_email(email), now)
        invitation = _add_invitation(session, actor, email, role, now)
        if settings().sends_mail:
            number = invitation.invitation_id
            jobs.enqueue_mail(session, LinkKind.INVITATION, tenant_id=actor.tenant_id, invitation_id=number)
            return None
        token = new_invitation_token(actor.tenant_id)
        invitation.token_hash = fingerprint(token)
        return link_address(LinkKind.INVITATION, token)


def invitations(actor: Actor, now: datetime) -> tuple[InvitationView, ...]:
    """List the invitations of the actor's tenant, open ones first, then the newest first.

    Raises:
        NotAllowed: the actor is no owner.
    """
    authorise(actor, Action.MANAGE)
    query = (
        select(Invitation, Membership.role.label("inviter_role"))
        .outerjoin(Membership, inviter_is_member())
        .where(Invitation.tenant_id == actor.tenant_id, Invitation.expires_at > now - KEPT_FOR)
        .order_by(Invitation.created_at.desc(), Invitation.invitation_id.desc())
    )
    with tenant_session(actor.tenant_id) as session:
        views = [_view(row.Invitation, row.inviter_role, now) for row in session.execute(query)]
    return tuple(sorted(views, key=lambda view: view.state is not InvitationState.OPEN))


def renew_invitation(actor: Actor, invitation_id: int, now: datetime) -> str | None:
    """Replace the link of an invitation that was not accepted; returns as `invite`.

    Raises:
        NotAllowed: the actor is no owner.
        NotFound: there is no such invitation in the actor's tenant, or it was accepted.
    """
    authorise(actor, Action.MANAGE)
    query = select(Invitation.email, Invitation.role).where(
        Invitation.tenant_id == actor.tenant_id,
        Invitation.invitation_id == invitation_id,
        Invitation.accepted_at.is_(None),
    )
    with tenant_session(actor.tenant_id) as session:
        row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("This invitation no longer exists; send a new one.")
    return invite(actor, row.email, row.role, now)


def revoke_invitation(actor: Actor, invitation_id: int, now: datetime) -> None:
    """Revoke an invitation; one that has ended stays unchanged.

    Raises:
        NotAllowed: the actor is no owner.
    """
    authorise(actor, Action.MANAGE)
    revoked = update(Invitation).where(
        Invitation.tenant_id == actor.tenant_id, Invitation.invitation_id == invitation_id, *not_ended()
    )
    with tenant_session(actor.tenant_id) as session:
        session.execute(revoked.values(revoked_at=now))


def new_invitation_token(tenant_id: int) -> str:
    """Make an unguessable token that begins with the id of its tenant."""
    return f"{tenant_id}.{new_token()}"


def _add_invitation(session: Session, actor: Actor, email: str, role: Role, now: datetime) -> Invitation:
    invitation = Invitation(
        tenant_id=actor.tenant_id,
        email=email,
        email_norm=normal_email(email),
        role=Role(role),
        invited_by=actor.user_id,
        created_at=now,
        expires_at=now + INVITATION_LIFE,
    )
    session.add(invitation)
    session.flush()
    return invitation


def _refuse_member(session: Session, tenant_id: int, email: str) -> None:
    query = (
        select(User.user_id)
        .join(Membership, Membership.user_id == User.user_id)
        .where(Membership.tenant_id == tenant_id, User.email_norm == normal_email(email))
    )
    if session.scalar(query) is not None:
        raise Conflict("This person is already a member; change the role in the list.")


def _delete_replaced(session: Session, tenant_id: int, email_norm: str, now: datetime) -> None:
    """Delete earlier invitations of the address that were not accepted, and all that ended long ago."""
    is_earlier = (Invitation.email_norm == email_norm) & Invitation.accepted_at.is_(None)
    is_old = Invitation.expires_at <= now - KEPT_FOR
    session.execute(delete(Invitation).where(Invitation.tenant_id == tenant_id, or_(is_earlier, is_old)))


def not_ended() -> tuple[ColumnElement[bool], ...]:
    """Match invitations that were neither accepted nor revoked; they may have expired."""
    return Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None)


def inviter_is_member() -> ColumnElement[bool]:
    """Join an invitation to the membership of its inviter."""
    return (Membership.tenant_id == Invitation.tenant_id) & (Membership.user_id == Invitation.invited_by)


def _view(row: Invitation, inviter_role: Role | None, now: datetime) -> InvitationView:
    if row.accepted_at is not None:
        state = InvitationState.ACCEPTED
    elif row.revoked_at is not None or inviter_role is not Role.OWNER:
        state = InvitationState.REVOKED
    else:
        state = InvitationState.OPEN if row.expires_at > now else InvitationState.EXPIRED
    return InvitationView(
        invitation_id=row.invitation_id,
        email=row.email,
        role=row.role,
        state=state,
        created_at=row.created_at,
        expires_at=row.expires_at,
        mailed_at=row.mailed_at,
        mail_note=row.mail_note,
    )
