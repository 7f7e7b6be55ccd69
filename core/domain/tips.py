"""Finds the lines of an order that are tips. Shopify lists a tip among the lines, though it sells nothing.

A webhook's line names the gateway that took the tip (`tip_payment_gateway`), and Shopify's ledger the line of each
tip (`TipSale.lineItem`). Without either, a tip is a line without product, variant and SKU that is called "Tip". Goods
of that name have a product or a SKU, or are more than the tips that the order received.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import combinations

from msgspec.structs import replace

from core.domain.orders import Agreement, LineItem

_TITLE = "Tip"
_MOST_CANDIDATES = 12
"""Up to so many lines, each choice of up to three is tried (298 choices); of more lines, each alone."""


def marked(
    lines: Sequence[LineItem], received: Decimal | None, agreements: Iterable[Agreement] = ()
) -> tuple[LineItem, ...]:
    """Return the same lines, with `is_tip` set on every tip among them.

    `received` is the sum of all tips of the order (`totalTipReceivedSet`, `total_tip_received`); None if
    unknown. It repeats the lines: an order that received no tip has none, whatever its lines are called. If Shopify's
    ledger names a line, its type of sale decides.
    """
    if all(map(_names_goods, lines)):
        return tuple(lines)
    booked = {sale.line_item_id: sale.line_type for agreement in agreements for sale in agreement.sales}
    tip_ids = _tip_ids(lines, received)

    def is_tip(line: LineItem) -> bool:
        return booked.get(line.line_item_id, "tip" if line.line_item_id in tip_ids else None) == "tip"

    return tuple(line if line.is_tip == is_tip(line) else replace(line, is_tip=not line.is_tip) for line in lines)


def _tip_ids(lines: Sequence[LineItem], received: Decimal | None) -> set[int]:
    """Return the ids of the lines that are marked already, or look like tips."""
    marked_ids = {line.line_item_id for line in lines if line.is_tip}
    if received is not None and not received:
        return marked_ids
    others = [line for line in lines if not line.is_tip]
    titled = [line for line in others if is_like_tip(line)]
    if received is not None:
        unmarked = received - sum((_charged(line) for line in lines if line.is_tip), Decimal(0))
        if not unmarked:
            return marked_ids
        # Shops in other languages may call a tip otherwise, so the amounts decide where one choice of lines fits.
        untaxed = [line for line in others if not _names_goods(line) and not line.taxes]
        for candidates in (titled, untaxed):
            chosen = that_come_to(unmarked, [_charged(line) for line in candidates])
            if chosen is not None:
                return marked_ids | {candidates[place].line_item_id for place in chosen}
    return marked_ids | {line.line_item_id for line in titled}


def _charged(line: LineItem) -> Decimal:
    return line.unit_price * line.quantity


def that_come_to(received: Decimal, amounts: Sequence[Decimal]) -> tuple[int, ...] | None:
    """Return the places of the amounts whose sum is `received`: all of them, or the only few.

    None if no choice of amounts has this sum, or several have.
    """
    if received == sum(amounts, Decimal(0)):
        return tuple(range(len(amounts)))
    sizes = (1, 2, 3) if len(amounts) <= _MOST_CANDIDATES else (1,)
    choices = (places for size in sizes for places in combinations(range(len(amounts)), size))
    chosen = [places for places in choices if sum((amounts[place] for place in places), Decimal(0)) == received]
    return chosen[0] if len(chosen) == 1 else None


def is_like_tip(line: LineItem) -> bool:
    """Whether the line looks like a tip, if no field says so."""
    return line.title.strip() == _TITLE and not _names_goods(line)


def _names_goods(line: LineItem) -> bool:
    has_product = line.product_id is not None or line.variant_id is not None
    return has_product or bool(line.sku) or line.is_gift_card
