"""Reads of the pages, by subject. Each is cached: see `cache`."""

from dashboard.reads.baskets import basket_build, count_pairs, first_products, product_pairs
from dashboard.reads.changes import count_split_orders, period_sums, split_change, split_orders
from dashboard.reads.customers import buyers, count_buyers, customer
from dashboard.reads.money import (
    count_earnings,
    finance,
    profit,
    profit_beside,
    profit_by_order,
    profit_by_product,
    taxes,
    uncosted_variants,
)
from dashboard.reads.orders import count_orders, order, order_list, order_summary
from dashboard.reads.overview import movers, sales_by_kind, sales_by_origin, week_hours
from dashboard.reads.product_changes import product_rows, product_trends, variant_rows
from dashboard.reads.products import (
    count_products,
    count_variants,
    product,
    product_report,
    product_report_beside,
    sales_by_product,
    sales_by_variant,
)
from dashboard.reads.returns import (
    cohort_returns,
    count_returned_orders,
    return_difference,
    returned_orders,
    returns,
    returns_by_product,
    returns_by_reason,
    returns_over_time,
    settled_share,
)
from dashboard.reads.sales import contents, first_day, left_out, paces, report, report_beside
from dashboard.reads.stock import count_stock, stock, stock_locations, stock_summary
from dashboard.reads.targets import daily

__all__ = [
    "basket_build",
    "buyers",
    "cohort_returns",
    "contents",
    "count_buyers",
    "count_earnings",
    "count_orders",
    "count_pairs",
    "count_products",
    "count_returned_orders",
    "count_split_orders",
    "count_stock",
    "count_variants",
    "customer",
    "daily",
    "finance",
    "first_day",
    "first_products",
    "left_out",
    "movers",
    "order",
    "order_list",
    "order_summary",
    "paces",
    "period_sums",
    "product",
    "product_pairs",
    "product_report",
    "product_report_beside",
    "product_rows",
    "product_trends",
    "profit",
    "profit_beside",
    "profit_by_order",
    "profit_by_product",
    "report",
    "report_beside",
    "return_difference",
    "returned_orders",
    "returns",
    "returns_by_product",
    "returns_by_reason",
    "returns_over_time",
    "sales_by_kind",
    "sales_by_origin",
    "sales_by_product",
    "sales_by_variant",
    "settled_share",
    "split_change",
    "split_orders",
    "stock",
    "stock_locations",
    "stock_summary",
    "taxes",
    "uncosted_variants",
    "variant_rows",
    "week_hours",
]
