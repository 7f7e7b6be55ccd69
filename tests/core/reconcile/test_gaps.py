"""What Shopify did not show when it was read is read with the next check, once it may be seen."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from core.database import tenant_session
from core.database.models import Customer, LineItem, Order
from core.simulator.http.simulator import Simulator
from tests.cast import Cast
from tests.core.reconcile.checking import SCOPES, change_store, check, revision
from tests.core.transports import Wire
from tests.stored import rows


def read_with_fewer_rights(cast: Cast) -> None:
    """As if all had been read by an app that sees neither customers, products nor names."""
    hidden: dict[str, Any] = {"customer": None, "products": None}
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(update(Order).values(customer_id=None, withheld=hidden))
        session.execute(update(LineItem).values(product_id=None, variant_id=None))
        session.execute(update(Customer).values(first_name=None, last_name=None, withheld={"name": None}))


def held(cast: Cast) -> tuple[list[Any], list[Any], list[Any]]:
    people = [(each["order_id"], each["customer_id"], each["withheld"]) for each in rows(cast.acme, Order)]
    goods = [(each["line_item_id"], each["product_id"], each["variant_id"]) for each in rows(cast.acme, LineItem)]
    names = [(each["customer_id"], each["first_name"], each["withheld"]) for each in rows(cast.acme, Customer)]
    return people, goods, names


def test_orders_without_the_customer_and_the_products_that_shopify_has_are_completed(
    equal: Cast, shopify: Simulator
) -> None:
    right = held(equal)
    read_with_fewer_rights(equal)
    assert held(equal) != right

    check(equal)

    assert held(equal) == right
    before = revision(equal)
    check(equal)
    assert revision(equal) == before, "there is nothing left to complete"


def test_fields_that_the_app_may_not_read_yet_are_not_fetched(equal: Cast, shopify: Simulator) -> None:
    read_with_fewer_rights(equal)
    fewer = [scope for scope in SCOPES if scope not in ("read_customers", "read_products")]
    change_store(equal, scopes=fewer)
    wire = Wire()

    check(equal, transport=wire)

    assert wire.of("order_details") == []
    assert wire.of("customers") == []
