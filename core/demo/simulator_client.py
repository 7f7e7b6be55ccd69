"""The simulator over HTTP, for the owners of a store, where the installation runs on it.

This loads nothing of the simulator. Where the installation is connected to Shopify itself, every function refuses.
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
from core.metrics.sales.overview import Headline

FIGURES = (
    *("total_sales", "gross_sales", "discounts", "returns", "net_sales", "shipping", "taxes"),
    *("orders", "customers", "returning_customers"),
)
"""The figures that both sides know, named as in `core.metrics.definitions`; the first seven are money."""

_TIMEOUTS = (2.0, 30.0)


@dataclass(frozen=True, slots=True)
class FaultStatus:
    """The fault settings of a shop, and the counts of injected faults."""

    faults: Mapping[str, Any]
    injected: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class FigureComparison:
    """One figure in this installation and in the simulator."""

    name: str
    ours: Decimal
    true: Decimal

    @property
    def equal(self) -> bool:
        """Whether both are equal to the last digit."""
        return self.ours == self.true


def fault_status(actor: Actor, store_id: int) -> FaultStatus:
    """Return the fault settings and counts.

    Raises:
        NotAllowed, NotFound, ShopifyDown: as for all functions here: the actor is no owner; there is no such store,
            or no simulator; it does not answer.
    """
    return _fault_status(_request("GET", actor, store_id, "faults"))


def set_faults(actor: Actor, store_id: int, **switches: Any) -> FaultStatus:
    """Change some fault settings, see `core.simulator.http.faults.Faults`.

    Raises:
        InvalidInput: a setting has an invalid value.
    """
    return _fault_status(_request("POST", actor, store_id, "faults", switches))


def clear_faults(actor: Actor, store_id: int) -> FaultStatus:
    """Turn all faults off."""
    return _fault_status(_request("DELETE", actor, store_id, "faults"))


def trigger_event(actor: Actor, store_id: int, kind: str, **args: Any) -> dict[str, Any]:
    """Trigger an event in the shop, see `core.simulator.life.events`; returns its result.

    Raises:
        InvalidInput: the event is impossible.
    """
    return _request("POST", actor, store_id, kind, args)


def import_order(actor: Actor, store_id: int, now: datetime) -> date:
    """Import an order that was sold a year ago elsewhere; returns the day of its sale."""
    authorise(actor, Action.MANAGE)
    zone = stores.find(actor.store_key(store_id)).time_zone
    sold_at = now - timedelta(days=365)
    _request("POST", actor, store_id, "sell", {"processed_at": sold_at.isoformat()})
    return local_day(sold_at, zone)


def expire_tokens(actor: Actor, store_id: int) -> None:
    """Expire the access tokens that the shop has granted."""
    _request("POST", actor, store_id, "app", {"expire": True})


def sell_at_clock_change(actor: Actor, store_id: int, now: datetime) -> date:
    """Sell an order shortly before and after the last change of the store's clocks; returns the day.

    Raises:
        InvalidInput: the store's time zone has no summer time.
    """
    authorise(actor, Action.MANAGE)
    zone = stores.find(actor.store_key(store_id)).time_zone
    changed_at = clock_change(zone, now)
    if changed_at is None:
        raise InvalidInput("The clocks of this store never change: its time zone has no summer time.")
    for minutes in (-20, 20):
        _request("POST", actor, store_id, "sell", {"at": (changed_at + timedelta(minutes=minutes)).isoformat()})
    return local_day(changed_at, zone)


def clock_change(zone: ZoneInfo, before: datetime) -> datetime | None:
    """Find the last full hour at which the zone's clocks changed; None where they did not for two years."""
    later = before.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    for _ in range(2 * 366 * 24):
        earlier = later - timedelta(hours=1)
        if earlier.astimezone(zone).utcoffset() != later.astimezone(zone).utcoffset():
            return later
        later = earlier
    return None


def compare(actor: Actor, store_id: int, period: Period, ours: Headline) -> tuple[FigureComparison, ...]:
    """Compare the figures of a period with the simulator's own."""
    days = {"start": period.start.isoformat(), "end": period.end.isoformat()}
    true = _request("GET", actor, store_id, "truth", params=days)
    return tuple(FigureComparison(name, Decimal(getattr(ours, name)), Decimal(str(true[name]))) for name in FIGURES)


def _fault_status(answer: Mapping[str, Any]) -> FaultStatus:
    return FaultStatus(answer["faults"], {name: count for name, count in answer["injected"].items() if count})


def _request(
    method: str,
    actor: Actor,
    store_id: int,
    endpoint: str,
    body: Mapping[str, Any] | None = None,
    params: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    authorise(actor, Action.MANAGE)
    base = settings().simulator_url
    if base is None:
        raise NotFound("This installation speaks with Shopify itself; only the demo has a simulator.")
    shop = stores.find(actor.store_key(store_id)).shop_domain
    status, answer = _send(method, base, f"{base}/simulator/{shop}/{endpoint}", body, params)
    if status == 404 and endpoint in ("faults", "truth"):
        raise NotFound(f"The simulator knows no shop {shop}; connect one that it serves.")
    if status != 200:
        raise InvalidInput(str(answer.get("errors") or f"The simulator answered with {status}"))
    return answer


def _send(
    method: str, base: str, url: str, body: Mapping[str, Any] | None, params: Mapping[str, str] | None
) -> tuple[int, dict[str, Any]]:
    with requests.Session() as session:
        session.trust_env = False  # a proxy from the environment would not reach this machine
        try:
            answer = session.request(method, url, json=body, params=params, timeout=_TIMEOUTS, allow_redirects=False)
            content = answer.json()
        except requests.RequestException:
            content = None
    if not isinstance(content, dict):
        raise ShopifyDown(f"The simulator does not answer at {base}; stop the demo and start it again with make run.")
    return answer.status_code, content
