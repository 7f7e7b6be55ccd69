"""Accept invitations: the invited person's side.

The holder of the link counts as the owner of the address: the link came by mail, or the owner of the business passed
it on. A person who registers with it gets an account of that address and no business. A signed-in person may accept
it with an account of another address; the page says so. The role is the invitation's, because the business chose it.

A token begins with the tenant's id, so that its look-up runs in that tenant's session, under row-level security. The
id is no secret: with another tenant's id, the token matches no stored hash.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.accounts.input_cleaning import clean_name
from core.accounts.invitations import INVITATION_LIFE, inviter_is_member, not_ended, select_with_names
from core.accounts.users import add_user, hash_password
from core.database import tenant_session
from core.database.models import Invitation, Membership, Role
from core.errors import Conflict, NotFound
from core.sealing.crypto import fingerprint


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """An invitation, as the person who opens its link sees it."""

    tenant_id: int
    tenant_name: str
    inviter: str
    email: str
    role: Role


def open_invitation(token: str, now: datetime) -> OpenInvitation:
    """Read the invitation of this token; opening the link does not use it up.

    Raises:
        NotFound: the link is unknown, used, revoked or too old, or its inviter is no longer an owner.
    """
    with tenant_session(_tenant_of(token)) as session:
        return _lock_invitation(session, token, now)[1]


def accept_invitation(token: str, user_id: int, now: datetime) -> int:
    """Make the user a member of the tenant that invited; return its id.

    Raises:
        NotFound: as `open_invitation`.
        Conflict: the user is a member already; the invitation stays open for the person it is for.
    """
    with tenant_session(_tenant_of(token)) as session:
        invitation, opened = _lock_invitation(session, token, now)
        membership = {"tenant_id": opened.tenant_id, "user_id": user_id, "role": opened.role, "created_at": now}
        added = insert(Membership).values(membership).on_conflict_do_nothing().returning(Membership.user_id)
        if session.execute(added).first() is None:
            raise Conflict(
                f"You belong to {opened.tenant_name} already; pass the link on to the person whom it is for."
            )
        _use(invitation, user_id, now)
    return opened.tenant_id


def register_invited(token: str, name: str, password: str, now: datetime) -> int:
    """Create an account of the invited address, a member of the tenant that invited; return the user's id.

    Raises:
        NotFound: as `open_invitation`.
        InvalidInput: the name or the password cannot be used.
        Conflict: the address has an account. Only the holder of the link can learn this.
    """
    name, hashed = clean_name(name, "your name"), hash_password(password)
    with tenant_session(_tenant_of(token)) as session:
        invitation, opened = _lock_invitation(session, token, now)
        user_id = add_user(session, name, opened.email, hashed, now)
        session.add(Membership(tenant_id=opened.tenant_id, user_id=user_id, role=opened.role, created_at=now))
        _use(invitation, user_id, now)
        return user_id


def _tenant_of(token: str) -> int:
    """Read the tenant id at the start of the token; it proves nothing until the hash is compared."""
    tenant, _, _ = token.partition(".")
    if not tenant.isascii() or not tenant.isdigit() or len(tenant) > 18:
        raise _link_ended()
    return int(tenant)


def _lock_invitation(session: Session, token: str, now: datetime) -> tuple[Invitation, OpenInvitation]:
    """Lock and return the invitation, so that one link makes one member.

    It checks the inviter's role again: a removed owner must not come back by a link that they made before.
    """
    query = (
        select_with_names()
        .join(Membership, inviter_is_member())
        .where(
            Invitation.tenant_id == _tenant_of(token),
            Invitation.token_hash == fingerprint(token),
            Invitation.expires_at > now,
            Membership.role == Role.OWNER,
            *not_ended(),
        )
        .with_for_update(of=Invitation)
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise _link_ended()
    invitation: Invitation = row.Invitation
    opened = OpenInvitation(invitation.tenant_id, row.tenant_name, row.inviter, invitation.email, invitation.role)
    return invitation, opened


def _use(invitation: Invitation, user_id: int, now: datetime) -> None:
    invitation.accepted_at, invitation.accepted_by = now, user_id


def _link_ended() -> NotFound:
    days = INVITATION_LIFE.days
    return NotFound(
        f"This invitation was used, withdrawn, or is older than {days} days; ask the person who invited you for "
        "a new link."
    )
