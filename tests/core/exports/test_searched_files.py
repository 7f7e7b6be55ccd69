"""A searched file has the rows of its page, found by the same search."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.metrics.checkouts.listing import checkout_list
from core.metrics.checkouts.report import Aging
from core.metrics.customers.listing import buyers
from tests import factories as made
from tests.cast import Cast
from tests.core.exports.downloads import download
from tests.core.metrics.conftest import Shop, shop_of
from tests.core.metrics.sales.test_headline import NOVEMBER, at, utc

AGING = Aging(timedelta(hours=1), datetime(2026, 12, 1, tzinfo=UTC))
TYPED = ["", "ada", "LOVE", "ada love", "ada l", "old@", "new@", "guest", "uest", "lace", "%", "_", "\\"]


@pytest.fixture
def people(cast: Cast) -> Shop:
    """Make Ada, who ordered by two addresses of which neither is her own; a guest; and Bo, who only filled carts."""
    acme = shop_of(cast.acme)
    acme.receive(
        made.customer(81, email="ada@example.com"),
        made.customer(82, first_name="Bo", last_name="_Ek", email="bo@example.com"),
        at(utc(2026, 11, 3), 1, customer_id=81, email="old@example.com"),
        at(utc(2026, 11, 4), 2, customer_id=81, email="new@example.com"),
        at(utc(2026, 11, 5), 3, customer_id=None, email="guest@example.com"),
        *(made.checkout(n, customer_id=customer) for n, customer in ((91, 81), (92, 82), (93, None))),
    )
    return acme


@pytest.mark.parametrize("typed", TYPED)
def test_the_file_of_customers_has_the_page_s_rows(people: Shop, typed: str) -> None:
    period = people.days(*NOVEMBER)
    rows = download(people, "customers", period, {"search": typed})
    assert [row["customer_key"] for row in rows] == [row.customer_key for row in people.ask(buyers, period, typed)]


def test_a_customer_is_found_by_each_address_of_an_order(people: Shop) -> None:
    for typed in ("old@", "new@", "ada@"):
        rows = download(people, "customers", people.days(*NOVEMBER), {"search": typed})
        assert [row["customer_key"] for row in rows] == ["c:81"], typed


@pytest.mark.parametrize(
    ("typed", "ids"), [("", [93, 92, 91]), ("ada", [91]), ("_ek", [92]), ("_", [92]), ("%", []), ("k", [])]
)
def test_the_file_of_checkouts_has_the_page_s_rows(people: Shop, typed: str, ids: list[int]) -> None:
    period = people.days(*NOVEMBER)
    rows = download(people, "checkouts", period, {"search": typed})
    assert [row["checkout_id"].rpartition("/")[2] for row in rows] == [str(number) for number in ids]
    assert [row.checkout_id for row in people.ask(checkout_list, period, AGING, "", typed)] == ids
