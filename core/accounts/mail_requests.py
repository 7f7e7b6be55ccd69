"""Queue mails with a link that a person requests for an email address, within the limits of network and mailbox."""

from __future__ import annotations

from datetime import datetime

from core.accounts.input_cleaning import normal_email
from core.accounts.links import LinkKind
from core.database import jobs, rate_limits, system_session
from core.errors import RateLimited


def queue_requested_mail(kind: LinkKind, email: str, address: str, now: datetime) -> None:
    """Queue a mail that a stranger requests; `address` is the stranger's network address.

    At the limit of a mailbox, no mail is queued and no error raised: the answer must not depend on the email address.

    Raises:
        RateLimited: too many mails were requested from this network.
    """
    rate_limits.take(rate_limits.MAIL_FROM_ADDRESS, rate_limits.address_subject(address), now)
    try:
        take_mail_of(normal_email(email), now)
    except RateLimited:
        return
    with system_session() as session:
        jobs.enqueue_mail(session, kind, email=email)


def take_mail_of(email_norm: str, now: datetime) -> None:
    """Count one mail to the mailbox of this normalised email address.

    Raises:
        RateLimited: the mailbox has had its share.
    """
    rate_limits.take(rate_limits.MAIL_TO_ADDRESS, f"mail {email_norm}", now)
