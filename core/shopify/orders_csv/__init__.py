"""Shopify's own orders CSV (Admin → Orders → Export) becomes records: pure, and a row at a time at any size.

A file has a row per line item; what belongs to the order stands in the first of its rows only. An order may begin
in one file and go on in the next. `lines` reads text, `rows` finds the orders in it, `amounts` works out what the
file gives per order alone, `mapping` makes the record, and `spreadsheets` knows what other programs do to a file.
"""

from core.shopify.orders_csv.mapping import Mapped, to_order
from core.shopify.orders_csv.rows import RawOrder, orders_in

__all__ = ["Mapped", "RawOrder", "orders_in", "to_order"]
