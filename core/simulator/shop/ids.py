"""Ids like Shopify's: long, of several lengths, some beyond the integers that a double holds exactly (2**53)."""

from __future__ import annotations

from collections import Counter
from zlib import crc32

_SHORT = {
    "product": 8_100_000_000_000,
    "variant": 44_200_000_000_000,
    "inventory_item": 46_300_000_000_000,
    "customer": 7_300_000_000_000,
    "address": 9_200_000_000_000,
    "order": 5_600_000_000_000,
    "line": 14_700_000_000_000,
    "shipping": 4_600_000_000_000,
    "transaction": 6_800_000_000_000,
    "webhook": 1_500_000_000_000,
    "checkout": 29_400_000_000_000,
    "checkout_line": 11_200_000_000_000,
    "live_checkout": 29_900_000_000_000,
    "live_checkout_line": 11_700_000_000_000,
    "live_cart": 31_300_000_000_000,
    "return": 6_100_000_000_000,
    "bulk": 7_900_000_000_000,
}
_LONG = {
    "refund": 890_000_000_000_000_000,
    "refund_line": 487_000_000_000_000_000,
    "adjustment": 341_000_000_000_000_000,
    "agreement": 512_000_000_000_000_000,
    "sale": 623_000_000_000_000_000,
    "edit": 789_000_000_000_000_000,
}
STEP = 32_768
"""The distance between Shopify's ids of one kind."""
# Shopify has ids of several lengths; a program that stores them as floats fails on the long ones.
_LONG_EVERY = 16


class Ids:
    """A counter per kind. The same shop gives the same ids. Every 16th of the short ids is a long one."""

    def __init__(self, shop: str) -> None:
        self.offset = crc32(shop.encode()) % 60_000 * 1_000_003
        self._counts: Counter[str] = Counter()

    def next(self, kind: str) -> int:
        """Draw an id that nothing else of this kind has in this shop."""
        self._counts[kind] += 1
        count = self._counts[kind]
        base = _LONG[kind] if kind in _LONG else _SHORT[kind]
        if kind in _SHORT and count % _LONG_EVERY == 0:
            base *= 10_000
        return base + self.offset + count * STEP + count % 97  # not evenly spaced, like Shopify's
