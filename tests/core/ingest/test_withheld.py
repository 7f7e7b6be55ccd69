"""For each group of fields the newest version that included it wins, whatever the order of arrival."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from core.database import tenant_session
from core.database.models import Checkout, Customer, LineItem, Order, Product, Sale, Store, Variant
from core.domain import Customer as CustomerRecord
from core.domain import Deleted, Kind, Record, Source, withheld
from core.domain import Order as OrderRecord
from tests.cast import Cast
from tests.factories import PLACED, checkout, customer, line, order, product, variant
from tests.stored import row, rows, write

LATER = PLACED + timedelta(hours=1)
BOUNDED = settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
SEEN = order(customer_id=81, email="ada@example.com", country="DE", city="Kiel")


def blind(seen: OrderRecord, *groups: str, **changes: Any) -> OrderRecord:
    """The order, as an app reads it that is not shown these groups."""
    shown: dict[str, Any] = {}
    if "customer" in groups:
        shown["customer_id"] = None
    if "email" in groups:
        shown["email"] = None
    if "place" in groups:
        shown |= {"country": None, "province": None, "city": None}
    if "products" in groups:
        hidden = {"product_id": None, "variant_id": None}
        shown["line_items"] = tuple(replace(each, **hidden) for each in seen.line_items)
    return replace(seen, **shown, withheld=withheld(**dict.fromkeys(groups, True)), **changes)


EVERY = ("customer", "email", "place", "products")


@pytest.mark.parametrize("copy_from", [1, 200])
@pytest.mark.parametrize("changes", [{}, {"updated_at": LATER}], ids=["as old", "newer"])
@pytest.mark.parametrize("sees_first", [True, False])
def test_what_only_one_of_two_readings_was_shown_is_kept_whichever_comes_first(
    cast: Cast, sees_first: bool, changes: dict[str, Any], copy_from: int
) -> None:
    poor = blind(SEEN, *EVERY, **changes)
    for version in (SEEN, poor) if sees_first else (poor, SEEN):
        write(cast.acme, version, copy_from=copy_from)

    stored, (sold,) = row(cast.acme, Order), rows(cast.acme, LineItem)
    known = (stored["customer_id"], stored["customer_key"], stored["email"], stored["country"], stored["city"])
    assert known == (81, "c:81", "ada@example.com", "DE", "Kiel")
    assert (sold["product_id"], sold["variant_id"]) == (7, 71)
    assert {each["product_id"] for each in rows(cast.acme, Sale) if each["line_type"] == "product"} == {7}
    assert stored["updated_at"] == poor.updated_at
    withheld_since = {group: PLACED.isoformat() for group in EVERY}
    assert stored["withheld"] == (withheld_since if changes else None)


def test_a_reading_that_may_see_it_takes_away_what_is_not_there_any_more(cast: Cast) -> None:
    write(cast.acme, SEEN)
    write(cast.acme, replace(SEEN, customer_id=None, updated_at=LATER))

    assert row(cast.acme, Order)["customer_id"] is None


def test_a_line_that_was_added_unseen_has_its_product_with_the_next_reading(cast: Cast) -> None:
    both = replace(SEEN, line_items=(line(11), line(12, product_id=9, variant_id=91)), updated_at=LATER)
    write(cast.acme, SEEN)
    write(cast.acme, blind(both, "products"))
    assert [each["product_id"] for each in rows(cast.acme, LineItem)] == [7, None]

    write(cast.acme, both)
    assert [each["product_id"] for each in rows(cast.acme, LineItem)] == [7, 9]


def test_a_customer_that_was_stored_without_a_name_gets_it_with_the_same_version(cast: Cast) -> None:
    nameless = customer(first_name=None, last_name=None, email=None, withheld=withheld(name=True, email=True))
    write(cast.acme, nameless)
    assert write(cast.acme, customer()).customers == 1

    stored = row(cast.acme, Customer)
    assert (stored["first_name"], stored["last_name"], stored["email"]) == ("Ada", "Lovelace", "ada@example.com")
    assert stored["withheld"] is None


def test_a_customer_whose_name_came_as_null_gets_it_with_the_same_version(cast: Cast) -> None:
    """Of what an app without an approval is shown, not all is refused: some is null."""
    write(cast.acme, customer(first_name=None, last_name=None, email=None))
    write(cast.acme, customer())

    assert row(cast.acme, Customer)["first_name"] == "Ada"


def test_a_field_blanked_for_a_deleted_customer_is_not_filled_in_by_the_same_version(cast: Cast) -> None:
    write(cast.acme, customer(), SEEN, checkout(customer_id=81))
    write(cast.acme, Deleted(Kind.CUSTOMER, 81, LATER))
    assert row(cast.acme, Order)["email"] is None

    write(cast.acme, customer(), SEEN, checkout(customer_id=81))

    assert (row(cast.acme, Order)["email"], row(cast.acme, Order)["city"]) == (None, None)
    assert row(cast.acme, Checkout)["customer_id"] is None
    assert row(cast.acme, Customer)["first_name"] is None


def test_a_name_is_not_lost_to_a_reading_that_was_not_shown_it(cast: Cast) -> None:
    write(cast.acme, customer())
    write(
        cast.acme,
        customer(first_name=None, last_name=None, updated_at=LATER, withheld=withheld(name=True), country="DE"),
    )

    stored = row(cast.acme, Customer)
    assert (stored["first_name"], stored["country"]) == ("Ada", "DE")


def test_what_goods_cost_is_filled_in_and_kept(cast: Cast) -> None:
    costly = product(variants=(variant(unit_cost=Decimal("8.00")),))
    write(cast.acme, product(withheld=withheld(costs=True)))
    write(cast.acme, costly)
    assert row(cast.acme, Variant)["unit_cost"] == Decimal("8.00")

    write(cast.acme, product(updated_at=LATER, title="Blouse", withheld=withheld(costs=True)))
    assert row(cast.acme, Variant)["unit_cost"] == Decimal("8.00")
    assert row(cast.acme, Product)["title"] == "Blouse"


def test_the_customer_who_left_a_checkout_is_filled_in_and_kept(cast: Cast) -> None:
    write(cast.acme, checkout(withheld=withheld(customer=True)))
    write(cast.acme, checkout(customer_id=81))
    assert row(cast.acme, Checkout)["customer_id"] == 81

    write(cast.acme, checkout(updated_at=LATER, withheld=withheld(customer=True)))
    assert row(cast.acme, Checkout)["customer_id"] == 81


def test_a_webhook_without_a_customer_takes_none_away_in_a_store_that_may_not_see_customers(cast: Cast) -> None:
    write(cast.acme, SEEN)
    with_scope = replace(SEEN, customer_id=None, updated_at=LATER, source=Source.WEBHOOK)
    write(cast.globex, SEEN)
    write(cast.globex, with_scope)
    assert row(cast.globex, Order)["customer_id"] is None

    lose_sight(cast)
    write(cast.acme, with_scope)
    assert row(cast.acme, Order)["customer_id"] == 81


def lose_sight(cast: Cast) -> None:
    with tenant_session(cast.acme.tenant_id) as session:
        session.get_one(Store, (cast.acme.tenant_id, cast.acme.store_id)).missing_scopes = ["read_customers"]


def lives(number: int) -> OrderRecord:
    """One version of an order's life, in which everything changes; its ledger was read."""
    at = PLACED + timedelta(hours=number)
    sold = line(product_id=100 + number, variant_id=200 + number)
    return order(
        updated_at=at, customer_id=80 + number, email=f"{number}@a.example", city=f"City {number}", line_items=(sold,)
    )


versions = st.builds(
    lambda number, groups: blind(lives(number), *groups),
    st.integers(0, 3),
    st.lists(st.sampled_from(EVERY), unique=True, max_size=4),
)


@BOUNDED
@given(versions_in_order=st.lists(versions, min_size=1, max_size=7), data=st.data())
def test_any_order_of_arrival_with_any_rights_gives_the_newest_of_what_was_shown(
    cast: Cast, database_url: str, versions_in_order: list[OrderRecord], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(versions_in_order))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(shuffled)), max_size=3)) | {0, len(shuffled)})
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("DELETE FROM orders")
    for start, end in pairwise(cuts):
        write(cast.acme, *shuffled[start:end])

    stored, (sold,) = row(cast.acme, Order), rows(cast.acme, LineItem)
    shown = {group: newest(versions_in_order, group) for group in EVERY}
    assert stored["updated_at"] == max(version.updated_at for version in versions_in_order)
    assert stored["customer_id"] == (shown["customer"].customer_id if shown["customer"] else None)
    assert stored["email"] == (shown["email"].email if shown["email"] else None)
    assert stored["city"] == (shown["place"].city if shown["place"] else None)
    of_line = shown["products"].line_items[0] if shown["products"] else None
    assert (sold["product_id"], sold["variant_id"]) == (
        (of_line.product_id, of_line.variant_id) if of_line else (None, None)
    )
    assert {each["product_id"] for each in rows(cast.acme, Sale) if each["line_item_id"]} == {sold["product_id"]}
    assert set(stored["withheld"] or ()) == {
        group for group, version in shown.items() if version is None or version.updated_at < stored["updated_at"]
    }


def newest(versions_in_order: Sequence[OrderRecord], group: str) -> OrderRecord | None:
    shown = [version for version in versions_in_order if group not in dict(version.withheld)]
    return max(shown, key=lambda version: version.updated_at, default=None)


def test_a_group_that_no_version_was_shown_is_noted_as_never_shown(cast: Cast) -> None:
    record: Record = customer(withheld=withheld(place=True))
    assert isinstance(record, CustomerRecord)
    write(cast.acme, record)

    assert row(cast.acme, Customer)["withheld"] == {"place": None}
