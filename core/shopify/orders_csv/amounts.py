"""What a file gives for a whole order, on its lines: discounts and taxes, so that not a cent is lost or added."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from core.domain import TaxLine
from core.domain.money import rounded, split

ZERO = Decimal(0)
_RATE = re.compile(r"(\d{1,4}(?:[.,]\d{1,6})?)\s*%", re.ASCII)
_HIGHEST_RATE = 10
_CASH_ROUNDING = Decimal("0.50")
"""The most that a till changes a total by, where the smallest coin is a whole crown."""


@dataclass(frozen=True, slots=True)
class Goods:
    """One line as the file gives it: `listed` is price times quantity, `own_discount` the line's own."""

    listed: Decimal
    own_discount: Decimal
    is_taxable: bool
    is_gift_card: bool = False


@dataclass(frozen=True, slots=True)
class Sums:
    """What the file gives for the order. `shipping` may be before or after its discount: `settle` finds out."""

    currency: str
    subtotal: Decimal
    shipping: Decimal
    taxes: Decimal
    total: Decimal
    duties: Decimal
    discounts: Decimal
    named_taxes: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """The order's amounts, settled: a discount and the taxes for each line, in the order of the lines.

    `worth` is what the lines, shipping, taxes, duties and tip come to: what is counted of the order. `is_even` says
    whether that is the file's total.
    """

    taxes_included: bool
    discounts: tuple[Decimal, ...]
    taxes: tuple[tuple[TaxLine, ...], ...]
    shipping_price: Decimal
    shipping_discount: Decimal
    shipping_taxes: tuple[TaxLine, ...]
    worth: Decimal
    is_even: bool


def settle(sums: Sums, goods: Sequence[Goods], tip: Decimal) -> Settled:
    """Work out what each line bears.

    The subtotal is what the goods cost after all discounts on them, so the discounts are what it lacks to the list
    prices, whatever the column of discounts counts. Whether prices contain tax no column says; the total does.
    """
    listed = sum((each.listed for each in goods), ZERO)
    off_goods = listed - sums.subtotal
    off_shipping = max(ZERO, sums.discounts - off_goods) if off_goods >= 0 else ZERO
    found = _that_adds_up(sums, tip, off_shipping)
    included, discounted = found or (False, False)
    charged_shipping = sums.shipping - off_shipping if discounted else sums.shipping
    discounts = _discounts(goods, off_goods, sums.currency)
    charged = [each.listed - discount for each, discount in zip(goods, discounts, strict=True)]
    per_line, on_shipping = _taxes(sums, goods, charged, charged_shipping, included)
    taxes = ZERO if included else sums.taxes
    worth = sum(charged, ZERO) + charged_shipping + taxes + sums.duties + tip
    return Settled(
        taxes_included=included,
        discounts=discounts,
        taxes=per_line,
        shipping_price=charged_shipping + off_shipping,
        shipping_discount=off_shipping,
        shipping_taxes=on_shipping,
        worth=worth,
        is_even=worth == sums.total,
    )


def _that_adds_up(sums: Sums, tip: Decimal, off_shipping: Decimal) -> tuple[bool, bool] | None:
    """Whether prices contain tax, and whether shipping is yet to be discounted, such that the total comes out: to the
    coin, else as near as a till rounds cash."""
    away: dict[tuple[bool, bool], Decimal] = {}
    for discounted, included in product((False, True), (False, True)):
        shipping = sums.shipping - off_shipping if discounted else sums.shipping
        taxes = ZERO if included else sums.taxes
        if shipping >= 0:
            worth = sums.subtotal + shipping + taxes + sums.duties + tip
            away[included, discounted] = abs(worth - sums.total)
    nearest = min(away, key=away.__getitem__)
    return nearest if away[nearest] <= _CASH_ROUNDING else None


def _discounts(goods: Sequence[Goods], off_goods: Decimal, currency: str) -> tuple[Decimal, ...]:
    """Each line's own discount and its share of the order's; where the file's do not fit, shares of the whole."""
    if not off_goods:
        return (ZERO,) * len(goods)
    own = [min(each.own_discount, each.listed) for each in goods]
    left = [each.listed - discount for each, discount in zip(goods, own, strict=True)]
    shared = off_goods - sum(own, ZERO)
    if shared >= 0:
        # Gift cards are never discounted.
        bearing = [ZERO if each.is_gift_card else rest for each, rest in zip(goods, left, strict=True)]
        shares = split(shared, bearing if sum(bearing, ZERO) >= shared else left, currency)
        return tuple(discount + share for discount, share in zip(own, shares, strict=True))
    if off_goods >= 0:
        return tuple(split(off_goods, [each.listed for each in goods], currency))
    return tuple(own)


def _taxes(
    sums: Sums, goods: Sequence[Goods], charged: Sequence[Decimal], shipping: Decimal, included: bool
) -> tuple[tuple[tuple[TaxLine, ...], ...], tuple[TaxLine, ...]]:
    """The order's taxes on its lines and its shipping."""
    named = [(title, amount) for title, amount in sums.named_taxes if amount]
    unnamed = sums.taxes - sum((amount for _, amount in named), ZERO)
    if unnamed:
        named.append(("Tax", unnamed))
    bases = [amount if each.is_taxable else ZERO for each, amount in zip(goods, charged, strict=True)]
    if not any(bases):
        bases = list(charged)
    all_rates = sum((_rate(title) or ZERO for title, _ in named), ZERO)
    lines: list[list[TaxLine]] = [[] for _ in [*goods, shipping]]
    for title, amount in named:
        rate = _rate(title)
        shares = _spread(amount, rate, [*bases, shipping], 1 + all_rates if included else Decimal(1), sums.currency)
        shown = rate if rate is not None else _effective(amount, shares, [*bases, shipping], included)
        for line, share in zip(lines, shares, strict=True):
            if share:
                line.append(TaxLine(title, shown, share))
    return tuple(tuple(line) for line in lines[:-1]), tuple(lines[-1])


def _spread(
    amount: Decimal, rate: Decimal | None, bases: Sequence[Decimal], divisor: Decimal, currency: str
) -> list[Decimal]:
    """One tax on the lines and, last, on the shipping: it is taxed if the sum comes nearer so. Exact to the coin."""
    goods_only = [*bases[:-1], ZERO]
    if not any(bases):
        # A tax on nothing that costs anything: it has to stand somewhere.
        return [amount, *(ZERO for _ in bases[1:])]
    candidates = [base for base in (goods_only, list(bases)) if any(base)]
    if rate is None:
        return split(amount, candidates[0], currency)
    exact = [[rounded(base * rate / divisor, currency) for base in candidate] for candidate in candidates]
    nearest = min(range(len(exact)), key=lambda i: abs(sum(exact[i], ZERO) - amount))
    if sum(exact[nearest], ZERO) == amount:
        return exact[nearest]
    return split(amount, candidates[nearest], currency)


def _effective(amount: Decimal, shares: Sequence[Decimal], bases: Sequence[Decimal], included: bool) -> Decimal:
    """The rate that a tax without a named one amounts to."""
    base = sum((base for base, share in zip(bases, shares, strict=True) if share), ZERO)
    before_tax = base - amount if included else base
    return (amount / before_tax).quantize(Decimal("0.0001")) if before_tax > 0 else ZERO


def _rate(title: str) -> Decimal | None:
    """The rate in a tax's name, as a fraction: "DE VAT 19%" → 0.19. None where it names none that there can be."""
    found = _RATE.search(title)
    rate = Decimal(found[1].replace(",", ".")) / 100 if found else None
    return rate if rate is not None and rate < _HIGHEST_RATE else None
