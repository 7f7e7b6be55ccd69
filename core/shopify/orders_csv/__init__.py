"""Map Shopify's own orders CSV (Admin → Orders → Export) to records: pure, and a row at a time for any size.

A file has a row per line item; only the first row of an order has the order's own fields. An order may begin in one
file and continue in the next. `lines` decodes the text, `rows` groups it into orders, `amounts` divides the sums that
the file gives per order, `mapping` makes the record, and `spreadsheets` recognises files that a spreadsheet program
saved.
"""

from core.shopify.orders_csv.mapping import Mapped, to_order
from core.shopify.orders_csv.rows import RawOrder, orders_in

__all__ = ["Mapped", "RawOrder", "orders_in", "to_order"]
