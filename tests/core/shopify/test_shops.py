"""A store's address is understood in any form that a person would paste; any other text is refused."""

from __future__ import annotations

import pytest

from core.errors import InvalidShop
from core.shopify import shops

PASTED = [
    "acme-toys",
    "acme-toys.myshopify.com",
    "ACME-Toys.MyShopify.com",
    "  acme-toys.myshopify.com  ",
    "\tacme-toys",
    "acme-toys.myshopify.com.",
    "acme-toys.myshopify.com/",
    "http://acme-toys.myshopify.com",
    "https://acme-toys.myshopify.com/admin/orders?status=open#top",
    "HTTPS://ACME-TOYS.MYSHOPIFY.COM/admin",
    "acme-toys.myshopify.com/admin/products/1",
    "admin.shopify.com/store/acme-toys",
    "https://admin.shopify.com/store/acme-toys/orders?x=1",
    "https://admin.shopify.com/store/Acme-Toys/",
]

REFUSED = [
    ("", "Enter the store's address"),
    ("   ", "Enter the store's address"),
    ("www.acme-toys.com", "is not a .myshopify.com address"),
    ("https://acme-toys.com/collections/all", "is not a .myshopify.com address"),
    ("evil.com/acme-toys.myshopify.com", "evil.com is not a .myshopify.com address"),
    ("https://evil.com?acme-toys.myshopify.com", "evil.com is not"),
    ("https://evil.com#.myshopify.com", "evil.com is not"),
    ("acme-toys.myshopify.com.evil.com", "only looks like a store's address"),
    ("acme-toysmyshopify.com", "is not a .myshopify.com address"),
    ("admin@acme-toys.myshopify.com", "only letters, digits, hyphens and dots"),
    ("acme-toys.myshopify.com@evil.com", "only letters, digits, hyphens and dots"),
    ("https://user:password@acme-toys.myshopify.com", "only letters, digits, hyphens and dots"),
    ("evil.com\\.myshopify.com", "only letters, digits, hyphens and dots"),
    ("acme_toys", "only letters, digits and hyphens"),
    ("-acme", "begins with no hyphen"),
    ("a.b.myshopify.com", "only letters, digits and hyphens"),
    (".myshopify.com", "only letters, digits and hyphens"),
    ("myshopify.com", "name is missing before .myshopify.com"),
    ("acme toys", "only letters, digits, hyphens and dots"),
    ("acme-toys.myshopify.com\n", "only letters, digits, hyphens and dots"),
    ("acme-toys\nevil.com", "only letters, digits, hyphens and dots"),
    ("acme-toys.myshopify.com\r\nHost: evil.com", "only letters, digits, hyphens and dots"),
    ("acme\x00toys", "only letters, digits, hyphens and dots"),
    ("açme-toys", "only letters, digits, hyphens and dots"),
    ("\N{KELVIN SIGN}itchen.myshopify.com", "only letters, digits, hyphens and dots"),
    ("acme%2etoys", "only letters, digits and hyphens"),
    ("ftp://acme-toys.myshopify.com", "not the address of a store"),
    ("javascript:alert(1)", "not an address"),
    ("acme-toys.myshopify.com:8443", "not the address of a store"),
    ("acme-toys.myshopify.com:x", "not an address"),
    ("https://[acme", "not an address"),
    ("https://", "not the address of a store"),
    ("//acme-toys.myshopify.com", "not the address of a store"),
    ("admin.shopify.com", "names no store"),
    ("admin.shopify.com/settings", "names no store"),
    ("admin.shopify.com/store/acme_toys", "only letters, digits and hyphens"),
    ("a" * 64, "too long"),
    ("a" * 64 + ".myshopify.com", "too long"),
    ("a" * 501, "too long"),
]


@pytest.mark.parametrize("pasted", PASTED)
def test_whatever_a_person_pastes_names_the_same_store(pasted: str) -> None:
    assert shops.normalise(pasted) == "acme-toys.myshopify.com"


@pytest.mark.parametrize(("pasted", "reason"), REFUSED)
def test_text_that_names_no_store_is_refused_with_a_reason(pasted: str, reason: str) -> None:
    with pytest.raises(InvalidShop, match=reason.replace(".", r"\.")):
        shops.normalise(pasted)


def test_the_refusal_shows_the_right_form() -> None:
    with pytest.raises(
        InvalidShop, match=r"your-store\.myshopify\.com, and Shopify shows it under Settings → Domains"
    ):
        shops.normalise("www.acme-toys.com")


def test_the_longest_name_that_a_domain_can_have_is_a_store() -> None:
    assert shops.normalise("a" * 63) == "a" * 63 + ".myshopify.com"


def test_a_normalised_address_stays_as_it_is() -> None:
    once = shops.normalise("https://admin.shopify.com/store/acme-toys")
    assert shops.normalise(once) == once


@pytest.mark.parametrize(
    ("template", "base"),
    [
        ("https://{shop}", "https://acme-toys.myshopify.com"),
        ("https://{shop}/", "https://acme-toys.myshopify.com"),
        ("http://127.0.0.1:8503/{shop}", "http://127.0.0.1:8503/acme-toys.myshopify.com"),
        ("http://127.0.0.1:8503/{shop}/{other}", "http://127.0.0.1:8503/acme-toys.myshopify.com/{other}"),
    ],
)
def test_the_admin_address_follows_the_template(template: str, base: str) -> None:
    assert shops.admin_base("acme-toys.myshopify.com", template) == base


@pytest.mark.parametrize(
    "stored",
    [
        "evil.com",
        "evil.com/.myshopify.com",
        "evil.com#.myshopify.com",
        "evil.com?.myshopify.com",
        "user@evil.com:.myshopify.com",
        "acme-toys.myshopify.com\n",
        "acme-toys\n.myshopify.com",
        "acme-toys.myshopify.com.",
        "Acme-Toys.myshopify.com",
        "acme-toys",
        ".myshopify.com",
        "{shop}.myshopify.com",
        "",
    ],
)
def test_a_stored_or_header_given_value_can_never_lead_elsewhere(stored: str) -> None:
    with pytest.raises(InvalidShop):
        shops.admin_base(stored, "https://{shop}")
