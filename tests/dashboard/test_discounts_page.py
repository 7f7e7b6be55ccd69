"""The Discounts page with discounts, without any, and without a store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from core.domain.orders import Allocation, DiscountKind
from tests import factories as made
from tests.cast import Cast
from tests.core.metrics.conftest import shop_of
from tests.dashboard.pages import component_data, open_page, page_text, tiles

CODE = "**<b>SAVE</b>**"


def test_a_code_is_listed_as_it_is_typed_and_never_as_markup(cast: Cast) -> None:
    at = datetime.now(UTC) - timedelta(days=3)
    line = made.line(discount=Decimal(4), tax="0", allocations=(Allocation(DiscountKind.CODE, CODE, Decimal(4)),))
    shop = shop_of(cast.acme)
    shop.receive(made.product(), made.order(created_at=at, processed_at=at, updated_at=at, line_items=(line,)))
    app = open_page(cast.alice, "discounts")
    assert not app.exception
    data = component_data(app, "table", "1 discount")
    assert [cell["text"] for cell in data["rows"][0]][:4] == [CODE, "Code", "1", "€4.00"]
    assert tiles(app)["Discount given"]["text"] == "€4.00"
    assert CODE not in page_text(app)
    other = open_page(cast.charlie, "discounts")
    assert "No order of this period used a discount" in page_text(other)


def test_a_business_without_a_store_is_asked_to_connect_one(cast: Cast) -> None:
    assert not open_page(cast.dana, "discounts").exception
