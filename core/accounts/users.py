"""People who sign in: registering, proving a password, changing it.

The hashes are bcrypt, as streamlit-authenticator makes and checks them (a test holds the two together); it is not
called from here because importing it brings Streamlit, which this package keeps out of the worker.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import bcrypt
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from core.accounts import attempts
from core.accounts.entries import clean_email, clean_name, clean_password, new_password, normal_email
from core.accounts.memberships import add_tenant
from core.accounts.sessions import revoke_in
from core.db import system_session
from core.errors import Conflict, InvalidInput, NotFound, NotSignedIn
from core.models import User

# What an unknown address is checked against: of a random password that was never kept, at the cost of a real one.
_NOBODYS_HASH = "$2b$12$j//8NkkymweJ1wB6r.5Gl.Kec9aWIbij6jh3Y47ielPUHwMOL3B6a"


@dataclass(frozen=True, slots=True)
class UserView:
    """A person, without the password's hash."""

    user_id: int
    name: str
    email: str


def register(name: str, email: str, password: str, business: str, now: datetime) -> int:
    """Make a user who owns a new tenant called `business`; returns the user's id.

    Raises:
        InvalidInput: one of the entries cannot be used; the message says which and what would be.
        Conflict: the address has an account.
    """
    user = User(
        name=clean_name(name, "your name"),
        email=clean_email(email),
        email_norm=normal_email(email),
        created_at=now,
    )
    business = clean_name(business, "the name of your business")
    user.password_hash = _hash(new_password(password))
    try:
        with system_session() as session:
            session.add(user)
            session.flush()
            add_tenant(session, user.user_id, business, now)
            return user.user_id
    except IntegrityError:
        raise Conflict("This address has an account already; sign in with it instead.") from None


def authenticate(email: str, password: str, now: datetime) -> int:
    """The id of the user whose address and password these are.

    An unknown address gets the same words after the same work as a wrong password.

    Raises:
        NotSignedIn: they are not right.
        TooManyAttempts: there were too many wrong ones for this address; nothing was checked.
    """
    attempts.count(email, now)
    with system_session() as session:
        user = session.scalar(select(User).where(User.email_norm == normal_email(email)))
    right = _matches(password, user.password_hash if user else _NOBODYS_HASH)
    if user is None or not right:
        raise NotSignedIn("This address and password do not belong together; check both and try again.")
    attempts.forgive(email)
    return user.user_id


def change_password(user_id: int, old: str, new: str, now: datetime) -> None:
    """Set a new password, and sign the user out everywhere, at once.

    Raises:
        InvalidInput: the old password is not right, or the new one cannot be used.
        TooManyAttempts: too many wrong old ones.
    """
    chosen = new_password(new)
    with system_session() as session:
        user = _row(session.get(User, user_id))
    attempts.count(user.email, now)
    if not _matches(old, user.password_hash):
        raise InvalidInput("The current password is not right; type the one you signed in with.")
    attempts.forgive(user.email)
    hashed = _hash(chosen)
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
    """The user of an address: for the operator's commands.

    Raises:
        NotFound: nobody has it.
    """
    with system_session() as session:
        user = _row(session.scalar(select(User).where(User.email_norm == normal_email(email))))
        return UserView(user.user_id, user.name, user.email)


def _row(user: User | None) -> User:
    if user is None:
        raise NotFound("There is no such user here.")
    return user


def _hash(password: str) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt()).decode()


def _matches(password: str, hashed: str) -> bool:
    # Cut where no stored hash can reach: bcrypt refuses longer ones, which must look like any other wrong password.
    typed = clean_password(password).encode()
    return bcrypt.checkpw(typed[:72].replace(b"\0", b""), hashed.encode()) and len(typed) <= 72
