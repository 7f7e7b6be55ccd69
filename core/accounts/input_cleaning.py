"""Clean the names, email addresses and passwords that people type, or refuse them with a sentence. Pure."""

from __future__ import annotations

import re

from core.errors import InvalidInput

MIN_PASSWORD = 10
"""Characters. Length makes a password hard to guess; required signs and digits hardly do."""
MAX_PASSWORD_BYTES = 72
"""bcrypt ignores all further bytes: a longer password would only seem stronger."""

_EMAIL = re.compile(r"\A[^\s@<>\",;:()\[\]\\]{1,64}@[^\s@<>\",;:()\[\]\\.]+(\.[^\s@<>\",;:()\[\]\\.]+)+\Z")
_LONGEST_EMAIL = 254
_LONGEST_NAME = 100


def clean_email(text: str) -> str:
    """Strip the spaces around an email address.

    Raises:
        InvalidInput: this is no email address.
    """
    email = text.strip()
    if len(email) > _LONGEST_EMAIL or not email.isprintable() or not _EMAIL.match(email):
        raise InvalidInput("This is not an email address; write it as name@example.com.")
    return email


def normal_email(text: str) -> str:
    """Return the form in which two spellings of an address are equal: stripped, lower case, without NUL, which
    PostgreSQL refuses."""
    return text.replace("\0", "").strip().lower()


def clean_name(text: str, what: str) -> str:
    """Put the name of a person or a business on one line; `what` is its name in the error message.

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
    """Strip the spaces around a password: the sign-in form strips them, so every other form must, too."""
    return text.strip()


def new_password(text: str) -> str:
    """Clean a password that a person chooses.

    Raises:
        InvalidInput: it is too short or too long.
    """
    password = clean_password(text)
    if len(password) < MIN_PASSWORD:
        raise InvalidInput(f"Choose a password of at least {MIN_PASSWORD} characters.")
    if len(password.encode()) > MAX_PASSWORD_BYTES or "\0" in password:
        raise InvalidInput(f"Choose a password of at most {MAX_PASSWORD_BYTES} letters, digits and signs.")
    return password
