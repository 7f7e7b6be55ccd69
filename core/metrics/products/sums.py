"""Sum the sales of a period by variant, from sums that are kept by month and by day.

Whole months come from `product_sales_by_month`, other whole days from `product_sales_by_day`. The ledger is read for
a day that is not over, whose last sales are left out.
"""

from __future__ import annotations

from core.metrics import formulas as f

_SUMS = {
    "units_sold": f.UNITS_SOLD,
    "units_returned": f.UNITS_RETURNED,
    "gross_sales": f.GROSS_SALES,
    "discounts": f.DISCOUNTS,
    "returns": f.RETURNS,
    "net_sales": f.NET_SALES,
}
SUMS = tuple(_SUMS)
"""The columns of the sums."""
_COLUMNS = ", ".join(SUMS)
_UNITS = ("units_sold", "units_returned")
GOODS = "s.line_type IN ('product', 'adjustment')"
"""The ledger rows of a product: sales of it, and adjustments of its refunds."""


def product_sums(
    prefix: str = "", key: str = "product_id, variant_id", only: str = "", currency: str = f.CURRENCY
) -> str:
    """Build the SELECT of a period's sums by `key`; goods without a product, or a variant, have 0 in its place.

    `prefix` begins the names of the period's parameters. `only` is a condition on the columns of the key.
    Without a `currency`, sums are of all: then only those of units mean something.
    """
    rows = f" AND {only}" if only else ""
    sums = ", ".join(f"sum({name}){'::bigint' if name in _UNITS else ''} AS {name}" for name in _SUMS)
    kept = f"SELECT product_id, variant_id, {_COLUMNS} FROM"
    owned = f.of_store("k") + (f" AND k.currency = {currency}" if currency else "")
    days = f"{kept} product_sales_by_day k WHERE {owned} AND k.business_date BETWEEN"
    first, last = _first_whole_month(prefix), _last_whole_month(prefix)
    after = f"CAST({last} + interval '1 month' AS date)"
    return f"""
    SELECT {key}, {sums}
    FROM (
        {kept} product_sales_by_month k WHERE {owned} AND k.month BETWEEN {first} AND {last}{rows}
        UNION ALL {days} :{prefix}start AND (SELECT least({f.last_whole_day(prefix)}, {first} - 1)){rows}
        UNION ALL {days} (SELECT greatest({first}, {after})) AND {f.last_whole_day(prefix)}{rows}
        UNION ALL {_of_unfinished_day(prefix, currency)}{rows}
    ) summed
    GROUP BY {key}"""


def sold_lines(sold: str, key: str = "product_id") -> str:
    """Build the FROM clause of line items `l` that name goods which the catalogue does not have.

    They are those of the last day of the period on which the goods of the row `sold` were sold, by product or by
    `variant_id`.
    """
    of_row = f"{sold}.product_id = {{0}}.product_id"
    if key == "variant_id":
        of_row += f" AND coalesce({sold}.variant_id, 0) = coalesce({{0}}.variant_id, 0)"
    last_day = f"""
        SELECT max(k.business_date) FROM product_sales_by_day k
        WHERE {f.of_store("k")} AND {of_row.format("k")} AND k.business_date BETWEEN :start AND :end"""
    return f"""
        FROM sales s
        JOIN line_items l ON {f.of_store("l")} AND l.order_id = s.order_id AND l.line_item_id = s.line_item_id
        WHERE {f.SALES_OF_STORE} AND s.business_date = ({last_day}) AND {of_row.format("s")}"""


def _of_unfinished_day(prefix: str, currency: str) -> str:
    dated = f.sales_in_period(prefix) if currency else f.sales_of_period(prefix)
    return f"""
        SELECT * FROM (
            SELECT coalesce(s.product_id, 0) AS product_id, coalesce(s.variant_id, 0) AS variant_id,
                   {", ".join(f"{value} AS {name}" for name, value in _SUMS.items())}
            FROM sales s
            WHERE {dated} AND s.business_date > {f.last_whole_day(prefix)} AND {GOODS}
            GROUP BY 1, 2
        ) unfinished WHERE true"""


def _first_whole_month(prefix: str) -> str:
    """The first day of the first month that begins in the period."""
    next_month = f"CAST(:{prefix}start AS date) + interval '1 month' - interval '1 day'"
    return f"(SELECT CAST(date_trunc('month', {next_month}) AS date))"


def _last_whole_month(prefix: str) -> str:
    """The first day of the last month that ends in the period, before its unfinished day."""
    following = f"CAST({f.last_whole_day(prefix)} + 1 AS timestamp)"
    return f"(SELECT CAST(date_trunc('month', {following}) - interval '1 month' AS date))"
