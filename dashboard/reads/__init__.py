"""Reads of the pages, by subject. Each is cached: see `cache`."""

from dashboard.reads.baskets import basket_build, count_pairs, first_products, product_pairs
from dashboard.reads.changes import count_split_orders, period_sums, split_change, split_orders
from dashboard.reads.checkouts import checkout, checkout_list, checkouts, checkouts_over_time, count_checkouts
from dashboard.reads.customers import buyers, cohorts, count_buyers, customer
from dashboard.reads.discounts import discount_summary, discounts
from dashboard.reads.explore import explore, explore_values
from dashboard.reads.money import (
    count_earnings,
    finance,
    order_costs,
    order_profit,
    profit,
    profit_beside,
    profit_by_order,
    profit_by_product,
    taxes,
    uncosted_variants,
)
from dashboard.reads.orders import count_orders, order, order_list, order_summary
from dashboard.reads.overview import movers, sales_by_kind, sales_by_origin, sold_out, week_hours
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
from dashboard.reads.segments import segment_build, segment_members, segment_of, segments
from dashboard.reads.stock import count_stock, stock, stock_locations, stock_summary
from dashboard.reads.targets import daily

__all__ = [
    "basket_build",
    "buyers",
    "checkout",
    "checkout_list",
    "checkouts",
    "checkouts_over_time",
    "cohort_returns",
    "cohorts",
    "contents",
    "count_buyers",
    "count_checkouts",
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
    "discount_summary",
    "discounts",
    "explore",
    "explore_values",
    "finance",
    "first_day",
    "first_products",
    "left_out",
    "movers",
    "order",
    "order_costs",
    "order_list",
    "order_profit",
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
    "segment_build",
    "segment_members",
    "segment_of",
    "segments",
    "settled_share",
    "sold_out",
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
