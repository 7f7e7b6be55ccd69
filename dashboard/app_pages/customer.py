"""Customer: contact as stored, figures to date, net sales by month, what happened, and the orders."""

from __future__ import annotations

from dashboard import reads
from dashboard.addresses import parse_customer_key
from dashboard.parts import customer_timeline, customers
from dashboard.parts.records import begin_record, draw_missing

page = begin_record("customers", "Customers")
key = parse_customer_key(page.query.get("customer", ""))
customer = reads.customer(*page.cache_key, key, customers.MOST_ORDERS) if key else None
if customer is None:
    draw_missing()
customers.draw_head(page, customer)
customers.draw_place(page, customer)
customers.draw_to_date(page, customer)
customer_timeline.draw_history(page, customer)
customers.draw_orders(page, customer)
