"""The record that a webhook's body is about, by its id. Pure."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from core.domain.ids import LARGEST_ID
from core.shopify.webhooks import COMPLIANCE


class _Edit(Struct):
    order_id: Any = None


class _Body(Struct):
    id: Any = None
    order: Any = None
    order_id: Any = None
    order_edit: _Edit | None = None


def record_id(topic: str, raw: bytes) -> int | None:
    """The order's id for an order, an edit, a refund or a return, else the id of the customer, product or checkout.

    None for privacy requests, which name a person, and for a body without a number as its id, or without its order.
    """
    if topic in COMPLIANCE:
        return None
    try:
        body = _DECODER.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    match topic:
        case "refunds/create":
            number = body.order_id
        case "orders/edited":
            number = body.order_edit.order_id if body.order_edit else None
        case _ if topic.startswith("returns/"):
            number = body.order.get("id") if isinstance(body.order, dict) else None
        case _:
            number = body.id
    is_number = isinstance(number, int) and not isinstance(number, bool)
    return number if is_number and 0 < number <= LARGEST_ID else None


_DECODER = msgspec.json.Decoder(_Body)
