"""The discounts of an order, by the code or the discount that gave them."""

from __future__ import annotations

from decimal import Decimal

from core.domain import Allocation, DiscountKind
from core.domain.discounts import order_discounts
from tests.factories import line, order, shipping

SUMMER = Allocation(DiscountKind.CODE, "SUMMER", Decimal("4.00"))
BUNDLE = Allocation(DiscountKind.AUTOMATIC, "Two for one", Decimal("1.50"))


def shares(**changes: object) -> list[tuple[str, str, str, str]]:
    """Kind, label, what came off the goods and off shipping, of each discount of an order."""
    return [
        (discount.kind, discount.label, str(discount.off_goods), str(discount.off_shipping))
        for discount in order_discounts(order(**changes))
    ]


def test_each_discount_has_its_share_of_all_lines_and_of_shipping() -> None:
    lines = (
        line(11, discount=Decimal("5.50"), allocations=(SUMMER, BUNDLE)),
        line(12, discount=Decimal("4.00"), allocations=(SUMMER,)),
    )
    free = shipping(discount=Decimal("4.00"), allocations=(SUMMER,))
    assert shares(line_items=lines, shipping_lines=(free,)) == [
        ("automatic", "Two for one", "1.50", "0"),
        ("code", "SUMMER", "8.00", "4.00"),
    ]


def test_an_undivided_discount_belongs_to_the_only_code() -> None:
    discounted = (line(discount=Decimal("3.00")),)
    assert shares(line_items=discounted, discount_codes=("TEN",)) == [("code", "TEN", "3.00", "0")]


def test_an_undivided_discount_of_two_codes_or_none_is_unknown_and_not_lost() -> None:
    discounted = (line(discount=Decimal("3.00")),)
    assert shares(line_items=discounted, discount_codes=("TEN", "VIP")) == [("unknown", "", "3.00", "0")]
    assert shares(line_items=discounted) == [("unknown", "", "3.00", "0")]


def test_a_test_order_and_one_without_discounts_have_none() -> None:
    assert shares() == []
    assert shares(test=True, line_items=(line(discount=Decimal("4.00"), allocations=(SUMMER,)),)) == []
