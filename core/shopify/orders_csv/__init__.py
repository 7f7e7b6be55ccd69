"""Shopify's own orders CSV (Admin → Orders → Export) becomes records: pure, and a row at a time at any size.

A file has a row per line item; what belongs to the order stands in the first of its rows only. An order may begin
in one file and go on in the next. `rows` finds the orders in the files, `amounts` works out what the file gives per
order alone, `mapping` makes the record.
"""

from core.shopify.orders_csv.mapping import Mapped, to_order
from core.shopify.orders_csv.rows import LONGEST_LINE, RawOrder, orders_in

__all__ = ["LONGEST_LINE", "Mapped", "RawOrder", "orders_in", "to_order"]
