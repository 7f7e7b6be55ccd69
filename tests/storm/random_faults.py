"""Random faults of a shop: each setting is drawn from the seed and lasts some seconds."""

from __future__ import annotations

import random
from typing import Any

import requests

SHARES = {
    "webhook_duplicates": 0.4,
    "webhook_twins": 0.3,
    "webhook_reordering": 0.6,
    "webhook_loss": 0.3,
    "api_too_many": 0.2,
    "api_throttled": 0.2,
    "api_errors": 0.2,
    "api_timeouts": 0.05,
    "api_cuts": 0.1,
    "api_slow": 0.1,
    "bulk_failed": 0.15,
    "bulk_partial": 0.15,
    "bulk_expired": 0.15,
    "bulk_canceled": 0.15,
    "bulk_cut": 0.15,
    "bulk_gone": 0.15,
}
"""The highest share of each fault."""
MODEST = {"retry_after_seconds": 1, "api_timeout_seconds": 2, "api_slow_seconds": 1, "webhook_reordering_seconds": 3}


class RandomFaults:
    """The faults of one shop. With `revokes`, its tokens are revoked at random, which only credentials that can get
    new ones survive."""

    def __init__(self, simulator_url: str, shop: str, seed: int, revokes: bool) -> None:
        self._url = f"{simulator_url}/simulator/{shop}"
        self._revokes = revokes
        self._rng = random.Random(f"weather/{shop}/{seed}")
        self._set(seed=seed, **MODEST)

    def change(self) -> None:
        """Draw a new setting: about half of the faults, each with a random share, and sometimes a rare one."""
        rng = self._rng
        setting: dict[str, Any] = {
            name: round(rng.random() * highest, 3) * (rng.random() < 0.5) for name, highest in SHARES.items()
        }
        setting["webhook_outage"] = rng.random() < 0.15
        setting["outage_unsubscribes"] = rng.random() < 0.3
        setting["webhook_delay_seconds"] = rng.choice((0, 0, 0, 1, 2))
        setting["clock_skew_seconds"] = rng.choice((0, 0, -20, 20))
        setting["search_lag_seconds"] = rng.choice((0, 0, 5, 15))
        self._set(**setting)
        if rng.random() < 0.2:
            self._post("drop_subscriptions", {"count": rng.randint(1, 8)})
        if self._revokes and rng.random() < 0.2:
            self._post("app", {"revoke": True})

    def clear(self) -> None:
        """Turn all faults off."""
        requests.delete(f"{self._url}/faults", timeout=30).raise_for_status()

    def injected(self) -> dict[str, int]:
        """Return the count of each injected fault."""
        counts: dict[str, int] = requests.get(f"{self._url}/faults", timeout=30).json()["injected"]
        return {name: count for name, count in sorted(counts.items()) if count}

    def _set(self, **switches: Any) -> None:
        self._post("faults", switches)

    def _post(self, endpoint: str, body: dict[str, Any]) -> None:
        requests.post(f"{self._url}/{endpoint}", json=body, timeout=30).raise_for_status()
