"""Rate limits: token buckets in PostgreSQL, which all processes share.

A bucket is one instant, `full_at`, at which it is full again. Each take adds the time that one token needs to return.
It is refused where `full_at` would lie more than a whole bucket after now. A full bucket needs no row.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import LiteralString

from core.config import settings
from core.database import run_at_once
from core.errors import RateLimited
from core.network.addresses import neighbourhood

_TAKE: LiteralString = """
    INSERT INTO rate_limits AS l (name, subject_hash, full_at)
    VALUES (%(name)s, %(subject_hash)s, %(now)s + %(cost)s)
    ON CONFLICT (name, subject_hash) DO UPDATE SET full_at = GREATEST(l.full_at, %(now)s) + %(cost)s
    WHERE GREATEST(l.full_at, %(now)s) + %(cost)s <= %(now)s + %(whole)s
    RETURNING full_at
"""
_FULL_AT: LiteralString = """
    SELECT full_at FROM rate_limits WHERE name = %(name)s AND subject_hash = %(subject_hash)s
"""
_PRUNE: LiteralString = "DELETE FROM rate_limits WHERE full_at <= %(now)s"


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit: at most `burst` at once, and one more after each `every`.

    `sentence` names the excess; `take` adds the time to wait.
    """

    name: str
    burst: int
    every: timedelta
    sentence: str


REGISTER = Limit(
    "register", 10, timedelta(minutes=6), "Too many accounts were created from your network in the last hour"
)
SIGN_IN = Limit("sign-in", 100, timedelta(seconds=3), "Too many sign-ins were tried from your network")
INVITE = Limit("invite", 30, timedelta(minutes=2), "Too many people were invited in the last hour")
MAIL_FROM_ADDRESS = Limit(
    "mail-from-address", 10, timedelta(minutes=6), "Too many mails were asked for from your network in the last hour"
)
MAIL_TO_ADDRESS = Limit(
    "mail-to-address", 3, timedelta(minutes=20), "Too many mails were sent to this address in the last hour"
)
BUSINESS = Limit("business", 10, timedelta(hours=2), "You have created too many businesses in the last day")
IMPORT = Limit("import", 30, timedelta(minutes=48), "Too many imports were started in the last day")
EXPORT = Limit("export", 60, timedelta(seconds=5), "Too many files were downloaded in the last minutes")
SYNC = Limit("sync", 10, timedelta(seconds=30), "This store was synced by hand too often in the last minutes")


def take(limit: Limit, subject: str, now: datetime, cost: int = 1) -> None:
    """Take `cost` tokens from the bucket of this subject, in one statement and a transaction of its own.

    `subject` names the bucket's owner, as `address_subject` and `tenant_subject` do. It is stored as a keyed hash.

    Raises:
        RateLimited: the bucket holds fewer, and none were taken; `retry_after` is the seconds until it holds enough.
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    bucket = {"name": limit.name, "subject_hash": _hash(subject)}
    price, capacity = limit.every * cost, limit.every * limit.burst
    (updates,) = run_at_once(None, [(_TAKE, {**bucket, "now": now, "cost": price, "whole": capacity})])
    if updates:
        return
    (buckets,) = run_at_once(None, [(_FULL_AT, bucket)])
    full_at = buckets[0][0] if buckets else now
    wait = max(full_at + price - capacity - now, timedelta(seconds=1))
    raise RateLimited(f"{limit.sentence}; wait {in_words(wait)}, then try again.", retry_after=wait.total_seconds())


def address_subject(address: str) -> str:
    """Return the subject of a network address. All addresses of an IPv6 /64 share one, as one customer has them."""
    return f"address {neighbourhood(address)}"


def tenant_subject(tenant_id: int, part: object = "") -> str:
    """Return the subject of a tenant, or of a part of it, such as one of its stores."""
    return f"tenant {tenant_id} {part}".rstrip()


def prune(now: datetime) -> None:
    """Delete full buckets; a missing row means the same."""
    run_at_once(None, [(_PRUNE, {"now": now})])


def in_words(wait: timedelta) -> str:
    """Return the time in words, rounded up: "40 seconds", "3 minutes", "2 hours"."""
    seconds = -(-wait // timedelta(seconds=1))
    if seconds <= 90:
        return f"{seconds} seconds" if seconds != 1 else "1 second"
    minutes = -(-seconds // 60)
    return f"{minutes} minutes" if minutes <= 90 else f"{-(-minutes // 60)} hours"


def _hash(subject: str) -> bytes:
    """Hash with a key: from an unkeyed hash, an IPv4 address is found by trying all of them."""
    key = settings().secret_key.get_secret_value().encode()
    return hmac.digest(key, b"xeno rate limits: " + subject.encode(), sha256)
