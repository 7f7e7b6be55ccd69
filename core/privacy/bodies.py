"""Whom a compliance webhook is about, and the stored bodies of deliveries in which they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from core.errors import UnmappableError
from core.models import Delivery

ERASED = "Its body was erased: it was about somebody who asked Shopify to be forgotten."
COMPLIANCE = frozenset({"customers/data_request", "customers/redact", "shop/redact"})

_NOTHING = b"{}"
_KEPT_OF_REQUESTS = ("shop_id", "shop_domain", "orders_requested", "orders_to_redact", "data_request")


@dataclass(frozen=True, slots=True)
class Person:
    """A customer as a request names them, with the orders it names; guests have no id."""

    customer_id: int | None
    email: str | None
    order_ids: tuple[int, ...]


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


def erase_bodies(session: Session, tenant_id: int, store_id: int, person: Person) -> int:
    """Erase the stored bodies that name the person, but for those that still wait: these go when they are applied.

    Of the requests themselves the numbers stay, so that they can be replayed. Returns how many bodies were erased.
    """
    needles = [str(number) for number in (person.customer_id, *person.order_ids) if number is not None]
    if person.email:
        needles.append(person.email)
    if not needles:
        return 0
    # Byte by byte, ASCII letters small: an address is found however it was spelled.
    text = func.lower(func.encode(Delivery.body, "escape"))
    held = [func.strpos(text, each) > 0 for each in needles]
    mine = (Delivery.tenant_id == tenant_id, Delivery.store_id == store_id, Delivery.state != "pending")
    found = session.execute(
        select(Delivery.delivery_id, Delivery.topic, Delivery.body).where(*mine, or_(*held))
    ).all()
    erased = 0
    for row in found:
        left = _left(row.topic, row.body, person)
        if left is not None and left != row.body:
            _erase(session, tenant_id, row.delivery_id, left)
            erased += 1
    return erased


def _erase(session: Session, tenant_id: int, delivery_id: int, left: bytes) -> None:
    """Put what is left in the body's place. Where that is nothing and the delivery had failed, no other try can ever
    apply it: it is set aside."""
    mine = (Delivery.tenant_id == tenant_id, Delivery.delivery_id == delivery_id)
    session.execute(update(Delivery).where(*mine).values(body=left, reason=ERASED))
    if left == _NOTHING:
        failed = update(Delivery).where(*mine, Delivery.state == "failed")
        session.execute(failed.values(state="ignored", retry_at=None))


def _left(topic: str, raw: bytes, person: Person) -> bytes | None:
    """What may stay of a body; None for one that is about somebody else."""
    try:
        body = json.loads(raw)
    except ValueError:
        return _NOTHING
    if not any(_is(value, person) for value in _values(body)):
        return None
    if topic not in COMPLIANCE:
        return _NOTHING
    kept = {name: body[name] for name in _KEPT_OF_REQUESTS if name in body}
    return json.dumps(kept | {"customer": {"id": person.customer_id}}).encode()


def _values(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _values(each)
    else:
        yield value


def _is(value: Any, person: Person) -> bool:
    """Whether a value is the person's, or an order's of theirs: a number, a global id, or their address."""
    numbers = {person.customer_id, *person.order_ids} - {None}
    if isinstance(value, str):
        if value.startswith("gid://shopify/"):
            kind, _, number = value.removeprefix("gid://shopify/").partition("/")
            return kind in ("Customer", "Order") and number.isdecimal() and int(number) in numbers
        return person.email is not None and value.strip().lower() == person.email
    return not isinstance(value, bool) and isinstance(value, int) and value in numbers
