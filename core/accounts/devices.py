"""Recognise browsers that have signed in before, by a signed token that each keeps. The database stores nothing.

The token lets a browser try passwords while strangers are slowed down for the same address. It signs nobody in. The
signature covers the password's hash, so that a new password ends the trust in every browser.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from core.accounts.input_cleaning import normal_email
from core.config import settings
from core.database.models import User
from core.network.addresses import UNKNOWN
from core.sealing.crypto import is_equal, new_token

TRUST_LIFE = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Client:
    """Where a sign-in comes from: the network address, and the token of `new_device` that the browser sent."""

    address: str = UNKNOWN
    device: str = field(default="", repr=False)


def new_device(user: User, now: datetime) -> str:
    """Make a token for a browser that has just signed in as this user; it is valid for TRUST_LIFE."""
    # The expiry is part of the signed payload: a browser cannot extend it.
    payload = f"{new_token()}.{int((now + TRUST_LIFE).timestamp())}"
    return f"{payload}.{_signature(_keys()[0], user, payload)}"


def device_of(user: User | None, token: str, now: datetime) -> str | None:
    """Return the device's id if the token was made for this user and is valid; else None."""
    payload, _, signature = token.rpartition(".")
    device, _, until = payload.partition(".")
    if user is None or not until.isascii() or not until.isdigit() or int(until) <= now.timestamp():
        return None
    return device if any(is_equal(signature, _signature(key, user, payload)) for key in _keys()) else None


def cookie_label(email: str) -> str:
    """Make the suffix of a device cookie's name: it differs by user of a browser, but names no user."""
    return _mac(_keys()[0], f"label {normal_email(email)}")[:16]


def _signature(key: bytes, user: User, payload: str) -> str:
    return _mac(key, f"device {user.user_id} {user.password_hash} {payload}")


def _mac(key: bytes, text: str) -> str:
    return hmac.digest(key, f"xeno devices: {text}".encode(), sha256).hex()


def _keys() -> list[bytes]:
    """List the signing keys, the newest first; tokens signed with the previous key stay valid."""
    secrets = (settings().secret_key, settings().secret_key_previous)
    return [secret.get_secret_value().encode() for secret in secrets if secret]
