"""Every column has a value by name, and no field of a record is forgotten."""

from __future__ import annotations

from decimal import Decimal

import pytest
from msgspec import Struct

from core.database.models import Location, Order
from core.domain import InventoryLevel
from core.domain import Order as OrderRecord
from core.ingest.order_rows import ORDERS
from core.ingest.rows import Layout


def test_every_field_of_an_order_is_stored_in_its_row_or_in_rows_of_its_parts() -> None:
    parts = {"line_items", "shipping_lines", "transactions", "refunds", "return_lines", "answer"}
    assert set(OrderRecord.__struct_fields__) - parts <= set(ORDERS.columns)
    written = [each for each in Order.__table__.columns if each.computed is None and not each.info.get("is_kept")]
    assert set(ORDERS.columns) == {column.name for column in written}


def test_a_column_without_a_value_is_refused_with_its_name() -> None:
    with pytest.raises(TypeError, match=r"locations: InventoryLevel says nothing for the columns \['name'\]"):
        Layout(Location, InventoryLevel)


class Place(Struct):
    location_id: int
    name: str
    weight: Decimal = Decimal(0)


def test_a_field_without_a_column_is_left_out() -> None:
    assert Layout(Location, Place).columns == ("tenant_id", "store_id", "location_id", "name")
