"""What goes wrong between a shop and its app: switches that are thrown live, and counts of what was injected.

Chance is seeded, and each fault has dice of its own: the n-th webhook or request that a fault may strike meets the
same fate in every storm with the same seed and settings.
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
_ON_OR_OFF = ("webhook_outage", "outage_unsubscribes", "tokens_refused")
_FATES = (
    BulkOutcome.FAILED,
    BulkOutcome.PARTIAL,
    BulkOutcome.EXPIRED,
    BulkOutcome.CANCELED,
    BulkOutcome.CUT,
    BulkOutcome.GONE,
)


@dataclass(frozen=True, slots=True)
class Faults:
    """The present setting. Shares are from 0 to 1 of all that a fault may strike; at first everything is off.

    Raises:
        InvalidInput: a value is not one of its field's.
    """

    seed: int = 1
    """Of the dice; they begin anew when it is set."""

    webhook_duplicates: float = 0
    """Share of webhooks that are sent twice under one webhook id."""
    webhook_twins: float = 0
    """Share sent twice under two webhook ids, with the same event id."""
    webhook_reordering: float = 0
    """Share held back by chance, for up to `webhook_reordering_seconds`, so that later ones overtake them."""
    webhook_reordering_seconds: float = 3
    webhook_delay_seconds: float = 0
    """How much later all are sent."""
    webhook_loss: float = 0
    """Share never sent."""
    webhook_outage: bool = False
    """None is sent while it lasts, nor after it; what was under way before still arrives."""
    outage_unsubscribes: bool = False
    """An outage deletes the subscription of each webhook that is not sent, as Shopify does after its last try."""

    api_too_many: float = 0
    """Share of requests answered with 429 and Retry-After, `retry_after_seconds`."""
    retry_after_seconds: float = 1
    api_throttled: float = 0
    """Share of documents that find the bucket of points empty (status 200, THROTTLED)."""
    api_errors: float = 0
    """Share answered with 500, 502 or 503; nothing was done."""
    api_timeouts: float = 0
    """Share that get no answer: after `api_timeout_seconds` the connection closes; nothing was done."""
    api_timeout_seconds: float = 5
    api_cuts: float = 0
    """Share whose answer breaks off in the middle; what they asked for was done."""
    api_slow: float = 0
    """Share answered only after `api_slow_seconds`."""
    api_slow_seconds: float = 3

    tokens_refused: bool = False
    """Every token is refused while it lasts, as after the merchant took the app's access away."""

    bulk_failed: float = 0
    """Share of bulk operations with this fate, see `bulk.BulkOutcome`; so for the others. Together at most 1."""
    bulk_partial: float = 0
    bulk_expired: float = 0
    bulk_canceled: float = 0
    bulk_cut: float = 0
    bulk_gone: float = 0

    clock_skew_seconds: float = 0
    """How far the shop's clock runs ahead of the true time, or behind if negative: new events are dated by it."""
    search_lag_seconds: float = 0
    """How old a change must be for searches to know of it."""

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            _check(name, value)
        if sum(getattr(self, f"bulk_{fate}") for fate in _FATES) > 1:
            raise InvalidInput("The shares of the bulk fates are more than 1 together")


class FaultInjector:
    """The faults of one shop: `settings` holds the switches, `injected` counts what has struck so far, by fault.

    Neither outlives the simulator: a restarted one is calm.
    """

    def __init__(self, domain: str) -> None:
        self.settings = Faults()
        self.injected: Counter[str] = Counter()
        self._domain, self._lock = domain, Lock()
        self._dice: dict[str, random.Random] = {}

    def set(self, **told: Any) -> None:
        """Change some of the switches; the others stay.

        Raises:
            InvalidInput: there is no such switch, or it has no such value; nothing has changed.
        """
        names = [each.name for each in fields(Faults)]
        unknown = sorted(told.keys() - set(names))
        if unknown:
            raise InvalidInput(f"There is no switch {', '.join(unknown)}; there are {', '.join(names)}")
        with self._lock:
            self.settings = replace(self.settings, **told)
            if "seed" in told:
                self._dice.clear()

    def clear(self) -> None:
        """Turn everything off, and begin the dice anew; what was injected stays counted."""
        with self._lock:
            self.settings = Faults()
            self._dice.clear()

    def to_json(self) -> dict[str, Any]:
        """The setting and the counts."""
        with self._lock:
            return {"faults": asdict(self.settings), "injected": dict(self.injected)}

    def strikes(self, name: str) -> bool:
        """Whether the fault with this share strikes now; it is counted if so."""
        with self._lock:
            share = getattr(self.settings, name)
            struck = bool(share) and self._die(name).random() < share
            self.injected[name] += struck
            return struck

    def chosen(self, name: str, among: Sequence[int]) -> int:
        """One of some numbers, by the dice of a fault."""
        with self._lock:
            return self._die(f"{name}/choice").choice(among)

    def note(self, name: str, count: int = 1) -> None:
        """Count what struck without dice."""
        with self._lock:
            self.injected[name] += count

    def sendings(self, wanted: Delivery) -> list[tuple[Delivery, float]]:
        """What is sent in the place of a webhook, each with the seconds to wait before: of a lost one, nothing."""
        if self.settings.webhook_outage:
            self.note("webhook_outage")
            return []
        if self.strikes("webhook_loss"):
            return []
        sent = [wanted]
        if self.strikes("webhook_duplicates"):
            sent.append(wanted)
        if self.strikes("webhook_twins"):
            sent.append(replace(wanted, headers={**wanted.headers, "X-Shopify-Webhook-Id": str(uuid.uuid4())}))
        return [(each, self._held_back()) for each in sent]

    def bulk_fate(self) -> BulkOutcome:
        """What becomes of a bulk operation that nobody decided over."""
        shares = {fate: getattr(self.settings, f"bulk_{fate}") for fate in _FATES}
        if not any(shares.values()):
            return BulkOutcome.COMPLETED
        with self._lock:
            left = self._die("bulk").random()
            for fate, share in shares.items():
                left -= share
                if left < 0:
                    self.injected[f"bulk_{fate}"] += 1
                    return fate
        return BulkOutcome.COMPLETED

    def _held_back(self) -> float:
        """Seconds before a webhook goes out."""
        seconds = self.settings.webhook_delay_seconds
        if seconds:
            self.note("webhook_delay_seconds")
        if self.strikes("webhook_reordering"):
            with self._lock:
                seconds += self._die("held back").uniform(0, self.settings.webhook_reordering_seconds)
        return seconds

    def _die(self, name: str) -> random.Random:
        if name not in self._dice:
            self._dice[name] = random.Random(f"{self.settings.seed}/{self._domain}/{name}")
        return self._dice[name]


def _check(name: str, value: Any) -> None:
    if name in _ON_OR_OFF:
        if not isinstance(value, bool):
            raise InvalidInput(f"{name} is true or false")
    elif isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidInput(f"{name} is a number")
    elif name == "seed":
        if not isinstance(value, int):
            raise InvalidInput("seed is a whole number")
    elif name.endswith("_seconds"):
        least = -_MOST_SECONDS if name == "clock_skew_seconds" else 0
        if not least <= value <= _MOST_SECONDS:
            raise InvalidInput(f"{name} is a number from {least} to {_MOST_SECONDS}")
    elif not 0 <= value <= 1:
        raise InvalidInput(f"{name} is a share from 0 to 1")
