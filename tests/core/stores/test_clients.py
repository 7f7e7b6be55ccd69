"""A store's client: fields that Shopify withholds are noted on the store, until it is connected again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core import stores
from core.connections import connect
from core.database.models import Store
from core.shopify.auth import AdminToken
from core.stores.clients import store_client
from tests.cast import Cast
from tests.core.conftest import ACME_TOKEN
from tests.core.shopify.fakes import reply
from tests.core.transports import always
from tests.shopify_sends import ACME_SECRET
from tests.stored import row


def read_without(cast: Cast, *fields: str) -> None:
    """Ask for customers; Shopify leaves these fields out."""
    answer = {"customers": {"nodes": [{"id": "gid://shopify/Customer/1", **dict.fromkeys(fields)}]}}
    errors = [
        {"message": "no", "path": ["customers", "nodes", 0, field], "extensions": {"code": "ACCESS_DENIED"}}
        for field in fields
    ]
    wire = always(lambda: reply({"data": answer, "errors": errors}))
    with store_client(cast.acme.key, wire) as client:
        client.execute("customers")


def denied(cast: Cast) -> tuple[str, ...]:
    return stores.find(cast.acme.key).withheld_fields


def test_fields_that_shopify_withheld_are_noted_once_each(connected: Cast) -> None:
    read_without(connected, "firstName")
    read_without(connected, "lastName", "firstName")

    assert denied(connected) == ("firstName", "lastName")


def test_an_answer_with_all_fields_does_not_remove_the_note(connected: Cast) -> None:
    read_without(connected, "firstName")
    with store_client(connected.acme.key) as client:
        client.execute("shop")

    assert denied(connected) == ("firstName",)


@pytest.mark.usefixtures("shopify")
def test_connecting_the_store_again_begins_with_nothing_noted(connected: Cast) -> None:
    read_without(connected, "firstName")
    domain = row(connected.acme, Store)["shop_domain"]
    connect.connect(connected.alice.actor, domain, AdminToken(ACME_TOKEN, ACME_SECRET), datetime.now(UTC))

    assert denied(connected) == ()
