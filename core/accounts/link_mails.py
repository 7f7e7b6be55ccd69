"""Mail links, in the worker, which makes each link just before it sends it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from core.accounts.invitations import new_invitation_token, not_ended, select_with_names
from core.accounts.links import LinkKind, link_address
from core.accounts.mail_texts import invitation_letter
from core.accounts.registrations import mail_registration
from core.accounts.resets import mail_reset
from core.config import settings
from core.database import tenant_session
from core.database.models import Invitation
from core.errors import MailRefused
from core.network import mail
from core.sealing.crypto import fingerprint


def mail_link(kind: LinkKind, now: datetime, email: str = "", tenant_id: int = 0, invitation_id: int = 0) -> None:
    """Mail a link of this kind; `jobs.enqueue_mail` describes the other arguments.

    Raises:
        MailDown: the mail server does not accept it now.
        MailRefused: the mail server never will.
    """
    match kind:
        case LinkKind.RESET:
            mail_reset(email, now)
        case LinkKind.REGISTRATION:
            mail_registration(email, now)
        case LinkKind.INVITATION:
            mail_invitation(tenant_id, invitation_id, now)


def mail_invitation(tenant_id: int, invitation_id: int, now: datetime) -> None:
    """Make a link of an open invitation, and mail it.

    Raises:
        MailDown: the mail server does not accept it now.
        MailRefused: the mail server never will; the owners see the reason.
    """
    query = select_with_names().where(
        Invitation.tenant_id == tenant_id, Invitation.invitation_id == invitation_id, *not_ended()
    )
    token = new_invitation_token(tenant_id)
    with tenant_session(tenant_id) as session:
        row = session.execute(query).one_or_none()
        if row is None:
            return
        # Each mail gets a new secret, and a retry of the job ends the link of a mail that may have been sent.
        row.Invitation.token_hash = fingerprint(token)
        link = link_address(LinkKind.INVITATION, token)
        letter = invitation_letter(row.Invitation.email, link, row.tenant_name, row.inviter, row.Invitation.role)
    try:
        mail.send(*settings().relay, letter)
    except MailRefused as error:
        _note_mail(tenant_id, invitation_id, mail_note=str(error))
        raise
    _note_mail(tenant_id, invitation_id, mailed_at=now)


def _note_mail(tenant_id: int, invitation_id: int, **values: object) -> None:
    row = update(Invitation).where(Invitation.tenant_id == tenant_id, Invitation.invitation_id == invitation_id)
    with tenant_session(tenant_id) as session:
        session.execute(row.values(**values))
