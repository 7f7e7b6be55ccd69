"""What several GraphQL nodes have in common: amounts, short lists, addresses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from core.simulator.admin_api.connections import connection
from core.simulator.shop.formats import api_amount, gid, presented
from core.simulator.shop.model import Address, Tax, Tender

Node = dict[str, Any]
"""What graphql-core reads: a value for each field, or a callable where it takes arguments or is dear to make."""


def bag(tender: Tender, amount: Decimal) -> Node:
    """A MoneyBag: in the shop's currency and in the customer's."""
    money = {"amount": api_amount(amount), "currencyCode": tender.currency}
    if tender.presented == tender.currency:
        return {"shopMoney": money, "presentmentMoney": money}
    theirs = {"amount": api_amount(presented(tender, amount)), "currencyCode": tender.presented}
    return {"shopMoney": money, "presentmentMoney": theirs}


def listed(rows: Sequence[Any], key: Callable[[Any], int], node: Callable[[Any], Node]) -> Callable[..., Node]:
    """A connection field over a short list, in the list's own order."""
    by_id = {key(row): row for row in rows}
    keys = [(place, key(row)) for place, row in enumerate(rows)]
    return lambda _info, **page: connection(keys, lambda number: node(by_id[number]), **page)


def address_node(address: Address | None) -> Node | None:
    """A mailing address, without the name of who lives there."""
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
    """One tax on one line or shipping charge."""
    rate = float(tax.rate)  # a Float in Shopify's schema
    return {"title": tax.title, "rate": rate, "ratePercentage": rate * 100, "priceSet": bag(tender, tax.amount)}
