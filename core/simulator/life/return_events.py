"""Events of returns alone: a request, and what becomes of it. Most leave the order's time of change as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from core.errors import InvalidInput
from core.simulator.life import order_changes
from core.simulator.life.context import EventContext, EventOutcome, Webhook, parse_id
from core.simulator.shop.ledger import RETURN_REASONS, Return
from core.simulator.shop.model import Order

_STATES = {
    "decline": ("REQUESTED", "DECLINED"),
    "cancel": ("REQUESTED", "CANCELED"),
    "close": ("OPEN", "CLOSED"),
    "reopen": ("CLOSED", "OPEN"),
}
"""The status that a return has before and after each change without goods."""


def _request(context: EventContext) -> EventOutcome:
    """Request the return of `units` (line id: quantity), or of all that is left."""
    order = context.order()
    given = {parse_id(line_id): int(units) for line_id, units in (context.args.get("units") or {}).items()}
    units = given or {line.line_id: line.current_quantity for line in order.lines if line.current_quantity}
    if not units:
        raise InvalidInput(f"Order {order.name} has nothing left that could come back")
    requested = order_changes.request_return(context.shop, order, units, context.at)
    return _outcome(order, requested, "request")


def _change(context: EventContext) -> EventOutcome:
    """Change the return `return_id` of an order as `to` says: approve, decline, cancel, close, reopen or update."""
    order, action = context.order(), str(context.args.get("to"))
    number = parse_id(context.args.get("return_id"))
    changed = next((each for each in order.returns if each.return_id == number), None)
    if changed is None:
        raise InvalidInput(f"Order {order.name} has no such return")
    if action == "update":
        place = RETURN_REASONS.index(changed.reason)
        changed.new_reason = RETURN_REASONS[(place + 1) % len(RETURN_REASONS)]
        return _outcome(order, changed, action)
    before, after = ("REQUESTED", "OPEN") if action == "approve" else _STATES.get(action, ("", ""))
    if changed.status != before:
        raise InvalidInput(f"A return that is {changed.status} cannot be changed by {action}")
    if action == "approve":
        order_changes.approve_return(context.shop, order, changed, context.change_time(order))
        return _outcome(order, changed, action, Webhook("orders/updated", (order,)))
    changed.state = after
    return _outcome(order, changed, action)


def _outcome(order: Order, changed: Return, action: str, *more: Webhook) -> EventOutcome:
    result = {"order_id": order.order_id, "return_id": changed.return_id, "status": changed.status}
    return EventOutcome(result, [Webhook(f"returns/{action}", (order, changed)), *more])


HANDLERS: Mapping[str, Callable[[EventContext], EventOutcome]] = MappingProxyType(
    {"request_return": _request, "change_return": _change}
)
