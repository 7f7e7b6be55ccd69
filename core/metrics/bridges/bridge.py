"""Why did net sales change? The change as four amounts that add up to it, to the cent."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

from core.domain.money import minor_digits


class Sums(Protocol):
    """The sums of a period that explain its net sales."""

    @property
    def orders(self) -> int: ...
    @property
    def placed_value(self) -> Decimal: ...
    @property
    def average_order_value(self) -> Decimal | None: ...
    @property
    def returns(self) -> Decimal: ...
    @property
    def net_sales(self) -> Decimal: ...


@dataclass(frozen=True, slots=True)
class Bridge:
    """What each cause added to net sales between two periods, or took from them if negative."""

    orders: Decimal
    """More orders, or fewer, at the earlier average order value."""
    order_value: Decimal
    """The change of the average order value, over the current orders."""
    returns: Decimal
    """Positive if returns fell."""
    edits: Decimal
    """Goods that edits added to orders, or removed, after they were placed."""

    @property
    def total(self) -> Decimal:
        """The change of net sales."""
        return self.orders + self.order_value + self.returns + self.edits


def bridge(current: Sums, earlier: Sums, currency: str) -> Bridge:
    """Split the change of net sales by its causes.

    Orders times average order value is what was placed. Net sales are that, less returns, with edits. The effect of
    the number of orders is rounded to the currency's minor unit, and the order value's is the rest: no cent is lost.
    """
    placed = current.placed_value - earlier.placed_value
    by_orders = _effect_of_orders(current, earlier, minor_digits(currency))
    return Bridge(
        orders=by_orders,
        order_value=placed - by_orders,
        returns=earlier.returns - current.returns,
        edits=_edits(current) - _edits(earlier),
    )


def _effect_of_orders(current: Sums, earlier: Sums, digits: int) -> Decimal:
    """Without earlier orders, there is no earlier order value: all that was placed came with the orders."""
    if earlier.average_order_value is None:
        return current.placed_value - earlier.placed_value
    effect = (current.orders - earlier.orders) * earlier.average_order_value
    return effect.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def _edits(figures: Sums) -> Decimal:
    return figures.net_sales + figures.returns - figures.placed_value
