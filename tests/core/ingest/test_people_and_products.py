"""Stores customers and products at their newest; a field that a webhook leaves out keeps the API's value."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from core.database.models import Checkout, Customer, Order, Product, Variant
from core.domain import Deleted, Kind, Source
from tests.cast import Cast
from tests.factories import PLACED, checkout, customer, order, product, variant
from tests.stored import row, rows, write

LATER = PLACED + timedelta(minutes=5)


def test_a_customer_is_stored_as_the_api_gives_it(cast: Cast) -> None:
    known = customer(orders_count=3, amount_spent=Decimal("99.90"), currency="EUR", tags=("vip",), city="London")

    assert write(cast.acme, known).customers == 1
    kept = row(cast.acme, Customer)
    assert (kept["first_name"], kept["email"], kept["city"]) == ("Ada", "ada@example.com", "London")
    assert (kept["orders_count"], kept["amount_spent"], kept["tags"]) == (3, Decimal("99.90"), ["vip"])


def test_a_webhook_that_no_longer_has_counts_and_tags_does_not_erase_them(cast: Cast) -> None:
    write(cast.acme, customer(orders_count=3, amount_spent=Decimal("99.90"), tags=("vip",), locale="en"))
    write(cast.acme, customer(updated_at=LATER, last_name="King", source=Source.WEBHOOK))

    kept = row(cast.acme, Customer)
    assert (kept["last_name"], kept["orders_count"], kept["tags"], kept["locale"]) == ("King", 3, ["vip"], "en")


def test_a_later_reading_of_the_same_version_has_shopifys_new_segments(cast: Cast) -> None:
    """Shopify computes them without a change of `updated_at`; a webhook has none."""
    segments = partial(customer, has_statistics=True, predicted_spend_tier="low")
    write(cast.acme, segments(rfm_group="new"), order(customer_id=81))
    assert write(cast.acme, segments(rfm_group="loyal", first_name="Late")).customers == 1
    assert write(cast.acme, segments(rfm_group="loyal")).customers == 0
    write(cast.acme, customer(updated_at=LATER, source=Source.WEBHOOK), customer(updated_at=LATER))

    kept = row(cast.acme, Customer)
    assert (kept["rfm_group"], kept["predicted_spend_tier"], kept["first_name"]) == ("loyal", "low", "Ada")


@pytest.mark.parametrize("version", [PLACED, LATER], ids=["the same version", "a later version"])
def test_a_segment_that_shopify_took_back_is_removed(cast: Cast, version: datetime) -> None:
    """A customer whose only order was deleted has no expected spend any more; the storm found the old one kept."""
    write(cast.acme, customer(has_statistics=True, rfm_group="new", predicted_spend_tier="low"))
    write(cast.acme, customer(updated_at=version, has_statistics=True, rfm_group="prospects"))

    kept = row(cast.acme, Customer)
    assert (kept["rfm_group"], kept["predicted_spend_tier"]) == ("prospects", None)


def test_what_the_api_says_replaces_counts_and_tags(cast: Cast) -> None:
    write(cast.acme, customer(orders_count=3, tags=("vip",)))
    write(cast.acme, customer(updated_at=LATER, orders_count=4, tags=()))

    kept = row(cast.acme, Customer)
    assert (kept["orders_count"], kept["tags"]) == (4, [])


def test_a_customer_received_twice_is_one_and_has_no_more_orders_than_before(cast: Cast) -> None:
    for _ in range(2):
        write(cast.acme, customer(), customer(), order(customer_id=81), order(customer_id=81))

    assert len(rows(cast.acme, Customer)) == 1
    assert [each["customer_key"] for each in rows(cast.acme, Order)] == ["c:81"]


def test_older_news_of_a_customer_are_dropped(cast: Cast) -> None:
    write(cast.acme, customer(updated_at=LATER, last_name="King"))

    assert write(cast.acme, customer(last_name="Byron")).customers == 0
    assert row(cast.acme, Customer)["last_name"] == "King"


def test_a_deleted_customer_is_a_number_without_a_name(cast: Cast) -> None:
    write(cast.acme, customer(city="London", province="LND", country="GB"), order(customer_id=81))

    write(cast.acme, Deleted(Kind.CUSTOMER, 81, LATER))
    write(cast.acme, customer(updated_at=LATER + timedelta(days=1)))

    kept = row(cast.acme, Customer)
    assert kept["deleted_at"] == LATER
    assert {kept[name] for name in ("first_name", "last_name", "email", "city", "province")} == {None}
    assert row(cast.acme, Order)["customer_key"] == "c:81", "who bought is still counted as one"


def test_a_product_is_kept_with_its_variants(cast: Cast) -> None:
    both = (variant(71, sku="S-M", unit_cost=Decimal("8.00")), variant(72, "22.00", position=2))

    assert write(cast.acme, product(variants=both, tags=("new",))).products == 1
    assert row(cast.acme, Product)["tags"] == ["new"]
    kept = rows(cast.acme, Variant)
    assert [(each["variant_id"], each["price"], each["currency"]) for each in kept] == [
        (71, Decimal("20.00"), "EUR"),
        (72, Decimal("22.00"), "EUR"),
    ]


def test_a_variant_that_is_missing_in_a_whole_list_is_deleted(cast: Cast) -> None:
    write(cast.acme, product(variants=(variant(71), variant(72))), product(8, variants=(variant(81),)))
    write(cast.acme, product(updated_at=LATER, variants=(variant(72),)))

    assert [each["variant_id"] for each in rows(cast.acme, Variant)] == [72, 81]


def test_a_product_without_variants_left_has_none(cast: Cast) -> None:
    write(cast.acme, product(variants=(variant(71),)))
    write(cast.acme, product(updated_at=LATER, variants=()))

    assert rows(cast.acme, Variant) == []


def test_a_list_that_was_cut_removes_no_variant(cast: Cast) -> None:
    write(cast.acme, product(variants=(variant(71), variant(72))))
    write(cast.acme, product(updated_at=LATER, variants=(variant(72, "30.00"),), variants_complete=False))

    assert [(each["variant_id"], each["price"]) for each in rows(cast.acme, Variant)] == [
        (71, Decimal("20.00")),
        (72, Decimal("30.00")),
    ]


def test_a_webhook_does_not_erase_what_a_variant_costs(cast: Cast) -> None:
    write(cast.acme, product(variants=(variant(unit_cost=Decimal("8.00")),)))
    write(cast.acme, product(updated_at=LATER, source=Source.WEBHOOK))

    assert row(cast.acme, Variant)["unit_cost"] == Decimal("8.00")


def test_the_checkouts_of_a_deleted_customer_name_the_customer_no_more(cast: Cast) -> None:
    write(cast.acme, customer(81), checkout(customer_id=81))
    write(cast.acme, Deleted(Kind.CUSTOMER, 81, LATER))

    assert row(cast.acme, Checkout)["customer_id"] is None


def test_a_deleted_product_is_marked_and_does_not_come_back(cast: Cast) -> None:
    write(cast.acme, product())
    write(cast.acme, Deleted(Kind.PRODUCT, 7, LATER))
    write(cast.acme, product(updated_at=LATER + timedelta(days=1)))

    assert row(cast.acme, Product)["deleted_at"] == LATER


@pytest.mark.parametrize("model", [Customer, Product])
def test_news_of_the_same_moment_are_the_apis(cast: Cast, model: type[Customer] | type[Product]) -> None:
    make = customer if model is Customer else product
    name = "last_name" if model is Customer else "title"
    of_the_api: dict[str, Any] = {name: "of the API"}
    of_a_webhook: dict[str, Any] = {name: "of a webhook", "source": Source.WEBHOOK}

    write(cast.acme, make(**of_the_api))
    write(cast.acme, make(**of_a_webhook))

    assert row(cast.acme, model)[name] == "of the API"
