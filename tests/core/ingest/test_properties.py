"""Any order of arrival and any repetition give the same rows."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.database.models import Sale
from core.domain import Agreement, Order, Record, Source
from tests.cast import Cast
from tests.factories import PLACED, REFUNDED, agreement, line, order, refund, refund_line, sale
from tests.stored import ledger, rows, write

BOUNDED = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
MINUTE = timedelta(minutes=1)

FIRST_REFUND = refund(31)
AS_THE_API_SAYS = refund(31, note="versions by the API", lines=(refund_line(restock="no_restock"),))
SECOND_REFUND = refund(32, at=REFUNDED + MINUTE, lines=(refund_line(42, subtotal="20.00"),))
PLACED_SALE = sale(quantity=2, total="47.60", tax="7.60")
RETURN = sale(action="return", quantity=-1, total="-23.80", tax="-3.80", sale_id=72)


def agreements(*refund_ids: int) -> tuple[Agreement, ...]:
    placed = agreement(PLACED_SALE, sale("shipping", total="5.00", tax="0"))
    return (
        placed,
        *(
            agreement(RETURN, agreement_id=60 + refund_id, at=REFUNDED, reason="refund", refund_id=refund_id)
            for refund_id in refund_ids
        ),
    )


VERSIONS: tuple[Record, ...] = (
    order(source=Source.WEBHOOK),
    order(),
    order(updated_at=PLACED + MINUTE, line_items=(line(quantity=3, tax="11.40"),), source=Source.WEBHOOK),
    order(updated_at=REFUNDED, refunds=(FIRST_REFUND,), source=Source.WEBHOOK),
    order(updated_at=REFUNDED, refunds=(AS_THE_API_SAYS,), agreements=agreements(31)),
    order(updated_at=REFUNDED + MINUTE, refunds=(FIRST_REFUND, SECOND_REFUND), source=Source.WEBHOOK),
    order(updated_at=REFUNDED + MINUTE, refunds=(AS_THE_API_SAYS, SECOND_REFUND), agreements=agreements(31)),
    FIRST_REFUND,
    SECOND_REFUND,
)
"""One order's life, as its webhooks, the API and the refunds' own webhooks give it."""


@BOUNDED
@given(versions=st.lists(st.sampled_from(VERSIONS), min_size=1, max_size=12), data=st.data())
def test_any_order_of_arrival_and_any_repetition_give_the_same_rows(
    cast: Cast, database_url: str, versions: list[Record], data: st.DataObject
) -> None:
    """Heard once and sorted; and again from nothing: shuffled, some of it repeated, in batches of any size."""
    shuffled = data.draw(st.permutations([*versions, *data.draw(st.lists(st.sampled_from(versions), max_size=4))]))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(shuffled)), max_size=4)) | {0, len(shuffled)})
    forget(database_url)
    write(cast.acme, *sorted(versions, key=VERSIONS.index))
    expected = ledger(cast.acme)

    forget(database_url)
    for start, end in pairwise(cuts):
        write(cast.acme, *shuffled[start:end])

    assert ledger(cast.acme) == expected


prices = st.decimals(Decimal("0.01"), Decimal("999.99"), places=2)
tax_rates = st.sampled_from([Decimal(0), Decimal("0.07"), Decimal("0.19"), Decimal("0.255")])


@st.composite
def plain_orders(draw: st.DrawFn) -> Order:
    """An order as it was placed: never edited, nothing refunded; tax beside the prices."""
    lines = []
    for number in range(draw(st.integers(1, 4))):
        price, quantity, rate = draw(prices), draw(st.integers(1, 5)), draw(tax_rates)
        discount = draw(st.decimals(Decimal(0), price, places=2))
        tax = ((price * quantity - discount) * rate).quantize(Decimal("0.01"))
        lines.append(line(number + 1, str(price), quantity, str(tax), discount=discount, product_id=number))
    return order(line_items=tuple(lines), tip=draw(st.none() | prices))


@BOUNDED
@given(plain=plain_orders())
def test_a_plain_order_has_the_same_rows_by_its_lines_and_by_shopifys_ledger(
    cast: Cast, database_url: str, plain: Order
) -> None:
    forget(database_url)
    write(cast.acme, plain)
    computed = rows(cast.acme, Sale)

    write(cast.acme, order(line_items=plain.line_items, updated_at=REFUNDED, agreements=(as_agreement(plain),)))

    assert rows(cast.acme, Sale) == computed


def as_agreement(plain: Order) -> Agreement:
    """What Shopify's ledger says of an order as placed: totals after discounts and with tax."""
    goods = [
        sale(
            quantity=each.quantity,
            total=str(each.unit_price * each.quantity - each.discount + tax),
            tax=str(tax),
            discount=str(each.discount),
            line_item_id=each.line_item_id,
        )
        for each in plain.line_items
        for tax in [sum((tax.amount for tax in each.taxes), Decimal(0))]
    ]
    tips = [sale("tip", total=str(plain.tip), tax="0")] if plain.tip else []
    return agreement(*goods, sale("shipping", total="5.00", tax="0"), *tips)


def forget(database_url: str) -> None:
    """Each example begins with no orders."""
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("DELETE FROM orders; DELETE FROM refunds")
