"""Finds a person in the stored bodies of webhooks, and erases the bodies about a redacted person."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.database.models import Delivery, DeliveryState
from core.domain import Refusal
from core.domain.ids import LARGEST_ID
from core.errors import UnmappableError
from core.shopify.webhooks import COMPLIANCE

ERASED = "Its body was erased: it was about somebody who asked Shopify to be forgotten."
EMPTY = b"{}"

_REQUEST_FIELDS = ("shop_id", "shop_domain", "orders_requested", "orders_to_redact", "data_request")
"""The fields of a privacy request that hold no personal data. A retry needs them."""


@dataclass(frozen=True, slots=True)
class Person:
    """A customer as a request names them, with the orders that it names; guests have no id."""

    customer_id: int | None
    email: str | None
    order_ids: tuple[int, ...]

    @property
    def traces(self) -> frozenset[int | str]:
        """What identifies them in a body: their id, their orders' ids, their address in lower case."""
        return frozenset({self.customer_id, self.email, *self.order_ids} - {None})  # type: ignore[arg-type]


def person_in(delivery: Delivery) -> Person:
    """The person whom a privacy request is about.

    Raises:
        UnmappableError: the body is not what Shopify sends.
    """
    try:
        body = json.loads(delivery.body)
        customer = body.get("customer") or {}
        orders = body.get("orders_requested") or body.get("orders_to_redact") or ()
        email = customer.get("email")
        return Person(
            customer_id=int(customer["id"]) if customer.get("id") is not None else None,
            email=email.strip().lower() if isinstance(email, str) and email.strip() else None,
            order_ids=tuple(sorted(int(order_id) for order_id in orders)),
        )
    except (ValueError, TypeError, AttributeError):
        raise UnmappableError(f"{delivery.topic}: the customer or the orders are not what Shopify sends") from None


def has_trace(raw: bytes, traces: frozenset[int | str]) -> bool:
    """Whether a body has one of the traces. A body that is not JSON is searched as text."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        lower = raw.lower()
        return any(str(trace).encode() in lower for trace in traces)
    return not traces.isdisjoint(_values_in(body))


def ids_in(raw: bytes) -> frozenset[int]:
    """The numbers in a body that may be ids of a customer or an order; none if it is not JSON."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return frozenset()
    return frozenset(value for value in _values_in(body) if isinstance(value, int) and 0 < value <= LARGEST_ID)


def erase_body(delivery: Delivery) -> bool:
    """Erase the personal data in the delivery's body; returns False if there was none left.

    If nothing of the body stays, no retry can ever apply a failed delivery: it becomes ignored.
    """
    rest = _without_person(delivery.topic, delivery.body)
    if delivery.body in (rest, b""):
        return False
    delivery.body, delivery.reason = rest, ERASED
    if delivery.state in (DeliveryState.FAILED, DeliveryState.UNCONFIRMED) and rest == EMPTY:
        delivery.state, delivery.retry_at = DeliveryState.IGNORED, None
        delivery.refusal = Refusal.REDACTED
    return True


def _without_person(topic: str, raw: bytes) -> bytes:
    """The body without personal data: of a privacy request the ids, so that it can be retried; of others nothing."""
    if topic not in COMPLIANCE:
        return EMPTY
    try:
        body = json.loads(raw)
        fields = {name: body[name] for name in _REQUEST_FIELDS if name in body}
        return json.dumps(fields | {"customer": {"id": (body.get("customer") or {}).get("id")}}).encode()
    except (ValueError, RecursionError, TypeError, AttributeError):
        return EMPTY


def _values_in(body: Any) -> Iterator[int | str]:
    """Every number and text in JSON of any depth: texts in lower case, global ids as their number."""
    # A list instead of recursion: a hostile body is nested deeper than Python's stack.
    ahead = [body]
    while ahead:
        value = ahead.pop()
        if isinstance(value, dict):
            ahead.extend(value.values())
        elif isinstance(value, list):
            ahead.extend(value)
        elif isinstance(value, str):
            yield _legacy_id(value) if value.startswith("gid://shopify/") else value.strip().lower()
        elif isinstance(value, int) and not isinstance(value, bool):
            yield value


def _legacy_id(global_id: str) -> int | str:
    """The number in a customer's or an order's global id. Other kinds may share it, so theirs stay texts."""
    kind, _, number = global_id.removeprefix("gid://shopify/").partition("/")
    is_personal = kind in ("Customer", "Order") and number.isdecimal() and len(number) < 20
    return int(number) if is_personal else global_id
