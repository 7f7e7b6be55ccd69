"""Whom a compliance webhook is about, and what may stay of the stored bodies in which they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.database.models import Delivery, DeliveryState
from core.errors import UnmappableError
from core.shopify.webhooks import COMPLIANCE

ERASED = "Its body was erased: it was about somebody who asked Shopify to be forgotten."
NOTHING = b"{}"

_LARGEST = (1 << 63) - 1
_KEPT_OF_REQUESTS = ("shop_id", "shop_domain", "orders_requested", "orders_to_redact", "data_request")


@dataclass(frozen=True, slots=True)
class Person:
    """A customer as a request names them, with the orders it names; guests have no id."""

    customer_id: int | None
    email: str | None
    order_ids: tuple[int, ...]

    @property
    def traces(self) -> frozenset[int | str]:
        """What a body has of them: their number, their orders', their address in lower case."""
        return frozenset({self.customer_id, self.email, *self.order_ids} - {None})  # type: ignore[arg-type]


def person_in(row: Delivery) -> Person:
    """Whom a request is about.

    Raises:
        UnmappableError: the body is not what Shopify sends.
    """
    try:
        body = json.loads(row.body)
        said = body.get("customer") or {}
        orders = body.get("orders_requested") or body.get("orders_to_redact") or ()
        email = said.get("email")
        return Person(
            customer_id=int(said["id"]) if said.get("id") is not None else None,
            email=email.strip().lower() if isinstance(email, str) and email.strip() else None,
            order_ids=tuple(sorted(int(order_id) for order_id in orders)),
        )
    except (ValueError, TypeError, AttributeError):
        raise UnmappableError(f"{row.topic}: the customer or the orders are not what Shopify sends") from None


def is_about(raw: bytes, traces: frozenset[int | str]) -> bool:
    """Whether a body names one of these; what is no JSON is searched as it stands."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        lower = raw.lower()
        return any(str(trace).encode() in lower for trace in traces)
    return not traces.isdisjoint(_traces(body))


def numbers_in(raw: bytes) -> frozenset[int]:
    """The numbers in a body that may be somebody's; none where it is no JSON."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return frozenset()
    return frozenset(trace for trace in _traces(body) if isinstance(trace, int) and 0 < trace <= _LARGEST)


def left_of(topic: str, raw: bytes) -> bytes:
    """What may stay of a body that is about somebody who is to be forgotten. Of the requests themselves the numbers
    stay, so that they can be replayed."""
    if topic not in COMPLIANCE:
        return NOTHING
    try:
        body = json.loads(raw)
        kept = {name: body[name] for name in _KEPT_OF_REQUESTS if name in body}
        return json.dumps(kept | {"customer": {"id": (body.get("customer") or {}).get("id")}}).encode()
    except (ValueError, RecursionError, TypeError, AttributeError):
        return NOTHING


def erase(row: Delivery) -> bool:
    """Put what may stay in the body's place; whether there was more. Where nothing stays and the delivery had failed,
    no other try can ever apply it: it is set aside."""
    left = left_of(row.topic, row.body)
    if row.body in (left, b""):
        return False
    row.body, row.reason = left, ERASED
    if row.state in (DeliveryState.FAILED, DeliveryState.UNCONFIRMED) and left == NOTHING:
        row.state, row.retry_at = DeliveryState.IGNORED, None
    return True


def _traces(body: Any) -> Iterator[int | str]:
    """Every number and text in JSON of any depth, the texts in small letters; of a global id the number."""
    ahead = [body]
    while ahead:
        value = ahead.pop()
        if isinstance(value, dict):
            ahead.extend(value.values())
        elif isinstance(value, list):
            ahead.extend(value)
        elif isinstance(value, str):
            yield _number(value) if value.startswith("gid://shopify/") else value.strip().lower()
        elif isinstance(value, int) and not isinstance(value, bool):
            yield value


def _number(global_id: str) -> int | str:
    kind, _, number = global_id.removeprefix("gid://shopify/").partition("/")
    of_a_person = kind in ("Customer", "Order") and number.isdecimal() and len(number) < 20
    return int(number) if of_a_person else global_id
