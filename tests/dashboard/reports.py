"""Shops for the report pages, and what the pages draw of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from core.database import tenant_session
from core.domain import Order
from tests import factories as made
from tests.cast import Cast, Person, sign_in
from tests.core.metrics.conftest import Shop, shop_of
from tests.dashboard.pages import (
    ENTRY,
    components,
    listed,
    tiles,
)
from tests.dashboard.pages import downloads as downloads
from tests.dashboard.pages import titles as titles

PAGES = ("overview", "orders", "customers", "products")


@pytest.fixture
def acme(cast: Cast) -> Shop:
    return shop_of(cast.acme)


@pytest.fixture
def busy(acme: Shop) -> Shop:
    """Acme sold two shirts to Ada and one to a guest yesterday, and two to Ada forty days ago; Ada sent one back."""
    now = datetime.now(UTC)
    acme.receive(
        made.product(variants=(made.variant(sku="S-M", inventory_quantity=4),)),
        made.customer(81),
        placed(1, now - timedelta(days=40), customer_id=81, name="#1001"),
        placed(2, now - timedelta(days=1, minutes=2), customer_id=81, name="#1002", financial_status="paid"),
        placed(
            3,
            now - timedelta(days=1, minutes=1),
            name="#1003",
            email="guest@example.com",
            line_items=(made.line(quantity=1, tax="3.80"),),
            total=Decimal("28.80"),
            refunds=(made.refund(31, 3, now - timedelta(hours=1)),),
            cancelled_at=now,
        ),
    )
    finish_sync(acme)
    return acme


def placed(order_id: int, when: datetime, **changes: Any) -> Order:
    return made.order(order_id=order_id, created_at=when, processed_at=when, updated_at=when, **changes)


def finish_sync(shop: Shop) -> None:
    statement = text("UPDATE stores SET complete_until = now() WHERE tenant_id = :tenant_id")
    with tenant_session(shop.scope.store.tenant_id) as session:
        session.execute(statement, {"tenant_id": shop.scope.store.tenant_id})


def figures(app: AppTest) -> dict[str, tuple[str, str]]:
    """Label → value and change."""
    return {label: (tile["text"], tile["change"]) for label, tile in tiles(app).items()}


def column(app: AppTest, name: str) -> list[str]:
    """The texts of a column of the page's list."""
    return [row[name] for row in listed(app)]


def lines_of_chart(app: AppTest) -> list[dict[str, Any]]:
    """The lines of the page's chart over time, the front one first."""
    lines: list[dict[str, Any]] = components(app, "chart")[0]["series"]
    return lines


def charts(app: AppTest) -> list[dict[str, Any]]:
    """The charts over time, the lists of bars and the grids of the page."""
    return [data for folder in ("chart", "bars", "heat") for data in components(app, folder)]


def drawn_points(app: AppTest) -> list[Any]:
    """The points of the front line of the chart."""
    points: list[Any] = lines_of_chart(app)[0]["texts"]
    return points


def open_with(person: Person, **query: str) -> AppTest:
    """Open the Overview by an address with this query."""
    app = AppTest.from_file(ENTRY, default_timeout=30)
    app.session_state["session_token"] = sign_in(person)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()
