"""Register strangers: a mailed link proves their email address.

A page that registers a person, or refuses, reveals whether the address has an account. So the answer comes by mail: a
link that finishes the registration, or a notice that the address has an account. The person chooses the password at
the link: otherwise a stranger could register another person's address. Without mail, strangers cannot register:
accounts come by invitation, or by a link that the operator prints.

Two exceptions register a person at once, because there is nothing to reveal: the first user of an installation, and
the demo, which shows its own password.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from core.accounts.input_cleaning import clean_email, clean_name, normal_email
from core.accounts.links import LinkKind, link_address
from core.accounts.mail_requests import queue_requested_mail
from core.accounts.mail_texts import known_address_letter, registration_letter
from core.accounts.memberships import add_tenant
from core.accounts.users import add_user, hash_password, register
from core.config import settings
from core.database import rate_limits, system_session
from core.database.models import RegistrationLink, User
from core.errors import NotAllowed, NotFound
from core.network import mail
from core.sealing.crypto import fingerprint, new_token

REGISTRATION_LIFE = timedelta(days=1)


def can_register_at_once() -> bool:
    """Whether a person can register on the page without a proof of the address."""
    if not settings().registration_open:
        return False
    if settings().demo:
        return True
    with system_session() as session:
        return session.scalar(select(User.user_id).limit(1)) is None


def register_at_once(name: str, email: str, password: str, business: str, address: str, now: datetime) -> int:
    """Register a person on the page; `address` is the network address.

    Raises:
        NotAllowed: a proof of the address is needed.
        RateLimited: too many from this network.
        InvalidInput, Conflict: as `users.register`.
    """
    if not can_register_at_once():
        raise NotAllowed("Someone else registered first; reload the page and ask for an invitation.")
    rate_limits.take(rate_limits.REGISTER, rate_limits.address_subject(address), now)
    return register(name, email, password, business, now)


def request_registration(email: str, address: str, now: datetime) -> None:
    """Request a mail with a link that creates an account; `address` is the network address of the request.

    Raises:
        InvalidInput: this is no email address.
        NotAllowed: strangers do not register here, or this installation sends no mail.
        RateLimited: too many from this network.
    """
    email = clean_email(email)
    if not (settings().registration_open and settings().sends_mail):
        raise NotAllowed(
            "You need an invitation to register; ask an owner of the business, or the operator of this server."
        )
    queue_requested_mail(LinkKind.REGISTRATION, email, address, now)


def mail_registration(email: str, now: datetime) -> None:
    """Mail the link, or a notice that the address has an account; called by the worker.

    Raises:
        MailDown: the mail server does not accept it now.
        MailRefused: the mail server never will.
    """
    with system_session() as session:
        known_email = session.scalar(select(User.email).where(User.email_norm == normal_email(email)))
    if known_email is not None:
        letter = known_address_letter(known_email, settings().public_url)
    else:
        letter = registration_letter(email, create_registration_link(email, now))
    mail.send(*settings().relay, letter)


def create_registration_link(email: str, now: datetime) -> str:
    """Create a link that registers this address; called by the operator's command and for the mail.

    Raises:
        InvalidInput: this is no email address.
    """
    token = new_token()
    with system_session() as session:
        session.add(
            RegistrationLink(
                token_hash=fingerprint(token), email=clean_email(email), expires_at=now + REGISTRATION_LIFE
            )
        )
    return link_address(LinkKind.REGISTRATION, token)


def open_registration(token: str, now: datetime) -> str:
    """Return the email address that the link of this token registers; opening the link does not use it up.

    Raises:
        NotFound: the link is unknown, used or too old.
    """
    query = select(RegistrationLink.email).where(
        RegistrationLink.token_hash == fingerprint(token), RegistrationLink.expires_at > now
    )
    with system_session() as session:
        email = session.scalar(query)
    if email is None:
        raise _link_ended()
    return email


def finish_registration(token: str, name: str, password: str, business: str, now: datetime) -> int:
    """Create the account, as the owner of a new tenant; return the user's id.

    Raises:
        NotFound: as `open_registration`.
        InvalidInput: one of the entries cannot be used.
        Conflict: the address has an account since.
    """
    name, business = clean_name(name, "your name"), clean_name(business, "the name of your business")
    hashed = hash_password(password)
    used_link = delete(RegistrationLink).where(
        RegistrationLink.token_hash == fingerprint(token), RegistrationLink.expires_at > now
    )
    with system_session() as session:
        email = session.scalar(used_link.returning(RegistrationLink.email))
        if email is None:
            raise _link_ended()
        user_id = add_user(session, name, email, hashed, now)
        add_tenant(session, user_id, business, now)
        return user_id


def _link_ended() -> NotFound:
    return NotFound("This link was used, or is older than a day; ask for a new link.")
