"""Count wrong passwords in a row, over all processes: from the sixth on, the next try waits.

Tries count for an email address together with the network they come from, so that a stranger cannot lock an owner
out. A browser that has signed in before has a count of its own. A try counts before the password is checked, and a
right password resets the count: a hundred tries at once get five answers at most. Unknown addresses count like any
other.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from core.accounts.input_cleaning import normal_email
from core.database import system_session
from core.database.models import SignInAttempt
from core.database.rate_limits import in_words
from core.errors import TooManyAttempts
from core.network.addresses import neighbourhood
from core.sealing.crypto import fingerprint

FREE_FAILURES = 5
"""Wrong passwords before the first wait."""
FREE_FOR_ADDRESS = 100
"""The same for one address from all strange networks together: it slows down a guesser who has many networks."""
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
"""Waits double up to this."""
FORGOTTEN_AFTER = timedelta(days=1)

# One statement, so that of many tries at once, in any process, each is counted: a read and a write would lose some.
_COUNT = text("""
    INSERT INTO sign_in_attempts AS a (email_hash, failures, last_failed_at) VALUES (:email_hash, 1, :now)
    ON CONFLICT (email_hash) DO UPDATE
    SET failures = CASE WHEN a.last_failed_at < :forgotten THEN 1 ELSE a.failures + 1 END, last_failed_at = :now
    WHERE a.failures < :free
       OR a.last_failed_at + LEAST(:longest, :first * power(2, LEAST(a.failures - :free, 20))) <= :now
    RETURNING a.failures
""")


def of_source(email: str, address: str) -> str:
    """Name the subject of a stranger: an email address, tried from one network."""
    return f"{normal_email(email)} from {neighbourhood(address)}"


def of_email(email: str) -> str:
    """Name the subject of all strangers who try one email address."""
    return normal_email(email)


def of_device(user_id: int, device: str) -> str:
    """Name the subject of a browser that has signed in before."""
    return f"user {user_id} with {device}"


def of_user(user_id: int) -> str:
    """Name the subject of a signed-in user who types the current password."""
    return f"user {user_id}"


def count_try(subject: str, now: datetime, free: int = FREE_FAILURES) -> None:
    """Count a try of this subject as a wrong one; `forgive` resets the count after a right one.

    Raises:
        TooManyAttempts: the subject has to wait `retry_after` seconds.
    """
    values = {
        "email_hash": _key(subject),
        "now": now,
        "forgotten": now - FORGOTTEN_AFTER,
        "free": free,
        "first": FIRST_WAIT,
        "longest": LONGEST_WAIT,
    }
    with system_session() as session:
        if session.execute(_COUNT, values).first() is None:
            wait = _wait_left(session, subject, now, free)
            raise TooManyAttempts(
                f"Too many wrong passwords; wait {in_words(wait)}, then try again.",
                retry_after=wait.total_seconds(),
            )


def forgive(*subjects: str) -> None:
    """Reset the counts of these subjects, after a right password."""
    with system_session() as session:
        session.execute(delete(SignInAttempt).where(SignInAttempt.email_hash.in_(map(_key, subjects))))


def wait_after(failures: int, free: int = FREE_FAILURES) -> timedelta:
    """Compute how long the next try waits after this number of wrong ones in a row."""
    if failures < free:
        return timedelta(0)
    return min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(failures - free, 20))


def _wait_left(session: Session, subject: str, now: datetime, free: int) -> timedelta:
    row = session.scalar(select(SignInAttempt).where(SignInAttempt.email_hash == _key(subject)))
    if row is None:
        return timedelta(seconds=1)
    return max(row.last_failed_at + wait_after(row.failures, free) - now, timedelta(seconds=1))


def _key(subject: str) -> bytes:
    """Hash the subject: the table must not become a list of addresses that people mistyped."""
    return fingerprint(subject)
