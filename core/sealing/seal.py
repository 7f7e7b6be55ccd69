"""The installation's seal: made of SECRET_KEY, and what opens what the key before it sealed."""

from __future__ import annotations

from functools import lru_cache

from core.config import settings
from core.sealing.crypto import Sealer

NO_TENANT = 0
"""What a seal is bound to before it is known whose it will be; no tenant has this id."""


def sealer() -> Sealer:
    """Seals with SECRET_KEY; opens what SECRET_KEY_PREVIOUS sealed, too."""
    keys = (settings().secret_key, settings().secret_key_previous)
    return _sealer(*(key.get_secret_value() for key in keys if key))


@lru_cache(maxsize=2)
def _sealer(*keys: str) -> Sealer:
    """Made once: the receiver opens a seal for every delivery."""
    return Sealer(keys)
