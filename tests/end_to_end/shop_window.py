"""A store for pictures of pages: long names, large amounts, a refund, an exchange, a guest, a failed webhook."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sqlalchemy import select

from core.database import tenant_session
from core.database.models import Delivery
from dashboard.addresses import customer_address, order_address, product_address, webhook_address
from tests import factories as made
from tests.cast import Cast, make_cast
from tests.core.metrics.conftest import shop_of
from tests.dashboard.reports import finish_sync, placed
from tests.shopify_sends import store_delivery

_LONG = "Hand-woven merino travel blanket with double-stitched edges, Donaudampfschifffahrtsgesellschaft edition"


@dataclass(frozen=True, slots=True)
class Window:
    """The people, and the addresses of the pages of one record each. Alice's Acme has everything."""

    people: Cast
    order_names: tuple[str, ...]
    record_addresses: tuple[str, ...]


def fill_window() -> Window:
    """Fill Acme, in an empty database."""
    people = make_cast()
    shop, domain = shop_of(people.acme), people.acme.shop_domain
    now = datetime.now(UTC)
    shop.receive(
        made.product(title=_LONG, variants=(made.variant(sku="BLANKET-MERINO-XXL-0001", inventory_quantity=4),)),
        made.customer(
            81, last_name="Montgomery-Featherstonehaugh", email="ada.montgomery@" + 8 * "long" + ".example"
        ),
        placed(1, now - timedelta(days=40), customer_id=81, name="#1001"),
        placed(
            2,
            now - timedelta(days=2),
            customer_id=81,
            name="#1002",
            financial_status="partially_refunded",
            line_items=(made.line(price="123456.78", title=_LONG),),
            total=Decimal("246926.16"),
            refunds=(made.refund(31, 2, now - timedelta(days=1)),),
        ),
        placed(3, now - timedelta(days=1), name="#1003", email="guest@example.com", cancelled_at=now),
    )
    finish_sync(shop)
    store_delivery(people.acme, "orders/create", b"not JSON")
    with tenant_session(people.acme.tenant_id) as session:
        delivery_id = session.scalars(select(Delivery.delivery_id)).first()
    assert delivery_id is not None
    return Window(
        people,
        order_names=("#1003", "#1002", "#1001"),
        record_addresses=(
            order_address(domain, 2),
            order_address(domain, 3),
            customer_address(domain, "c:81"),
            product_address(domain, 7),
            webhook_address(domain, delivery_id),
            order_address(domain, 99),
        ),
    )
