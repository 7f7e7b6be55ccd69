"""One customer in detail: sums to date that equal the list of customers, and contact only as far as it is stored."""

from __future__ import annotations

from decimal import Decimal

from core.database import tenant_session
from core.database.models import Redaction
from core.domain import Deleted, Kind
from core.ingest import redaction
from core.metrics.customers.details import CustomerDetails, customer_details
from core.metrics.customers.listing import buyers
from tests import factories as made
from tests.cast import Cast, add_store
from tests.core.metrics.conftest import NOW, Shop, shop_of
from tests.core.metrics.sales.test_headline import at, utc


def details(shop: Shop, key: str = "c:81") -> CustomerDetails:
    customer = shop.ask(customer_details, key, 50)
    assert customer is not None
    return customer


def test_a_customer_has_all_orders_to_date_and_their_net_sales(acme: Shop) -> None:
    """Two orders of two shirts at 20.00 each, and a return of one shirt."""
    acme.receive(
        made.customer(81, country="France"),
        at(utc(2026, 1, 5), 1, customer_id=81, name="#1"),
        at(utc(2026, 11, 5), 2, customer_id=81, name="#2", refunds=(made.refund(order_id=2),)),
        at(utc(2026, 11, 6), 3, name="#3"),
    )
    customer = details(acme)
    assert (customer.name, customer.email, customer.country) == ("Ada Lovelace", "ada@example.com", "France")
    assert (customer.orders, customer.net_sales) == (2, Decimal("60.00"))
    assert customer.average_order_value == Decimal("40.00"), "as first placed"
    assert (customer.first_order_at, customer.last_order_at) == (utc(2026, 1, 5), utc(2026, 11, 5))
    assert [(order.name, order.net_sales) for order in customer.latest_orders] == [
        ("#2", Decimal("20.00")),
        ("#1", Decimal("40.00")),
    ]


def test_the_sums_are_those_of_the_list_of_customers(acme: Shop) -> None:
    acme.receive(made.customer(81), made.order(customer_id=81, refunds=(made.refund(),)))
    (buyer,) = acme.ask(buyers, acme.days("2026-11-01", "2026-12-31"))
    customer = details(acme, buyer.customer_key)
    assert (customer.orders, customer.net_sales) == (buyer.orders_to_date, buyer.net_sales_to_date)


def test_orders_in_another_currency_are_listed_and_counted_apart(acme: Shop) -> None:
    acme.receive(
        made.customer(81), made.order(customer_id=81), at(utc(2026, 11, 6), 2, customer_id=81, currency="USD")
    )
    customer = details(acme)
    assert (customer.orders, customer.other_orders, customer.net_sales) == (1, 1, Decimal("40.00"))
    assert {order.currency for order in customer.latest_orders} == {"EUR", "USD"}


def test_a_guest_is_found_by_the_address_or_by_the_only_order(acme: Shop) -> None:
    acme.receive(at(utc(2026, 11, 6), 2, email="Guest@Example.com"), at(utc(2026, 11, 7), 3), at(utc(2026, 11, 8), 4))
    assert details(acme, "e:guest@example.com").email == "Guest@Example.com"
    assert [order.order_id for order in details(acme, "o:3").latest_orders] == [3]


def test_a_redacted_customer_keeps_figures_and_no_contact(acme: Shop) -> None:
    acme.receive(made.customer(81, city="Paris"), made.order(customer_id=81, email="ada@example.com"))
    with tenant_session(acme.scope.store.tenant_id) as session:
        redaction.blank(session, acme.scope.store, [81], [made.ORDER_ID])
        session.add(Redaction(**acme.scope.store.parameters, kind="customer", shopify_id=81, redacted_at=NOW))
    customer = details(acme)
    assert customer.is_redacted
    assert (customer.name, customer.email, customer.city) == (None, None, None)
    assert customer.net_sales == Decimal("40.00")


def test_a_customer_without_orders_has_no_average(acme: Shop) -> None:
    acme.receive(made.customer(81))
    customer = details(acme)
    assert (customer.orders, customer.average_order_value, customer.first_order_at) == (0, None, None)


def test_an_unknown_or_deleted_customer_is_not_found(acme: Shop) -> None:
    acme.receive(made.customer(81), Deleted(Kind.CUSTOMER, 81, NOW))
    for key in ("c:81", "c:1", "e:nobody@example.com", "o:1"):
        assert acme.ask(customer_details, key, 50) is None


def test_a_customer_of_another_store_or_business_is_not_found(acme: Shop, cast: Cast) -> None:
    acme.receive(made.customer(81), made.order(customer_id=81))
    second = add_store(cast.alice.tenant_id, "Acme Two", "acme-two.myshopify.com", "EUR", "Europe/Berlin")
    assert shop_of(second).ask(customer_details, "c:81", 50) is None
    assert shop_of(cast.globex).ask(customer_details, "c:81", 50) is None
