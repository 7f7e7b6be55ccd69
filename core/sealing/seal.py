"""The installation's sealer, made from the settings."""

from __future__ import annotations

from functools import lru_cache

from core.config import settings
from core.sealing.crypto import Sealer

NO_TENANT = 0
"""The id that a seal is bound to before its tenant is known; no tenant has it."""


def sealer() -> Sealer:
    """Return the sealer that seals with SECRET_KEY and opens seals of SECRET_KEY_PREVIOUS, too."""
    keys = (settings().secret_key, settings().secret_key_previous)
    return _sealer(*(key.get_secret_value() for key in keys if key))


@lru_cache(maxsize=2)
def _sealer(*keys: str) -> Sealer:
    """Make a sealer once for its keys: deriving them takes time, and the receiver opens a seal for every delivery."""
    return Sealer(keys)
