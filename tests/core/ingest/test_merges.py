"""Customers that Shopify made one of are one here: earlier orders, later versions, and chains of merges."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from core.database.models import Customer, CustomerMerge, Order
from core.domain import Merged
from tests.cast import NOW, Cast
from tests.core.webhooks.test_apply import sample
from tests.factories import PLACED, customer, order
from tests.shopify_sends import deliveries, store_delivery
from tests.stored import rows, write

LATER = PLACED + timedelta(days=1)
ONE_TO_TWO, TWO_TO_THREE = Merged(2, 1, NOW), Merged(3, 2, NOW + timedelta(hours=1))


def buyers(cast: Cast) -> list[tuple[int, str]]:
    return [(each["customer_id"], each["customer_key"]) for each in rows(cast.acme, Order)]


def test_the_orders_follow_to_the_customer_who_was_kept(cast: Cast) -> None:
    write(cast.acme, customer(1), customer(2), order(order_id=1, customer_id=1), order(order_id=2, customer_id=2))

    write(cast.acme, ONE_TO_TWO)

    assert buyers(cast) == [(2, "c:2"), (2, "c:2")]
    merged, kept = rows(cast.acme, Customer)
    assert (merged["deleted_at"], merged["email"]) == (NOW, None)
    assert kept["deleted_at"] is None


def test_a_later_version_that_names_the_old_customer_means_the_one_kept(cast: Cast) -> None:
    write(cast.acme, order(order_id=1, customer_id=1))
    write(cast.acme, ONE_TO_TWO)

    write(cast.acme, order(order_id=1, customer_id=1, updated_at=LATER), customer(1, updated_at=LATER))

    assert buyers(cast) == [(2, "c:2")]
    assert rows(cast.acme, Customer) == []


@pytest.mark.parametrize("merges", list(permutations((ONE_TO_TWO, TWO_TO_THREE, ONE_TO_TWO))))
def test_a_chain_of_merges_ends_at_its_last_customer_in_any_order_of_arrival(
    cast: Cast, merges: tuple[Merged, ...]
) -> None:
    write(cast.acme, *(order(order_id=number, customer_id=number) for number in (1, 2, 3)))
    for merge in merges:
        write(cast.acme, merge)
    write(cast.acme, order(order_id=4, customer_id=1))

    assert set(buyers(cast)) == {(3, "c:3")}


def test_merges_do_not_go_round_in_circles(cast: Cast) -> None:
    write(cast.acme, order(order_id=1, customer_id=1))
    write(cast.acme, ONE_TO_TWO)
    write(cast.acme, Merged(1, 2, NOW + timedelta(hours=1)))

    assert buyers(cast) == [(2, "c:2")]
    assert [each["kept_id"] for each in rows(cast.acme, CustomerMerge)] == [2]


def test_another_tenants_customer_of_the_same_number_is_not_merged(cast: Cast) -> None:
    write(cast.globex, order(order_id=1, customer_id=1))
    write(cast.acme, ONE_TO_TWO)

    assert [each["customer_id"] for each in rows(cast.globex, Order)] == [1]
    write(cast.globex, order(order_id=1, customer_id=1, updated_at=LATER))
    assert [each["customer_id"] for each in rows(cast.globex, Order)] == [1]


def test_only_a_merge_that_was_completed_is_one(cast: Cast) -> None:
    from core.webhooks import apply

    write(cast.acme, order(order_id=1, customer_id=2))
    store_delivery(cast.acme, "customers/merge", sample("customers__merge"))
    apply.apply_pending(cast.acme.key, NOW)
    assert (deliveries(cast.acme)[0].state, buyers(cast)) == ("applied", [(2, "c:2")])

    merged = sample("customers__merge", status="completed", errors=[])
    store_delivery(cast.acme, "customers/merge", merged, confirmed_at=NOW)
    apply.apply_pending(cast.acme.key, NOW)
    assert buyers(cast) == [(1, "c:1")]
