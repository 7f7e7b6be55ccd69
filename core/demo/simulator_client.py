"""The simulator as the dashboard reaches it: over HTTP, for a store's owners, where the installation runs on it.

Nothing here loads the simulator, and where Shopify itself is spoken with, every function refuses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import requests

from core import stores
from core.accounts import Action, Actor, authorise
from core.config import settings
from core.domain.periods import Period, local_day
from core.errors import InvalidInput, NotFound, ShopifyDown
from core.metrics.overview import Headline

FIGURES = (
    *("total_sales", "gross_sales", "discounts", "returns", "net_sales", "shipping", "taxes"),
    *("orders", "customers", "returning_customers"),
)
"""What both sides know, by the names of `core.metrics.definitions`; the first seven are money."""

_TIMEOUTS = (2.0, 30.0)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a shop misbehaves: its switches as they are set, and how often each fault has struck so far."""

    faults: Mapping[str, Any]
    injected: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure, here and in the simulator."""

    name: str
    ours: Decimal
    true: Decimal

    @property
    def equal(self) -> bool:
        """To the last digit."""
        return self.ours == self.true


def fault_status(actor: Actor, store_id: int) -> Standing:
    """The present setting and counts.

    Raises:
        NotAllowed, NotFound, ShopifyDown: as for all functions here: the actor is no owner; there is no such store,
            or no simulator; it does not answer.
    """
    return _standing(_ask("GET", actor, store_id, "faults"))


def set_faults(actor: Actor, store_id: int, **switches: Any) -> Standing:
    """Change some of the switches, see `core.simulator.http.faults.Faults`.

    Raises:
        InvalidInput: a switch has no such value.
    """
    return _standing(_ask("POST", actor, store_id, "faults", switches))


def clear_faults(actor: Actor, store_id: int) -> Standing:
    """Turn all of them off."""
    return _standing(_ask("DELETE", actor, store_id, "faults"))


def trigger_event(actor: Actor, store_id: int, kind: str, **args: Any) -> dict[str, Any]:
    """Let something happen in the shop, see `core.simulator.life.events`; returns what it told.

    Raises:
        InvalidInput: it cannot.
    """
    return _ask("POST", actor, store_id, kind, args)


def import_order(actor: Actor, store_id: int, now: datetime) -> date:
    """Bring an order into the shop that was sold a year ago elsewhere; returns the day it was sold."""
    authorise(actor, Action.MANAGE)
    zone = stores.find(actor.store_key(store_id)).time_zone
    sold_at = now - timedelta(days=365)
    _ask("POST", actor, store_id, "sell", {"processed_at": sold_at.isoformat()})
    return local_day(sold_at, zone)


def expire_tokens(actor: Actor, store_id: int) -> None:
    """End the access tokens that the shop has granted, as time does."""
    _ask("POST", actor, store_id, "app", {"expire": True})


def sell_at_clock_change(actor: Actor, store_id: int, now: datetime) -> date:
    """Let somebody buy within the hour before and the hour after the store's clocks last changed; returns the day.

    Raises:
        InvalidInput: they never do.
    """
    authorise(actor, Action.MANAGE)
    zone = stores.find(actor.store_key(store_id)).time_zone
    changed = clock_change(zone, now)
    if changed is None:
        raise InvalidInput("The clocks of this store never change: its time zone has no summer time")
    for minutes in (-20, 20):
        _ask("POST", actor, store_id, "sell", {"at": (changed + timedelta(minutes=minutes)).isoformat()})
    return local_day(changed, zone)


def clock_change(zone: ZoneInfo, before: datetime) -> datetime | None:
    """The last instant, to the hour, at which the zone's clocks changed; None where they did not for two years."""
    late = before.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    for _ in range(2 * 366 * 24):
        early = late - timedelta(hours=1)
        if early.astimezone(zone).utcoffset() != late.astimezone(zone).utcoffset():
            return late
        late = early
    return None


def compare(actor: Actor, store_id: int, period: Period, ours: Headline) -> tuple[Compared, ...]:
    """The figures of a period beside the simulator's own."""
    days = {"start": period.start.isoformat(), "end": period.end.isoformat()}
    true = _ask("GET", actor, store_id, "truth", params=days)
    return tuple(Compared(name, Decimal(getattr(ours, name)), Decimal(str(true[name]))) for name in FIGURES)


def _standing(told: Mapping[str, Any]) -> Standing:
    return Standing(told["faults"], {name: count for name, count in told["injected"].items() if count})


def _ask(
    method: str,
    actor: Actor,
    store_id: int,
    what: str,
    body: Mapping[str, Any] | None = None,
    params: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    authorise(actor, Action.MANAGE)
    base = settings().simulator_url
    if base is None:
        raise NotFound("This installation speaks with Shopify itself; only the demo has a simulator")
    shop = stores.find(actor.store_key(store_id)).shop_domain
    status, told = _answer(method, base, f"{base}/simulator/{shop}/{what}", body, params)
    if status == 404 and what in ("faults", "truth"):
        raise NotFound(f"The simulator knows no shop {shop}; connect one that it serves")
    if status != 200:
        raise InvalidInput(str(told.get("errors") or f"The simulator answered with {status}"))
    return told


def _answer(
    method: str, base: str, url: str, body: Mapping[str, Any] | None, params: Mapping[str, str] | None
) -> tuple[int, dict[str, Any]]:
    with requests.Session() as session:
        session.trust_env = False  # a proxy of the environment's leads away from this machine
        try:
            answer = session.request(method, url, json=body, params=params, timeout=_TIMEOUTS, allow_redirects=False)
            told = answer.json()
        except requests.RequestException:
            told = None
    if not isinstance(told, dict):
        raise ShopifyDown(f"The simulator does not answer at {base}; stop the demo and start it again with make run")
    return answer.status_code, told
