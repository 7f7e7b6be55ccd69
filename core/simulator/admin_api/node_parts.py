"""The common parts of GraphQL nodes: amounts, short lists, addresses, taxes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from core.simulator.admin_api.connections import connection
from core.simulator.shop.formats import api_amount, gid, presentment_amount
from core.simulator.shop.model import Address, Tax, Tender

Node = dict[str, Any]
"""The source that graphql-core resolves: a value for each field, or a callable where it takes arguments or is
slow."""


def money_bag(tender: Tender, amount: Decimal) -> Node:
    """Draw a MoneyBag: an amount in the shop's currency and in the customer's."""
    money = {"amount": api_amount(amount), "currencyCode": tender.currency}
    if tender.presentment == tender.currency:
        return {"shopMoney": money, "presentmentMoney": money}
    presentment_money = {"amount": api_amount(presentment_amount(tender, amount)), "currencyCode": tender.presentment}
    return {"shopMoney": money, "presentmentMoney": presentment_money}


def list_connection(
    rows: Sequence[Any], key: Callable[[Any], int], node: Callable[[Any], Node]
) -> Callable[..., Node]:
    """Make a connection field over a short list, in its own order."""
    by_id = {key(row): row for row in rows}
    keys = [(index, key(row)) for index, row in enumerate(rows)]
    return lambda _info, **page: connection(keys, lambda number: node(by_id[number]), **page)


def address_node(address: Address | None) -> Node | None:
    """Draw a mailing address, without a person's name."""
    if address is None:
        return None
    return {
        "id": gid("MailingAddress", address.address_id),
        "address1": address.street,
        "city": address.city,
        "zip": address.zip,
        "province": address.province,
        "provinceCode": address.province_code,
        "country": address.country,
        "countryCodeV2": address.country_code,
    }


def tax_node(tender: Tender, tax: Tax) -> Node:
    """Draw one tax of a line or shipping charge."""
    rate = float(tax.rate)  # a Float in Shopify's schema
    return {"title": tax.title, "rate": rate, "ratePercentage": rate * 100, "priceSet": money_bag(tender, tax.amount)}
