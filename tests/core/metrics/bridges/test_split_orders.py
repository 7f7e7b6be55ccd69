"""The first orders behind a term come through indexes: they equal the orders added up one by one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core.domain import Order, Record
from core.metrics.bridges.split_orders import SplitOrder, SplitOrderKey, count_split_orders, split_orders
from core.metrics.bridges.split_rows import Split
from core.metrics.sorting import Sort
from tests import factories as made
from tests.core.metrics.conftest import NOW, Shop

FIRST = datetime(2026, 9, 1, 9, tzinfo=UTC)
PERIODS = (
    (("2026-11-01", "2026-11-19"), ("2026-10-12", "2026-10-31")),
    (("2026-11-01", "2026-11-19"), ("2026-09-01", "2026-09-19")),
    (("2026-10-01", "2026-10-31"), ("2026-11-01", "2026-11-19")),
    (("2026-10-01", "2026-11-19"), ("2026-09-15", "2026-10-15")),
)
"""Side by side, apart, the later one first, and with common days."""
SORTS = [Sort(key, is_descending) for key in SplitOrderKey for is_descending in (True, False)]


def amount(draw: random.Random) -> str:
    """Few different prices, so that orders are equal."""
    return str(draw.choice([10, 20, 20, 35, 80, 200]))


def order(number: int, draw: random.Random) -> Order:
    """An order with its ledger: what was placed, returned, added, and given back at will."""
    at = FIRST + timedelta(hours=draw.randrange(80 * 24))
    sold = made.sale(total=amount(draw), tax="0", sale_id=number * 10)
    ledger = [made.agreement(sold, agreement_id=number * 10, at=at)]
    if draw.random() < 0.1:
        # Goods of the order that Shopify lists as given back with it.
        back = made.sale(action="return", quantity=-1, total="-5.00", tax="0", sale_id=number * 10 + 5)
        ledger[0] = made.agreement(sold, back, agreement_id=number * 10, at=at)
    for later in range(1, draw.choice([1, 1, 2, 3])):
        then = at + draw.choice([timedelta(0), timedelta(days=2), timedelta(days=25), timedelta(days=50)])
        kind = draw.choice(["refund", "refund", "order_edit", "adjustment"])
        if kind == "order_edit":
            sale = made.sale(total=amount(draw), tax="0", sale_id=number * 10 + later)
        elif kind == "adjustment":
            sale = made.sale("adjustment", "return", 0, f"-{amount(draw)}", tax="0", sale_id=number * 10 + later)
        else:
            sale = made.sale(
                action="return", quantity=-1, total=f"-{amount(draw)}", tax="0", sale_id=number * 10 + later
            )
        reason = "order_edit" if kind == "order_edit" else "refund"
        ledger.append(made.agreement(sale, agreement_id=number * 10 + later, at=min(then, NOW), reason=reason))
    fields = {"name": f"#{1000 + number}", "created_at": at, "processed_at": at, "updated_at": NOW}
    return made.order(
        order_id=number, agreements=tuple(ledger), **fields,
        source_name=draw.choice(["web", "web", "pos", None]), country=draw.choice(["DE", "FR"]),
        customer_id=draw.choice([81, 82, 83]), discount_codes=draw.choice([(), ("A",), ("a", "B")]),
    )  # fmt: skip


@pytest.fixture
def shop(acme: Shop) -> Shop:
    draw = random.Random(7)
    orders: list[Record] = [order(number, draw) for number in range(1, 121)]
    acme.receive(made.product(), *orders)
    return acme


def sorted_rows(rows: tuple[SplitOrder, ...], sort: Sort[SplitOrderKey]) -> list[SplitOrder]:
    """Sort as the list does: of equal orders, the one with the largest id comes first."""

    def value(row: SplitOrder) -> tuple[object, ...]:
        return {
            SplitOrderKey.SIZE: (abs(row.change),),
            SplitOrderKey.CHANGE: (row.change,),
            SplitOrderKey.NAME: (int(row.name[1:]),),
            SplitOrderKey.PLACED: (row.placed_at,),
            SplitOrderKey.CURRENT: (row.current,),
            SplitOrderKey.EARLIER: (row.earlier,),
        }[sort.key]

    by_id = sorted(rows, key=lambda row: -row.order_id)
    return sorted(by_id, key=value, reverse=sort.is_descending)  # type: ignore[arg-type,return-value]


def terms(split: Split) -> Iterator[str | None]:
    yield from {
        Split.CAUSE: ["placed", "returns", "edits"],
        Split.STEP: ["gross_sales", "discounts", "own_returns", "late_returns"],
        Split.CUSTOMER: ["new", "returning"],
        Split.PRODUCT: ["7", None],
        Split.CHANNEL: ["web", "pos", None, "no such channel"],
        Split.COUNTRY: ["DE", "FR"],
        Split.CODE: ["A", "A + B", None],
    }.get(split, [None])


@pytest.mark.parametrize("split", Split)
@pytest.mark.parametrize(("days", "compared_days"), PERIODS)
def test_each_page_has_the_orders_of_the_whole_list(
    shop: Shop, split: Split, days: tuple[str, str], compared_days: tuple[str, str]
) -> None:
    period, compared = shop.days(*days), shop.days(*compared_days)
    draw = random.Random(f"{split} {days} {compared_days}")
    for key in terms(split):
        whole = shop.ask(split_orders, period, compared, split, key)
        assert shop.ask(count_split_orders, period, compared, split, key) == len(whole)
        for sort in SORTS:
            rows = sorted_rows(whole, sort)
            offset, walked = draw.choice([(0, (3, 5_000)), (4, (5_000,)), (4, (3,)), (0, (5_000,)), (20, (5_000,))])
            page = shop.ask(split_orders, period, compared, split, key, 4, offset, sort, walked)
            assert list(page) == rows[offset : offset + 4], (key, sort, offset, walked)


@pytest.mark.parametrize("split", [Split.CAUSE, Split.CHANNEL])
def test_every_order_has_its_part_as_the_ledger_has_it(shop: Shop, split: Split) -> None:
    days = ("2026-11-01", "2026-11-19"), ("2026-10-12", "2026-10-31")
    period, compared = shop.days(*days[0]), shop.days(*days[1])
    draw = random.Random(7)
    expected: dict[int, list[Decimal]] = {}
    for made_order in (order(number, draw) for number in range(1, 121)):
        if split is Split.CHANNEL and made_order.source_name != "web":
            continue
        for agreement in made_order.agreements or ():
            is_placed = agreement.reason == "order"
            day = (made_order.processed_at if is_placed else agreement.happened_at).astimezone(shop.zone).date()
            for sale in agreement.sales:
                if split is Split.CHANNEL or (is_placed and sale.line_type == "product"):
                    parts = expected.setdefault(made_order.order_id, [Decimal(0), Decimal(0)])
                    parts[0] += sale.total if period.start <= day <= period.end else 0
                    parts[1] += sale.total if compared.start <= day <= compared.end else 0
    key = "web" if split is Split.CHANNEL else "placed"
    rows = shop.ask(split_orders, period, compared, split, key, 200)
    assert {row.order_id: [row.current, row.earlier] for row in rows} == {
        order_id: parts for order_id, parts in expected.items() if any(parts)
    }
    first = shop.ask(split_orders, period, compared, split, key, 10)
    assert first == rows[:10]
