"""Addresses of details: what they keep of the page that links, and what is read from them."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest

from core.domain.ids import parse_id
from dashboard import addresses

LIST = {"store": "acme", "range": "Last 7 days", "find_order": "ada", "sort": ""}


def test_a_link_to_a_record_keeps_the_list_that_led_to_it() -> None:
    address = addresses.order_address("acme.myshopify.com", 5, LIST)
    kept = "store%3Dacme%26range%3DLast%2B7%2Bdays%26find_order%3Dada"
    assert address == f"/order?shop=acme&order=5&from={kept}"
    query = dict(parse_qsl(urlsplit(address).query))
    assert addresses.back_address("orders", query) == "/orders?store=acme&range=Last+7+days&find_order=ada"


def test_from_record_to_record_only_the_filters_are_kept() -> None:
    order = dict(parse_qsl(urlsplit(addresses.order_address("acme.myshopify.com", 5, LIST)).query))
    product = dict(parse_qsl(urlsplit(addresses.product_address("acme.myshopify.com", 7, order)).query))
    assert product["product"] == "7"
    assert product["range"] == "Last 7 days", "a product's figures are of a period"
    assert addresses.back_address("products", product) == "/products?store=acme&range=Last+7+days"


def test_a_record_without_a_list_has_a_plain_address() -> None:
    assert addresses.product_address("acme.myshopify.com", 7) == "/product?shop=acme&product=7"
    assert addresses.customer_address("acme.myshopify.com", "c:81") == "/customer?shop=acme&customer=81"
    assert addresses.customer_address("acme.myshopify.com", "e:ada@x.y").endswith("customer=e%3Aada%40x.y")
    assert addresses.back_address("orders", {"shop": "acme", "order": "5"}) == "/orders"


def test_a_link_to_a_list_keeps_the_filters_and_drops_the_rest() -> None:
    assert addresses.page_address("orders", LIST) == "/orders?store=acme&range=Last+7+days"
    assert addresses.page_address("orders", status="Paid") == "/orders?status=Paid"
    assert addresses.page_address("") == "/"


def test_shopifys_admin_is_addressed_by_the_handle_of_the_store() -> None:
    address = addresses.shopify_admin_address("acme.myshopify.com", "orders", 5)
    assert address == "https://admin.shopify.com/store/acme/orders/5"


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "1e3", "٣", "5 ", "9" * 19, "9" * 20, "1;--", "5\n", "5\0"])
def test_only_digits_that_a_column_can_hold_are_an_id(text: str) -> None:
    assert parse_id(text) is None


def test_the_largest_id_is_read_to_its_last_digit() -> None:
    assert parse_id("9223372036854775807") == 9223372036854775807


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("81", "c:81"),
        ("c:81", "c:81"),
        ("o:5", "o:5"),
        ("e:Ada@Example.com", "e:ada@example.com"),
        ("e:no address", None),
        ("e:a@b\0", None),
        ("x:1", None),
        ("81\n", None),
        ("o:0", None),
        ("", None),
    ],
)
def test_a_customer_is_read_by_id_by_order_or_by_email(text: str, key: str | None) -> None:
    assert addresses.parse_customer_key(text) == key
