"""Replace a forgotten password by a link that works once, within an hour.

A link is made in three ways. A stranger requests one by mail; the answer and its time are the same whether or not the
address has an account, because only the worker looks it up. The operator prints one. An owner makes one for a member:
with a mail server, it goes to the member's mailbox. Without one, the owner gets the link and could sign in as the
member. So it is made only for a user who belongs to no other business; its use checks this again.

Only the hash of the secret is stored. A new password ends every session of the user, and every other link.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core.accounts.input_cleaning import clean_email, normal_email
from core.accounts.links import LinkKind, link_address
from core.accounts.mail_requests import queue_requested_mail, take_mail_of
from core.accounts.mail_texts import reset_letter
from core.accounts.permissions import Action, Actor, authorise
from core.accounts.sessions import revoke_in
from core.accounts.users import UserView, hash_password
from core.config import settings
from core.database import jobs, system_session
from core.database.models import Membership, PasswordReset, Role, User
from core.errors import InvalidInput, NotAllowed, NotFound
from core.network import mail
from core.sealing.crypto import fingerprint, new_token

RESET_LIFE = timedelta(hours=1)


def request_reset(email: str, address: str, now: datetime) -> None:
    """Request a mail with a link, sent only if the email address has an account. `address` is the network address of
    the request.

    Raises:
        InvalidInput: this is no email address.
        RateLimited: too many mails were requested from this network.
        NotAllowed: this installation sends no mail.
    """
    email = clean_email(email)
    if not settings().sends_mail:
        raise NotAllowed("This server cannot send email; ask an owner of your business or the operator for a link.")
    queue_requested_mail(LinkKind.RESET, email, address, now)


def mail_reset(email: str, now: datetime) -> None:
    """Mail a link to the address if it has an account; called by the worker.

    Raises:
        MailDown: the mail server does not accept it now; the link is withdrawn.
        MailRefused: the mail server never will.
    """
    with system_session() as session:
        user = session.scalar(select(User).where(User.email_norm == normal_email(email)))
        if user is None:
            return
        recipient, token = user.email, _issue(session, user.user_id, now)
    try:
        mail.send(*settings().relay, reset_letter(recipient, link_address(LinkKind.RESET, token)))
    except Exception:
        # The retry of the job makes another link; this one must not stay open in a mail that may have been sent.
        with system_session() as session:
            session.execute(delete(PasswordReset).where(PasswordReset.token_hash == fingerprint(token)))
        raise


def create_reset_link(email: str, now: datetime) -> str:
    """Create a link for the user of this address; called by the operator's command.

    Raises:
        NotFound: no account has the address.
    """
    with system_session() as session:
        user_id = session.scalar(select(User.user_id).where(User.email_norm == normal_email(email)))
        if user_id is None:
            raise NotFound("No user has this address; check it.")
        return link_address(LinkKind.RESET, _issue(session, user_id, now))


def reset_member(actor: Actor, user_id: int, now: datetime) -> str | None:
    """Create a link for a member of the actor's tenant. Return it, or None if it is mailed to the member.

    Raises:
        NotAllowed: the actor is no owner; or there is no mail, and the member belongs to another tenant, too.
        NotFound: there is no such member.
        InvalidInput: the member is the actor. Otherwise a stolen session could take over the account.
    """
    authorise(actor, Action.MANAGE)
    if user_id == actor.user_id:
        raise InvalidInput("Change your own password above, under “Your account”.")
    with system_session() as session:
        member = select(User).join(Membership, Membership.user_id == User.user_id)
        user = session.scalar(member.where(Membership.tenant_id == actor.tenant_id, User.user_id == user_id))
        if user is None:
            raise NotFound("This member is no longer here; reload the page.")
        if settings().sends_mail:
            take_mail_of(user.email_norm, now)
            jobs.enqueue_mail(session, LinkKind.RESET, email=user.email)
            return None
        if not _belongs_only_to(session, user_id, actor.tenant_id):
            raise NotAllowed("You cannot make a link for this member; the operator of this server can.")
        return link_address(LinkKind.RESET, _issue(session, user_id, now, actor))


def open_reset(token: str, now: datetime) -> UserView:
    """Return the user whose password the link of this token sets; opening the link does not use it up.

    Raises:
        NotFound: the link is unknown, used or too old, or the owner who made it may not do so any more.
    """
    with system_session() as session:
        user = session.get_one(User, _lock_reset(session, token, now).user_id)
        return UserView(user.user_id, user.name, user.email)


def reset_password(token: str, password: str, now: datetime) -> int:
    """Set a new password and sign the user out everywhere; return the user's id.

    Raises:
        InvalidInput: the password cannot be used.
        NotFound: as `open_reset`.
    """
    hashed = hash_password(password)
    with system_session() as session:
        user_id = _lock_reset(session, token, now).user_id
        session.execute(delete(PasswordReset).where(PasswordReset.user_id == user_id))
        session.execute(update(User).where(User.user_id == user_id).values(password_hash=hashed))
        revoke_in(session, user_id, now)
        return user_id


def _issue(session: Session, user_id: int, now: datetime, owner: Actor | None = None) -> str:
    token = new_token()
    session.add(
        PasswordReset(
            token_hash=fingerprint(token),
            user_id=user_id,
            made_in=owner.tenant_id if owner else None,
            made_by=owner.user_id if owner else None,
            expires_at=now + RESET_LIFE,
        )
    )
    return token


def _lock_reset(session: Session, token: str, now: datetime) -> PasswordReset:
    """Lock and return the token's row, so that one link sets one password."""
    query = select(PasswordReset).where(
        PasswordReset.token_hash == fingerprint(token), PasswordReset.expires_at > now
    )
    row = session.scalar(query.with_for_update())
    if row is None or not _is_still_allowed(session, row):
        raise NotFound("This link was used, or is older than an hour; ask for a new link.")
    return row


def _is_still_allowed(session: Session, row: PasswordReset) -> bool:
    """Whether the owner who made the link still owns the only tenant of the user; True if no owner made it."""
    if row.made_in is None:
        return True
    owner = select(Membership.user_id).where(
        Membership.tenant_id == row.made_in, Membership.user_id == row.made_by, Membership.role == Role.OWNER
    )
    return session.scalar(owner) is not None and _belongs_only_to(session, row.user_id, row.made_in)


def _belongs_only_to(session: Session, user_id: int, tenant_id: int) -> bool:
    tenants = select(Membership.tenant_id).where(Membership.user_id == user_id)
    return session.scalars(tenants).all() == [tenant_id]
