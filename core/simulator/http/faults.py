"""Fault injection between a shop and its app: settings that can be changed at any time, and counts of injected
faults.

Each fault has seeded dice of its own. The n-th webhook or request that a fault can strike has the same fate for the
same seed and settings.
"""

from __future__ import annotations

import random
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from threading import Lock
from typing import Any

from core.errors import InvalidInput
from core.simulator.admin_api.bulk import BulkOutcome
from core.simulator.webhooks.deliveries import Delivery

_MOST_SECONDS = 86_400
_BOOLEANS = ("webhook_outage", "outage_unsubscribes", "tokens_refused")
_BULK_OUTCOMES = (
    BulkOutcome.FAILED,
    BulkOutcome.PARTIAL,
    BulkOutcome.EXPIRED,
    BulkOutcome.CANCELED,
    BulkOutcome.TRUNCATED,
    BulkOutcome.URL_EXPIRED,
)


@dataclass(frozen=True, slots=True)
class Faults:
    """The fault settings. Shares are from 0 to 1 of everything that a fault can strike. By default all faults are
    off.

    The field names are the JSON fields of the HTTP endpoint.

    Raises:
        InvalidInput: a field has an invalid value.
    """

    seed: int = 1
    """The seed of the dice. Setting it restarts them."""

    webhook_duplicates: float = 0
    """Share of webhooks that are sent twice under one webhook id."""
    webhook_twins: float = 0
    """Share sent twice under two webhook ids, with the same event id."""
    webhook_reordering: float = 0
    """Share delayed at random, for up to `webhook_reordering_seconds`, so that later ones overtake them."""
    webhook_reordering_seconds: float = 3
    webhook_delay_seconds: float = 0
    """A delay of all webhooks."""
    webhook_loss: float = 0
    """Share never sent."""
    webhook_outage: bool = False
    """During an outage no webhook is sent, nor after it. Webhooks sent before it still arrive."""
    outage_unsubscribes: bool = False
    """An outage deletes the subscription of each unsent webhook, as Shopify does after its last retry."""

    api_too_many: float = 0
    """Share of requests answered with 429 and Retry-After, `retry_after_seconds`."""
    retry_after_seconds: float = 1
    api_throttled: float = 0
    """Share of documents that find an empty bucket (status 200, THROTTLED)."""
    api_errors: float = 0
    """Share answered with 500, 502 or 503; the request has no effect."""
    api_timeouts: float = 0
    """Share without an answer: after `api_timeout_seconds` the connection closes; the request has no effect."""
    api_timeout_seconds: float = 5
    api_cuts: float = 0
    """Share whose answer breaks off in the middle; the request has its effect."""
    api_slow: float = 0
    """Share answered only after `api_slow_seconds`."""
    api_slow_seconds: float = 3

    tokens_refused: bool = False
    """Every token is refused, as after the merchant revoked the app's access."""

    bulk_failed: float = 0
    """Share of bulk operations with this outcome, see `bulk.BulkOutcome`; likewise below. Together at most 1."""
    bulk_partial: float = 0
    bulk_expired: float = 0
    bulk_canceled: float = 0
    bulk_cut: float = 0
    bulk_gone: float = 0

    clock_skew_seconds: float = 0
    """How far the shop's clock is ahead of the true time, or behind if negative. It dates new events."""
    search_lag_seconds: float = 0
    """The age at which a change is found by searches."""

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            _check_setting(name, value)
        if sum(getattr(self, f"bulk_{outcome}") for outcome in _BULK_OUTCOMES) > 1:
            raise InvalidInput("The shares of the bulk fates are more than 1 together")


class FaultInjector:
    """The faults of one shop: their settings, and `injected`, the counts by fault.

    Both are lost when the simulator stops.
    """

    def __init__(self, domain: str) -> None:
        self.settings = Faults()
        self.injected: Counter[str] = Counter()
        self._domain, self._lock = domain, Lock()
        self._dice: dict[str, random.Random] = {}

    def set(self, **changes: Any) -> None:
        """Change some settings; the others stay.

        Raises:
            InvalidInput: there is no such fault, or it has no such value; nothing has changed.
        """
        names = [field.name for field in fields(Faults)]
        unknown = sorted(changes.keys() - set(names))
        if unknown:
            raise InvalidInput(f"There is no switch {', '.join(unknown)}; there are {', '.join(names)}")
        with self._lock:
            self.settings = replace(self.settings, **changes)
            if "seed" in changes:
                self._dice.clear()

    def clear(self) -> None:
        """Turn all faults off and restart the dice. The counts stay."""
        with self._lock:
            self.settings = Faults()
            self._dice.clear()

    def to_json(self) -> dict[str, Any]:
        """Describe the settings and the counts."""
        with self._lock:
            return {"faults": asdict(self.settings), "injected": dict(self.injected)}

    def roll(self, name: str) -> bool:
        """Roll the dice of a fault. Returns whether it strikes, and counts it if so."""
        with self._lock:
            share = getattr(self.settings, name)
            is_struck = bool(share) and self._dice_of(name).random() < share
            self.injected[name] += is_struck
            return is_struck

    def choose(self, name: str, among: Sequence[int]) -> int:
        """Choose one of some numbers by the dice of a fault."""
        with self._lock:
            return self._dice_of(f"{name}/choice").choice(among)

    def count(self, name: str, count: int = 1) -> None:
        """Count faults that strike without dice."""
        with self._lock:
            self.injected[name] += count

    def plan_sending(self, delivery: Delivery) -> list[tuple[Delivery, float]]:
        """Plan the sending of a webhook: copies with the seconds to wait before each. A lost webhook has none."""
        if self.settings.webhook_outage:
            self.count("webhook_outage")
            return []
        if self.roll("webhook_loss"):
            return []
        copies = [delivery]
        if self.roll("webhook_duplicates"):
            copies.append(delivery)
        if self.roll("webhook_twins"):
            copies.append(replace(delivery, headers={**delivery.headers, "X-Shopify-Webhook-Id": str(uuid.uuid4())}))
        return [(copy, self._roll_delay()) for copy in copies]

    def roll_bulk_outcome(self) -> BulkOutcome:
        """Roll the outcome of a bulk operation that the operator has not decided."""
        shares = {outcome: getattr(self.settings, f"bulk_{outcome}") for outcome in _BULK_OUTCOMES}
        if not any(shares.values()):
            return BulkOutcome.COMPLETED
        with self._lock:
            remainder = self._dice_of("bulk").random()
            for outcome, share in shares.items():
                remainder -= share
                if remainder < 0:
                    self.injected[f"bulk_{outcome}"] += 1
                    return outcome
        return BulkOutcome.COMPLETED

    def _roll_delay(self) -> float:
        """Roll the seconds before a webhook is sent."""
        seconds = self.settings.webhook_delay_seconds
        if seconds:
            self.count("webhook_delay_seconds")
        if self.roll("webhook_reordering"):
            with self._lock:
                seconds += self._dice_of("held back").uniform(0, self.settings.webhook_reordering_seconds)
        return seconds

    def _dice_of(self, name: str) -> random.Random:
        if name not in self._dice:
            self._dice[name] = random.Random(f"{self.settings.seed}/{self._domain}/{name}")
        return self._dice[name]


def _check_setting(name: str, value: Any) -> None:
    if name in _BOOLEANS:
        if not isinstance(value, bool):
            raise InvalidInput(f"{name} is true or false")
    elif isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidInput(f"{name} is a number")
    elif name == "seed":
        if not isinstance(value, int):
            raise InvalidInput("seed is a whole number")
    elif name.endswith("_seconds"):
        minimum = -_MOST_SECONDS if name == "clock_skew_seconds" else 0
        if not minimum <= value <= _MOST_SECONDS:
            raise InvalidInput(f"{name} is a number from {minimum} to {_MOST_SECONDS}")
    elif not 0 <= value <= 1:
        raise InvalidInput(f"{name} is a share from 0 to 1")
