"""Stores checkouts and carts from webhooks at once: the newest version, and the API's above a webhook's."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.database.models import Cart, Checkout, CheckoutLine, Store
from core.domain import Deleted, Kind, Source
from core.webhooks import apply
from tests.cast import NOW, Cast
from tests.core.webhooks.test_apply import sample
from tests.factories import checkout
from tests.shopify_sends import deliveries, store_delivery
from tests.stored import row, rows, write

NUMBER = 981820079255243537
"""Of the checkout in Shopify's samples."""


def receive(cast: Cast, topic: str, **changes: Any) -> None:
    store_delivery(cast.acme, topic, sample(topic.replace("/", "__")) | changes, NOW)
    apply.apply_pending(cast.acme.key, NOW)


def test_a_checkout_is_kept_at_once_under_the_number_in_its_name(cast: Cast) -> None:
    receive(cast, "checkouts/create")

    kept = row(cast.acme, Checkout)
    assert (kept["checkout_id"], kept["customer_id"], kept["country"]) == (NUMBER, 603851970716743426, "US")
    assert (kept["subtotal"], kept["tax"], kept["total"]) == (Decimal(398), Decimal("23.88"), Decimal("421.88"))
    assert (kept["currency"], kept["completed_at"], kept["source"]) == ("USD", None, "webhook")
    lines = rows(cast.acme, CheckoutLine)
    assert [(line["checkout_line_id"], line["sku"], line["total"]) for line in lines] == [
        (1, "IPOD2008PINK", Decimal(199)),
        (2, "IPOD2008PINK", Decimal(199)),
    ]


def test_the_id_in_an_older_body_is_taken_before_its_name(cast: Cast) -> None:
    receive(cast, "checkouts/create", id=5)

    assert row(cast.acme, Checkout)["checkout_id"] == 5


@pytest.mark.parametrize("name", ["#D12", "12", None, "", "#" + "9" * 40])
def test_a_checkout_without_a_number_is_ignored_and_left_to_the_next_sync(cast: Cast, name: str | None) -> None:
    receive(cast, "checkouts/update", name=name)

    assert rows(cast.acme, Checkout) == []
    (kept,) = deliveries(cast.acme)
    assert (kept.state, kept.reason) == (
        "ignored",
        "The body does not say the checkout's number; the next sync reads the checkout.",
    )


def test_a_line_costs_its_units_less_its_discounts(cast: Cast) -> None:
    line = sample("checkouts__create")["line_items"][0]
    off = [{"amount": "20.00"}, {"amount": "1.00"}]
    receive(cast, "checkouts/create", line_items=[line | {"quantity": 3, "discount_allocations": off}])

    kept = row(cast.acme, CheckoutLine)
    assert (kept["unit_price"], kept["quantity"], kept["total"]) == (Decimal(199), 3, Decimal(576))


def test_an_update_replaces_all_lines_and_completion_closes_the_checkout(cast: Cast) -> None:
    receive(cast, "checkouts/create")
    done = "2022-01-02T10:00:00-05:00"
    only = sample("checkouts__create")["line_items"][:1]
    receive(cast, "checkouts/update", line_items=only, updated_at=done, completed_at=done)

    assert row(cast.acme, CheckoutLine)["checkout_line_id"] == 1
    completed = row(cast.acme, Checkout)["completed_at"]
    assert completed.isoformat() == "2022-01-02T15:00:00+00:00"


def test_an_older_version_that_comes_late_changes_nothing(cast: Cast) -> None:
    receive(cast, "checkouts/update", updated_at="2022-01-02T10:00:00-05:00", total_price="1.00")
    receive(cast, "checkouts/create")

    assert row(cast.acme, Checkout)["total"] == Decimal(1)


def test_the_apis_version_replaces_a_webhooks_of_the_same_change_with_its_lines(cast: Cast) -> None:
    receive(cast, "checkouts/create")
    updated_at = row(cast.acme, Checkout)["updated_at"]

    write(cast.acme, checkout(NUMBER, updated_at=updated_at, source=Source.API))
    receive(cast, "checkouts/create")

    assert row(cast.acme, Checkout)["source"] == "api"
    assert row(cast.acme, CheckoutLine)["total"] == Decimal(35)


def test_a_checkout_that_was_deleted_stays_away(cast: Cast) -> None:
    write(cast.acme, Deleted(Kind.CHECKOUT, NUMBER, NOW))
    receive(cast, "checkouts/create")

    assert rows(cast.acme, Checkout) == []


def test_late_news_of_a_redacted_persons_checkout_count_but_the_body_is_erased(cast: Cast) -> None:
    asked = sample("customers__redact") | {"customer": {"id": 603851970716743426, "email": "john@example.com"}}
    store_delivery(cast.acme, "customers/redact", asked, NOW)
    apply.apply_pending(cast.acme.key, NOW)
    receive(cast, "checkouts/create")

    assert row(cast.acme, Checkout)["total"] == Decimal("421.88")
    assert deliveries(cast.acme)[-1].body == b"{}"


def test_a_cart_is_kept_by_its_token_with_its_units_and_what_they_cost(cast: Cast) -> None:
    receive(cast, "carts/update")

    kept = row(cast.acme, Cart)
    assert (kept["cart_token"], kept["units"]) == ("exampleCartId", 3)
    assert (kept["total"], kept["currency"]) == (Decimal("59.97"), "USD")


def test_a_new_cart_is_kept_before_any_change_of_it(cast: Cast) -> None:
    receive(cast, "carts/create")
    assert (row(cast.acme, Cart)["units"], row(cast.acme, Cart)["total"]) == (3, Decimal("59.97"))

    receive(cast, "carts/update", updated_at="2026-11-01T00:00:00Z", line_items=[])
    assert row(cast.acme, Cart)["units"] == 0


def test_the_newest_version_of_a_cart_stays_whatever_the_order_of_arrival(cast: Cast) -> None:
    for second in (2, 4, 3):
        store_delivery(
            cast.acme, "carts/update", sample("carts__update", updated_at=f"2026-11-01T00:00:0{second}Z"), NOW
        )
    apply.apply_pending(cast.acme.key, NOW)
    receive(cast, "carts/update", updated_at="2026-11-01T00:00:01Z", line_items=[])

    kept = row(cast.acme, Cart)
    assert (kept["updated_at"].second, kept["units"]) == (4, 3)


def test_a_cart_that_was_emptied_is_worth_nothing_in_no_currency(cast: Cast) -> None:
    receive(cast, "carts/update", line_items=[])

    kept = row(cast.acme, Cart)
    assert (kept["units"], kept["total"], kept["currency"]) == (0, 0, None)


def test_a_line_without_the_shops_money_leaves_the_currency_open(cast: Cast) -> None:
    line = sample("carts__update")["line_items"][0]
    receive(cast, "carts/update", line_items=[line, line | {"line_price_set": None, "line_price": "1.00"}])

    kept = row(cast.acme, Cart)
    assert (kept["total"], kept["currency"]) == (Decimal("60.97"), None)


def test_carts_make_no_page_read_its_numbers_again(cast: Cast) -> None:
    receive(cast, "carts/update")

    assert row(cast.acme, Store)["revision"] == 0


def test_what_a_store_left_behind_goes_with_it(cast: Cast) -> None:
    receive(cast, "carts/update")
    receive(cast, "checkouts/create")
    store_delivery(cast.acme, "shop/redact", sample("shop__redact"), NOW + timedelta(days=3))
    apply.apply_pending(cast.acme.key, NOW)

    assert rows(cast.acme, Cart) == rows(cast.acme, Checkout) == []
