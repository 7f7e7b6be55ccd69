"""What people type about themselves: names, addresses and passwords, cleaned, or refused with a sentence. Pure."""

from __future__ import annotations

import re

from core.errors import InvalidInput

MIN_PASSWORD = 10
"""Characters. Length is what makes a password hard to guess; signs and digits are not asked for."""
MAX_PASSWORD_BYTES = 72
"""bcrypt reads no further: what came after would be decoration."""

_EMAIL = re.compile(r"\A[^\s@<>\",;:()\[\]\\]{1,64}@[^\s@<>\",;:()\[\]\\.]+(\.[^\s@<>\",;:()\[\]\\.]+)+\Z")
_LONGEST_EMAIL = 254
_LONGEST_NAME = 100


def clean_email(text: str) -> str:
    """The address as typed, without the spaces around it.

    Raises:
        InvalidInput: this is no email address.
    """
    email = text.strip()
    if len(email) > _LONGEST_EMAIL or not email.isprintable() or not _EMAIL.match(email):
        raise InvalidInput("This is not an email address; write it as name@example.com.")
    return email


def normal_email(text: str) -> str:
    """What makes two spellings one address: no spaces around it, lower case. PostgreSQL stores no NUL."""
    return text.replace("\0", "").strip().lower()


def clean_name(text: str, what: str) -> str:
    """A name of a person or a business on one line; `what` is what the sentence calls it.

    Raises:
        InvalidInput: it is empty, too long, or has unprintable signs.
    """
    name = " ".join(text.split())
    if not name:
        raise InvalidInput(f"Type {what}.")
    if len(name) > _LONGEST_NAME or not name.isprintable():
        raise InvalidInput(f"Shorten {what} to at most {_LONGEST_NAME} ordinary characters.")
    return name


def clean_password(text: str) -> str:
    """The password without the spaces around it: the sign-in form drops them, so no other door may keep them."""
    return text.strip()


def new_password(text: str) -> str:
    """A password that may be chosen, cleaned.

    Raises:
        InvalidInput: it is too short or too long.
    """
    password = clean_password(text)
    if len(password) < MIN_PASSWORD:
        raise InvalidInput(f"Choose a password of at least {MIN_PASSWORD} characters.")
    if len(password.encode()) > MAX_PASSWORD_BYTES or "\0" in password:
        raise InvalidInput(f"Choose a password of at most {MAX_PASSWORD_BYTES} letters, digits and signs.")
    return password
