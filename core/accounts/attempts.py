"""Wrong passwords in a row, counted for each address over all processes: from the fifth on, the next try waits.

A try is counted before the password is looked at and forgiven when it was right, so a hundred tries at once get no
more than five answers. An address that nobody has is counted like any other.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from core.accounts.entries import normal_email
from core.crypto import fingerprint
from core.db import system_session
from core.errors import TooManyAttempts
from core.models import SignInAttempt

FREE_FAILURES = 5
"""So many may be wrong before the first wait."""
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
"""Waits double up to this: a stranger who guesses cannot keep the owner out for longer."""
FORGOTTEN_AFTER = timedelta(days=1)

_COUNT = text("""
    INSERT INTO sign_in_attempts AS a (email_hash, failures, last_failed_at) VALUES (:email_hash, 1, :now)
    ON CONFLICT (email_hash) DO UPDATE
    SET failures = CASE WHEN a.last_failed_at < :forgotten THEN 1 ELSE a.failures + 1 END, last_failed_at = :now
    WHERE a.failures < :free
       OR a.last_failed_at + LEAST(:longest, :first * power(2, LEAST(a.failures - :free, 20))) <= :now
    RETURNING a.failures
""")


def count(email: str, now: datetime) -> None:
    """Count one more try for this address, as if it were wrong; `forgive` takes it back.

    Raises:
        TooManyAttempts: the address has to wait; `retry_after` says how many seconds.
    """
    values = {
        "email_hash": _key(email),
        "now": now,
        "forgotten": now - FORGOTTEN_AFTER,
        "free": FREE_FAILURES,
        "first": FIRST_WAIT,
        "longest": LONGEST_WAIT,
    }
    with system_session() as session:
        if session.execute(_COUNT, values).first() is None:
            wait = _wait_left(session, email, now)
            raise TooManyAttempts(
                f"Too many wrong passwords for this address; wait {_in_words(wait)}, then try again.",
                retry_after=wait.total_seconds(),
            )


def forgive(email: str) -> None:
    """The password was right: the next wrong one is the first again."""
    with system_session() as session:
        session.execute(delete(SignInAttempt).where(SignInAttempt.email_hash == _key(email)))


def wait_after(failures: int) -> timedelta:
    """How long the next try waits after so many wrong ones in a row."""
    if failures < FREE_FAILURES:
        return timedelta(0)
    return min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(failures - FREE_FAILURES, 20))


def _wait_left(session: Session, email: str, now: datetime) -> timedelta:
    row = session.scalar(select(SignInAttempt).where(SignInAttempt.email_hash == _key(email)))
    if row is None:
        return timedelta(seconds=1)
    return max(row.last_failed_at + wait_after(row.failures) - now, timedelta(seconds=1))


def _key(email: str) -> bytes:
    """Hashed: the table must not become a list of addresses that people mistyped."""
    return fingerprint(normal_email(email))


def _in_words(wait: timedelta) -> str:
    seconds = round(wait.total_seconds())
    if seconds <= 90:
        return f"{seconds} seconds" if seconds != 1 else "1 second"
    return f"{-(-seconds // 60)} minutes"
