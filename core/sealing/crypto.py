"""Seals credentials at rest, and has the few hashes and comparisons that must not be written twice.

A seal is bound to its tenant: the tenant's id is inside the sealed text, so a value copied into another tenant's row
does not open there. Keys rotate: the newest key seals, and the older ones still open.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import ConfigError

_LOST = "SECRET_KEY does not open the stored credentials; set SECRET_KEY_PREVIOUS to the key that sealed them."


class Sealer:
    """Seals small JSON objects for one tenant with the first of `keys`; opens with any of them."""

    def __init__(self, keys: Sequence[str]) -> None:
        fernets = [Fernet(_fernet_key(key)) for key in keys]
        self._newest, self._fernet = fernets[0], MultiFernet(fernets)

    def seal(self, tenant_id: int, value: Mapping[str, Any]) -> str:
        """Return `value` as a text that only `open` with the same tenant can read."""
        return self._fernet.encrypt(json.dumps({"tenant_id": tenant_id, "value": value}).encode()).decode()

    def open(self, tenant_id: int, sealed: str) -> dict[str, Any]:
        """Return the sealed value.

        Raises:
            ConfigError: none of the keys opens it, or it was sealed for another tenant.
        """
        try:
            envelope = json.loads(self._fernet.decrypt(sealed.encode()).decode())
        except InvalidToken:
            raise ConfigError(_LOST) from None
        if envelope["tenant_id"] != tenant_id:
            raise ConfigError("These credentials were sealed for another tenant; connect the store again.")
        value: dict[str, Any] = envelope["value"]
        return value

    def reseal(self, sealed: str) -> str:
        """Return the same value sealed with the newest key; a seal of that key stays as it is.

        Raises:
            ConfigError: none of the keys opens it.
        """
        try:
            self._newest.decrypt(sealed.encode())
        except InvalidToken:
            return self._rotate(sealed)
        return sealed

    def _rotate(self, sealed: str) -> str:
        try:
            return self._fernet.rotate(sealed.encode()).decode()
        except InvalidToken:
            raise ConfigError(_LOST) from None


def new_token() -> str:
    """Return an unguessable token of 256 bits, safe in a URL and a cookie."""
    return secrets.token_urlsafe(32)


def fingerprint(token: str) -> bytes:
    """Return the hash that the database stores of a token: it finds the row, and no reader of it gets the token."""
    return hashlib.sha256(token.encode()).digest()


def is_equal(a: str | bytes, b: str | bytes) -> bool:
    """Whether two secrets are equal. Takes equally long wherever they differ, so the time reveals nothing."""
    first, second = (secret.encode() if isinstance(secret, str) else secret for secret in (a, b))
    return hmac.compare_digest(first, second)


def _fernet_key(secret: str) -> bytes:
    """Derive the Fernet key for credentials. Other uses of the secret derive keys of their own."""
    derived = HKDF(SHA256(), length=32, salt=None, info=b"xeno credentials").derive(secret.encode())
    return base64.urlsafe_b64encode(derived)
