"""Customers: their names, their orders in the period and to date, and the search."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.metrics.customers.listing import Buyer, buyers, count_buyers
from tests import factories as made
from tests.core.metrics.conftest import Shop, headline
from tests.core.metrics.sales.test_headline import NOVEMBER, at, utc


def test_a_buyer_has_the_figures_of_the_period_and_those_to_date(acme: Shop) -> None:
    acme.receive(
        made.customer(81, country="France"),
        at(utc(2026, 9, 1, 8), 1, customer_id=81, country="Italy"),
        at(utc(2026, 11, 3, 8), 2, customer_id=81, refunds=(made.refund(31, 2),)),
        at(utc(2026, 12, 3, 8), 3, customer_id=81),
    )
    assert acme.ask(buyers, acme.days(*NOVEMBER)) == (
        Buyer(
            customer_key="c:81",
            name="Ada Lovelace",
            email="ada@example.com",
            country="France",
            orders=1,
            net_sales=Decimal("20.00"),
            orders_to_date=2,
            net_sales_to_date=Decimal("60.00"),
            first_order_at=utc(2026, 9, 1, 8),
            last_order_at=utc(2026, 11, 3, 8),
            is_new=False,
        ),
    )


def test_a_guest_has_the_address_and_country_of_the_latest_order(acme: Shop) -> None:
    acme.receive(
        at(utc(2026, 11, 3), 1, email="guest@example.com", country="Italy"),
        at(utc(2026, 11, 4), 2, email="Guest@example.com", country="Spain"),
    )
    (guest,) = acme.ask(buyers, acme.days(*NOVEMBER))
    assert (guest.name, guest.email, guest.country, guest.is_new) == (None, "Guest@example.com", "Spain", True)


def test_who_left_nothing_is_listed_without_a_name(acme: Shop) -> None:
    acme.receive(at(utc(2026, 11, 3), 1))
    (nobody,) = acme.ask(buyers, acme.days(*NOVEMBER))
    assert (nobody.customer_key, nobody.name, nobody.email) == ("o:1", None, None)


def test_the_list_is_as_long_as_the_figure_says(acme: Shop) -> None:
    acme.receive(*(at(utc(2026, 11, day), day, customer_id=day % 3) for day in range(1, 12)))
    period = acme.days(*NOVEMBER)
    assert (
        len(acme.ask(buyers, period)) == acme.ask(count_buyers, period) == acme.ask(headline, period).customers == 3
    )


def test_the_best_customer_comes_first(acme: Shop) -> None:
    acme.receive(at(utc(2026, 11, 3), 1, customer_id=81))
    acme.receive(at(utc(2026, 11, 3), 2, customer_id=82), at(utc(2026, 11, 4), 3, customer_id=82))
    assert [buyer.customer_key for buyer in acme.ask(buyers, acme.days(*NOVEMBER))] == ["c:82", "c:81"]
    assert [buyer.customer_key for buyer in acme.ask(buyers, acme.days(*NOVEMBER), limit=1, offset=1)] == ["c:81"]


def test_who_only_returned_something_is_no_customer_of_the_period(acme: Shop) -> None:
    acme.receive(made.order(refunds=(made.refund(),)))
    assert acme.ask(buyers, acme.days("2026-11-11")) == ()


@pytest.mark.parametrize("typed", ["ada", "ADA", " love", "ada lo", "ada@ex"])
def test_a_customer_is_found_by_how_name_or_address_begins(acme: Shop, typed: str) -> None:
    acme.receive(made.customer(81), at(utc(2026, 11, 3), 1, customer_id=81), at(utc(2026, 11, 3), 2))
    period = acme.days(*NOVEMBER)
    assert [buyer.customer_key for buyer in acme.ask(buyers, period, typed)] == ["c:81"]
    assert acme.ask(count_buyers, period, typed) == 1


@pytest.mark.parametrize("typed", ["%", "_da", "lace", "\\", "' OR true --"])
def test_a_typed_search_is_text_not_a_pattern(acme: Shop, typed: str) -> None:
    acme.receive(made.customer(81), at(utc(2026, 11, 3), 1, customer_id=81))
    assert acme.ask(buyers, acme.days(*NOVEMBER), typed) == ()
    assert acme.ask(count_buyers, acme.days(*NOVEMBER), typed) == 0
