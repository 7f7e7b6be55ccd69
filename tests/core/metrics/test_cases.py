"""Orders whose figures were computed by hand, to the cent and the day.

Webhook bodies go through the receiver's mapping, answers of the API through the reader's. All are written to
PostgreSQL and queried as a page queries them.
"""

from __future__ import annotations

import json
from dataclasses import fields
from decimal import Decimal
from typing import Any

import pytest

from core.database.models import Customer, Refund
from core.domain import Order, Record
from core.domain.ledger import sale_rows
from core.domain.periods import Grain
from core.metrics.orders.listing import OrderQuestion, orders, summary
from core.metrics.products.listing import sales_by_product
from core.metrics.sales.overview import Headline
from core.shopify import mapping
from tests.cast import NOW, Cast, add_store
from tests.core.metrics.conftest import Shop, series, shop_of
from tests.core.shopify.fakes import PAYLOADS
from tests.stored import rows

CASES = PAYLOADS / "cases"
SHOPS = {
    "field-cad": ("CAD", "America/Toronto"),
    "field-inr": ("INR", "Asia/Kolkata"),
    "field-eur": ("EUR", "Europe/Dublin"),
    "field-usd": ("USD", "America/Los_Angeles"),
    "field-jpy": ("JPY", "Asia/Tokyo"),
}
MONEY = {"gross": "gross_sales", "net": "net_sales", "total": "total_sales"}
AUTUMN = ("2026-10-01", "2026-12-31")

WEBHOOKS = {
    "W01a": {
        "2026-11-03": "gross 2067.84, discounts 206.78, net 1861.06, taxes 187.97, total 2049.03",
        "2026-11-05": "returns -125.31, net 125.31, taxes -125.31, total 0",
    },
    "W01a W01b": {
        "2026-11-03": "gross 2067.84, discounts 206.78, net 1861.06, taxes 187.97, total 2049.03",
        "2026-11-05": "returns 1240.71, net -1240.71, taxes -125.31, total -1366.02",
    },
    "W03": {"2026-11-04": "gross 40.00, net 40.00, taxes 2.90, total 42.90, tips 5.00"},
    "W05": {"2026-11-04": "gross 10.00, net 10.00, total 10.00"},
    "W06": {
        "2026-11-04": "gross 96.00, discounts 19.20, net 76.80, total 76.80",
        "2026-11-06": "returns 38.40, net -38.40, total -38.40",
    },
    "W07": {
        "2026-11-04": "gross 2258.00, net 2258.00, total 2258.00",
        "2026-11-08": "returns 1893.00, net -1893.00, total -1893.00",
    },
    "W09": {"2026-11-04": "gross 14.99, net 14.99, taxes 1.95, total 16.94"},
    "W11": {
        "2026-11-04": "gross 10040.96, discounts 10000.00, net 40.96, shipping 9.98, total 50.94",
        "2026-11-05": "returns 40.96, net -40.96, shipping -9.98, total -50.94",
    },
    "W12": {"2026-11-04": "gross 164.02, net 164.02, taxes 34.49, shipping 34.88, duties 3.98, total 237.37"},
    "W13": {"2026-11-04": "gross 175.00, discounts 17.50, net 157.50, total 157.50"},
    "W15": {
        "2026-11-04": "gross 100.00, net 100.00, shipping 5.00, taxes 24.15, total 129.15",
        "2026-11-09": "returns 88.00, net -88.00, shipping -5.00, taxes -24.15, total -117.15",
    },
    "W16": {
        "2026-10-31": "gross 11.00, net 11.00, total 11.00",
        "2026-11-01": "returns 11.00, net -11.00, total -11.00",
    },
    # 9.00 EUR are no dollars, and the shop's figures are in dollars.
    "W17": {},
    "W20": {
        "2026-11-17": "gross 40.00, net 40.00, total 40.00, tips 5.00",
        "2026-11-19": "returns 40.00, net -40.00, total -40.00, tips -5.00",
    },
    "W21": {
        "2026-11-17": "gross 45.00, net 45.00, total 45.00",
        "2026-11-20": "returns 45.00, net -45.00, total -45.00",
    },
}
"""By the files, in the order of arrival: the figures of every day that has some. A day's other figures are 0."""
ANSWERS = {
    "G01": {"2026-11-04": "gross 40.00, net 40.00, taxes 2.90, total 42.90, tips 5.00"},
    "G02": {
        "2026-11-04": "gross 1893.00, net 1893.00, total 1893.00",
        "2026-11-08": "gross 365.00, returns 1893.00, net -1528.00, total -1528.00",
    },
    "G03": {
        "2026-11-04": "gross 279.00, net 279.00, total 279.00",
        "2026-11-06": "gross 199.00, returns 279.00, net -80.00, total -80.00",
    },
    "G04": {
        "2026-11-04": "gross 100.00, net 100.00, taxes 10.00, total 110.00",
        "2026-11-07": "returns -10.00, net 10.00, taxes -10.00, total 0",
    },
}


@pytest.mark.parametrize("names", WEBHOOKS)
def test_webhooks_come_to_the_figures_reckoned_by_hand(cast: Cast, names: str) -> None:
    shop = received(cast, *names.split())

    assert figures(shop) == {day: reckoned(said) for day, said in WEBHOOKS[names].items()}


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_of_the_api_come_to_the_figures_reckoned_by_hand(cast: Cast, name: str) -> None:
    shop = a_shop(cast, "field-usd")

    shop.receive(answer(name))

    assert figures(shop) == {day: reckoned(said) for day, said in ANSWERS[name].items()}


def test_every_case_is_tried() -> None:
    files = {path.name[:4].rstrip("_") for path in CASES.glob("*.json")}
    tried = {name for names in (*WEBHOOKS, *ANSWERS) for name in names.split()}
    assert files == tried


@pytest.mark.parametrize("name", ["W03", "G01"])
def test_a_tip_is_in_no_unit_no_order_value_and_no_list_of_products(cast: Cast, name: str) -> None:
    shop = a_shop(cast, "field-usd")
    shop.receive(*(bodies(name) if name.startswith("W") else [answer(name)]))

    whole = shop.ask(summary, shop.days(*AUTUMN))
    assert (whole.orders, whole.units_ordered, whole.average_order_value) == (1, 2, Decimal("40.00"))
    assert [(each.title, each.units_sold) for each in shop.ask(sales_by_product, shop.days(*AUTUMN))] == [("Mug", 2)]
    (listed,) = shop.ask(orders, OrderQuestion(shop.days(*AUTUMN)))
    assert (listed.items, listed.total) == (2, Decimal("47.90"))


def test_a_refunded_tip_is_no_unit_returned(cast: Cast) -> None:
    shop = received(cast, "W20")

    (mug,) = shop.ask(sales_by_product, shop.days(*AUTUMN))
    assert (mug.title, mug.units_returned, mug.returns) == ("Mug", 2, Decimal("40.00"))


def test_a_tip_is_a_row_of_its_own_kind_and_never_two() -> None:
    for order in (answer("G01"), *bodies("W03")):
        assert isinstance(order, Order)
        assert [(row.line_type, row.net) for row in sale_rows(order)] == [("product", 40), ("tip", 5)]


@pytest.mark.parametrize(
    ("names", "refunded"),
    [
        ("W01a", "0"),
        ("W01a W01b", "1366.02"),
        ("W07", "1528.00"),
        ("W11", "50.94"),
        ("W15", "117.15"),
        ("W21", "45.00"),
        ("G02", "1528.00"),
        ("G04", "0"),
    ],
)
def test_money_counts_as_refunded_once_it_went_back(cast: Cast, names: str, refunded: str) -> None:
    shop = received(cast, *names.split())

    assert sum(each["refunded"] for each in rows(shop.business, Refund)) == Decimal(refunded)


def test_a_customer_whose_dates_are_of_the_year_0_is_stored(cast: Cast) -> None:
    shop = received(cast, "W05")

    assert [(each["customer_id"], each["first_name"]) for each in rows(shop.business, Customer)] == [(31001, "Ada")]


def received(cast: Cast, *names: str) -> Shop:
    """Make a shop and send it these files, in this order."""
    domain = next(CASES.glob(f"{names[0]}_*")).name
    shop = a_shop(cast, shop_named(domain))
    for name in names:
        for record in bodies(name) if name.startswith("W") else [answer(name)]:
            shop.receive(record)
    return shop


def a_shop(cast: Cast, name: str) -> Shop:
    currency, zone = SHOPS[name]
    return shop_of(add_store(cast.alice.tenant_id, name, f"{name}.myshopify.com", currency, zone))


def shop_named(file: str) -> str:
    if file.startswith("G"):
        return "field-usd"
    name: str = json.loads((CASES / file).read_text())[0]["shop"]
    return name.removesuffix(".myshopify.com")


def bodies(name: str) -> list[Record]:
    """Map the deliveries of a file, in the order in which they were sent."""
    (path,) = CASES.glob(f"{name}_*")
    deliveries = json.loads(path.read_text(), parse_float=str)
    return [record for delivery in deliveries for record in delivered(delivery["topic"], delivery["body"])]


def delivered(topic: str, body: dict[str, Any]) -> tuple[Record, ...]:
    return mapping.from_webhook(topic, json.dumps(body).encode(), NOW)


def answer(name: str) -> Order:
    """Map the order in an answer to the document of whole orders."""
    (path,) = CASES.glob(f"{name}_*")
    (node,) = json.loads(path.read_text(), parse_float=Decimal)["data"]["nodes"]
    return mapping.order(node)


def figures(shop: Shop) -> dict[str, dict[str, Decimal]]:
    """Sum the amounts of each day of the autumn, without zeros and empty days."""
    points = shop.ask(series, shop.days(*AUTUMN), Grain.DAY)
    found = {str(point.start.astimezone(shop.zone).date()): money(point.figures) for point in points}
    return {day: amounts for day, amounts in found.items() if amounts}


def money(found: Headline) -> dict[str, Decimal]:
    amounts = {each.name: getattr(found, each.name) for each in fields(found) if each.name != "placed_value"}
    return {name: amount for name, amount in amounts.items() if isinstance(amount, Decimal) and amount}


def reckoned(said: str) -> dict[str, Decimal]:
    """Read the amounts of a sentence in this file, as `money`."""
    pairs = [each.split() for each in said.split(", ")]
    found = {MONEY.get(name, name): Decimal(amount) for name, amount in pairs}
    return {name: amount for name, amount in found.items() if amount}
