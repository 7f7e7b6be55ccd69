"""Register users, check their passwords, and change them.

Hashes are bcrypt, as streamlit-authenticator makes and checks them (a test holds the two together). This module does
not call it: its import loads Streamlit, which the worker does without.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import bcrypt
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.accounts import attempts, devices
from core.accounts.devices import Client
from core.accounts.input_cleaning import clean_email, clean_name, clean_password, new_password, normal_email
from core.accounts.memberships import add_tenant
from core.accounts.sessions import issue_ticket, revoke_in, user_of
from core.database import rate_limits, system_session
from core.database.models import User
from core.errors import Conflict, InvalidInput, NotFound, NotSignedIn, TooManyAttempts

# Unknown addresses are checked against this hash of a discarded random password, at the cost of a real check: a
# faster refusal would reveal that the address has no account.
_UNKNOWN_USERS_HASH = "$2b$12$j//8NkkymweJ1wB6r.5Gl.Kec9aWIbij6jh3Y47ielPUHwMOL3B6a"

# One text for every refusal of a stranger: a wrong password, an unknown address, and a try that came too early to be
# checked. Another text for the last one would reveal that a guesser is at work on this address.
_REFUSED = (
    f"Wrong email or password. After {attempts.FREE_FAILURES} wrong attempts in a row, wait "
    f"{rate_limits.in_words(attempts.LONGEST_WAIT)} or reset the password."
)


@dataclass(frozen=True, slots=True)
class UserView:
    """A person, without the password's hash."""

    user_id: int
    name: str
    email: str


def register(name: str, email: str, password: str, business: str, now: datetime) -> int:
    """Create a user who owns a new tenant called `business`; return the user's id.

    Raises:
        InvalidInput: one of the entries cannot be used; the message names it and the rule.
        Conflict: the address has an account.
    """
    name, email = clean_name(name, "your name"), clean_email(email)
    business = clean_name(business, "the name of your business")
    hashed = hash_password(password)
    with system_session() as session:
        user_id = add_user(session, name, email, hashed, now)
        add_tenant(session, user_id, business, now)
        return user_id


def add_user(session: Session, name: str, email: str, password_hash: str, now: datetime) -> int:
    """Create a user inside a transaction of the caller, from entries already cleaned; return the user's id.

    Raises:
        Conflict: the address has an account.
    """
    user = User(name=name, email=email, email_norm=normal_email(email), password_hash=password_hash, created_at=now)
    session.add(user)
    try:
        session.flush()
    except IntegrityError:
        raise Conflict("This address already has an account; sign in instead.") from None
    return user.user_id


def begin_sign_in(
    email: str,
    password: str,
    nonce: str,
    now: datetime,
    client: Client = Client(),  # noqa: B008  # frozen
) -> str:
    """Check address and password; return a ticket for the browser that holds `nonce`.

    Raises:
        NotSignedIn: as `authenticate`; or the browser holds no nonce; or the password has just been changed.
        TooManyAttempts, RateLimited: as `authenticate`.
    """
    user = _check_password(email, password, now, client)
    if not nonce:
        raise NotSignedIn("Your browser did not accept a cookie, which signing in needs; allow cookies and reload.")
    return issue_ticket(user.user_id, nonce, now, password_hash=user.password_hash)


def authenticate(email: str, password: str, now: datetime, client: Client = Client()) -> int:  # noqa: B008  # frozen
    """Check address and password; return the user's id.

    Only its own wrong tries slow down a browser that has signed in before. A stranger gets the same refusal after the
    same work, whether the address is unknown, the password wrong, or the try too early to be checked.

    Raises:
        NotSignedIn: address or password is wrong, or a stranger tried too often.
        TooManyAttempts: a known browser tried too often; nothing was checked.
        RateLimited: too many sign-ins from this network, at any address.
    """
    return _check_password(email, password, now, client).user_id


def _check_password(email: str, password: str, now: datetime, client: Client) -> User:
    with system_session() as session:
        user = session.scalar(select(User).where(User.email_norm == normal_email(email)))
    device = devices.device_of(user, client.device, now)
    if user is not None and device is not None:
        subjects = [attempts.of_device(user.user_id, device)]
        attempts.count_try(subjects[0], now)
        is_in_time = True
    else:
        rate_limits.take(rate_limits.SIGN_IN, rate_limits.address_subject(client.address), now)
        subjects = [attempts.of_source(email, client.address), attempts.of_email(email)]
        is_in_time = _count_stranger(subjects[0], subjects[1], now)
    is_right = _matches(password, user.password_hash if user else _UNKNOWN_USERS_HASH)
    if user is None or not is_right or not is_in_time:
        raise NotSignedIn(_REFUSED)
    attempts.forgive(*subjects)
    return user


def new_device(user_id: int, now: datetime) -> tuple[str, str]:
    """Make a cookie for a browser that has just signed in as this user: its label, and its token.

    Raises:
        NotFound: there is no such user.
    """
    with system_session() as session:
        user = _row(session.get(User, user_id))
        return devices.cookie_label(user.email), devices.new_device(user, now)


def change_password(user_id: int, old: str, new: str, now: datetime) -> None:
    """Set a new password, and sign the user out everywhere, at once.

    Raises:
        InvalidInput: the old password is wrong, or the new one cannot be used.
        TooManyAttempts: too many wrong old passwords.
    """
    new = new_password(new)
    with system_session() as session:
        user = _row(session.get(User, user_id))
    subject = attempts.of_user(user_id)
    attempts.count_try(subject, now)
    if not _matches(old, user.password_hash):
        raise InvalidInput("The current password is wrong; type the one you sign in with.")
    attempts.forgive(subject)
    hashed = hash_password(new)
    with system_session() as session:
        session.execute(update(User).where(User.user_id == user_id).values(password_hash=hashed))
        revoke_in(session, user_id, now)


def rename_user(user_id: int, name: str) -> None:
    """Change the name that others see.

    Raises:
        InvalidInput: it is empty or too long.
    """
    name = clean_name(name, "your name")
    with system_session() as session:
        _row(session.get(User, user_id)).name = name


def find_user(email: str) -> UserView:
    """Return the user of an address; called by the operator's commands.

    Raises:
        NotFound: no user has it.
    """
    with system_session() as session:
        user = _row(session.scalar(select(User).where(User.email_norm == normal_email(email))))
        return UserView(user.user_id, user.name, user.email)


def hash_password(password: str) -> str:
    """Check a password that a person chose, and hash it with bcrypt.

    Raises:
        InvalidInput: it is too short or too long.
    """
    return bcrypt.hashpw(new_password(password).encode(), bcrypt.gensalt()).decode()


def user_of_session(token: str, now: datetime) -> UserView | None:
    """Return the user of a valid session, also one without a tenant; None if it is not valid."""
    user_id = user_of(token, now)
    with system_session() as session:
        user = session.get(User, user_id) if user_id is not None else None
        return UserView(user.user_id, user.name, user.email) if user else None


def _count_stranger(source: str, email: str, now: datetime) -> bool:
    """Count the try; return False if it came too early. Surplus tries of one network do not count for the address."""
    try:
        attempts.count_try(source, now)
        attempts.count_try(email, now, attempts.FREE_FOR_ADDRESS)
    except TooManyAttempts:
        return False
    return True


def _row(user: User | None) -> User:
    if user is None:
        raise NotFound("No user has this address; check it.")
    return user


def _matches(password: str, hashed: str) -> bool:
    # bcrypt refuses passwords of more than 72 bytes, and none was stored: such a try must be refused like any wrong
    # one.
    typed = clean_password(password).encode()
    return bcrypt.checkpw(typed[:72].replace(b"\0", b""), hashed.encode()) and len(typed) <= 72
