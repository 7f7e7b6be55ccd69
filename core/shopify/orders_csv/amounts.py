"""Divide a file's sums per order (discounts and taxes) among its lines, without losing or adding a cent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import NamedTuple

from core.domain import TaxLine
from core.domain.money import rounded, split

ZERO = Decimal(0)
_RATE = re.compile(r"(\d{1,4}(?:[.,]\d{1,6})?)\s*%", re.ASCII)
_HIGHEST_RATE = 10
_CASH_ROUNDING = Decimal("0.50")
"""The most by which a till rounds a total, in countries whose smallest coin is a whole crown."""


@dataclass(frozen=True, slots=True)
class Goods:
    """One line as in the file: `listed` is price times quantity, `own_discount` the line's own."""

    listed: Decimal
    own_discount: Decimal
    is_taxable: bool
    is_gift_card: bool = False


@dataclass(frozen=True, slots=True)
class Sums:
    """The file's sums per order. `shipping` may be before or after its discount: `settle` finds out."""

    currency: str
    subtotal: Decimal
    shipping: Decimal
    taxes: Decimal
    total: Decimal
    duties: Decimal
    discounts: Decimal
    named_taxes: tuple[tuple[str, Decimal], ...]


class _Basis(NamedTuple):
    """How the file's amounts are meant; no column says so."""

    taxes_included: bool = False
    is_shipping_discounted: bool = False
    """Whether `Sums.shipping` is before its discount, which must then be subtracted."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The order's amounts, settled: a discount and the taxes for each line, in the order of the lines.

    `worth` is the sum of lines, shipping, taxes, duties and tip: the value that figures count. `is_even` is whether
    it equals the file's total.
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
    """Divide the order's discounts and taxes among its lines.

    The subtotal is the price of the goods after all their discounts. So the discounts are the list prices less the
    subtotal, whatever the column of discounts includes. No column says whether prices contain tax; the total reveals
    it.
    """
    listed = sum((line.listed for line in goods), ZERO)
    off_goods = listed - sums.subtotal
    off_shipping = max(ZERO, sums.discounts - off_goods) if off_goods >= 0 else ZERO
    basis = _find_basis(sums, tip, off_shipping) or _Basis()
    charged_shipping = sums.shipping - off_shipping if basis.is_shipping_discounted else sums.shipping
    discounts = _discounts(goods, off_goods, sums.currency)
    charged = [line.listed - discount for line, discount in zip(goods, discounts, strict=True)]
    per_line, on_shipping = _taxes(sums, goods, charged, charged_shipping, basis.taxes_included)
    taxes = ZERO if basis.taxes_included else sums.taxes
    worth = sum(charged, ZERO) + charged_shipping + taxes + sums.duties + tip
    return Settled(
        taxes_included=basis.taxes_included,
        discounts=discounts,
        taxes=per_line,
        shipping_price=charged_shipping + off_shipping,
        shipping_discount=off_shipping,
        shipping_taxes=on_shipping,
        worth=worth,
        is_even=worth == sums.total,
    )


def _find_basis(sums: Sums, tip: Decimal, off_shipping: Decimal) -> _Basis | None:
    """Find the basis on which the amounts equal the total; None if there is none.

    An exact match wins, else the nearest one within the rounding of cash.
    """
    distances: dict[_Basis, Decimal] = {}
    for discounted, included in product((False, True), (False, True)):
        shipping = sums.shipping - off_shipping if discounted else sums.shipping
        taxes = ZERO if included else sums.taxes
        if shipping >= 0:
            worth = sums.subtotal + shipping + taxes + sums.duties + tip
            distances[_Basis(included, discounted)] = abs(worth - sums.total)
    nearest = min(distances, key=distances.__getitem__)
    return nearest if distances[nearest] <= _CASH_ROUNDING else None


def _discounts(goods: Sequence[Goods], off_goods: Decimal, currency: str) -> tuple[Decimal, ...]:
    """Add each line's own discount and its share of the order's. If the own ones exceed the total, share the
    total."""
    if not off_goods:
        return (ZERO,) * len(goods)
    own_discounts = [min(line.own_discount, line.listed) for line in goods]
    prices = [line.listed - discount for line, discount in zip(goods, own_discounts, strict=True)]
    shared = off_goods - sum(own_discounts, ZERO)
    if shared >= 0:
        # Gift cards are never discounted.
        bearing = [ZERO if line.is_gift_card else price for line, price in zip(goods, prices, strict=True)]
        shares = split(shared, bearing if sum(bearing, ZERO) >= shared else prices, currency)
        return tuple(discount + share for discount, share in zip(own_discounts, shares, strict=True))
    if off_goods >= 0:
        return tuple(split(off_goods, [line.listed for line in goods], currency))
    return tuple(own_discounts)


def _taxes(
    sums: Sums, goods: Sequence[Goods], charged: Sequence[Decimal], shipping: Decimal, included: bool
) -> tuple[tuple[tuple[TaxLine, ...], ...], tuple[TaxLine, ...]]:
    """Divide the order's taxes among its lines and its shipping."""
    taxes = [(title, amount) for title, amount in sums.named_taxes if amount]
    unnamed = sums.taxes - sum((amount for _, amount in taxes), ZERO)
    if unnamed:
        taxes.append(("Tax", unnamed))
    bases = [amount if line.is_taxable else ZERO for line, amount in zip(goods, charged, strict=True)]
    if not any(bases):
        bases = list(charged)
    all_rates = sum((_rate(title) or ZERO for title, _ in taxes), ZERO)
    lines: list[list[TaxLine]] = [[] for _ in [*goods, shipping]]
    for title, amount in taxes:
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
    """Divide one tax among the lines and, last, the shipping, which is taxed if that brings the sum nearer. Exact to
    the coin."""
    goods_only = [*bases[:-1], ZERO]
    if not any(bases):
        # Every base is zero, but the tax must not be lost: the first line gets it.
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
    """Compute the rate of a tax whose name has none."""
    base = sum((base for base, share in zip(bases, shares, strict=True) if share), ZERO)
    before_tax = base - amount if included else base
    return (amount / before_tax).quantize(Decimal("0.0001")) if before_tax > 0 else ZERO


def _rate(title: str) -> Decimal | None:
    """Read the rate in a tax's name, as a fraction: "DE VAT 19%" → 0.19. None without one, or for an impossible
    one."""
    match = _RATE.search(title)
    rate = Decimal(match[1].replace(",", ".")) / 100 if match else None
    return rate if rate is not None and rate < _HIGHEST_RATE else None
