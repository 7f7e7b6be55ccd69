"""Sum the sales of a period by product or variant, from sums that are kept by day, ten days, month, quarter and year.

A period is made of the fewest kept sums: years, then quarters, months, thirds of a month, then the days at its two
ends. Where a third has few days beside the period, its sum is added and those days are taken off.

Of a day that is not over, the kept sums have all sales so far; those from `until` on are taken off by row.
"""

from __future__ import annotations

from itertools import pairwise

from core.metrics import formulas as f
from core.metrics.span_names import MONTH, QUARTER, THIRD, YEAR

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
_ROWS = {"sale_rows": "count(*)"}
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
    sums = ", ".join(f"sum({name}){'::bigint' if name in _UNITS else ''} AS {name}" for name in SUMS)
    owned = f.of_store("k") + (f" AND k.currency = {currency}" if currency else "")
    # A row of a product has all its variants.
    is_by_product = key == "product_id"
    columns = ", ".join(("product_id", *(() if is_by_product else ("variant_id",))))
    spans = "product_sales_by_span" if is_by_product else "variant_sales_by_span"
    added, taken = (f"{columns}, {', '.join(f'{sign}{name}' for name in (*SUMS, *_ROWS))}" for sign in ("", "-"))
    # A day of the ends is added if it is of the period, else a span has it too much.
    sign = f"CASE WHEN k.business_date BETWEEN :{prefix}start AND :{prefix}end THEN 1 ELSE -1 END"
    signed = f"{columns}, {', '.join(f'{name} * {sign}' for name in (*SUMS, *_ROWS))}"
    return f"""
    WITH bounds AS MATERIALIZED ({_bounds(prefix, currency)})
    SELECT {key}, {sums}
    FROM (
        SELECT {added} FROM {spans} k WHERE {owned} AND k.span = ANY(ARRAY({_SPANS})){rows}
        UNION ALL
        SELECT {signed} FROM product_sales_by_day k
        WHERE {owned} AND k.business_date = ANY(ARRAY({_DAYS_OF_ENDS})){rows}
        UNION ALL SELECT {taken} FROM ({_cut_off(prefix, currency)}) cut_off WHERE true{rows}
    ) summed
    GROUP BY {key}
    HAVING sum(sale_rows) > 0"""


def sold_lines(sold: str, key: str = "product_id") -> str:
    """Build the FROM clause of line items `l` that name goods which the catalogue does not have.

    They are those of the last day of the period on which the goods of the row `sold` were sold, by product or by
    `variant_id`.
    """
    return _lines(sold, key, "k.business_date BETWEEN :start AND :end")


def last_sold_lines(sold: str) -> str:
    """As `sold_lines`, of the last day of all on which the product was sold."""
    return _lines(sold, "product_id", "true")


def _lines(sold: str, key: str, days: str) -> str:
    of_row = f"{sold}.product_id = {{0}}.product_id"
    if key == "variant_id":
        of_row += f" AND coalesce({sold}.variant_id, 0) = coalesce({{0}}.variant_id, 0)"
    last_day = f"""
        SELECT max(k.business_date) FROM product_sales_by_day k
        WHERE {f.of_store("k")} AND {of_row.format("k")} AND {days}"""
    return f"""
        FROM sales s
        JOIN line_items l ON {f.of_store("l")} AND l.order_id = s.order_id AND l.line_item_id = s.line_item_id
        WHERE {f.SALES_OF_STORE} AND s.business_date = ({last_day}) AND {of_row.format("s")}"""


def _bounds(prefix: str, currency: str) -> str:
    """The first day, the day after the last, and between which days spans are added; none where days are fewer.

    A span begins or ends at most five days from the period's first or last day. Where no sale follows the period, it
    ends with its year, whose days to come have no sales.
    """
    in_currency = f" AND d.currency = {currency}" if currency else ""
    is_last = f"""NOT EXISTS (
                        SELECT FROM sales_by_day d
                        WHERE {f.of_store("d")}{in_currency} AND d.business_date > :{prefix}end)"""
    year_end = "CAST(date_trunc('year', CAST(following - 1 AS timestamp)) + interval '1 year' AS date)"
    return f"""
        SELECT start, following, CASE WHEN is_worth_it THEN from_day ELSE start END AS from_day,
               CASE WHEN is_worth_it THEN to_day ELSE start END AS to_day
        FROM (
            SELECT *, from_day < to_day AND following - start > greatest(start - from_day, 0)
                   + CASE WHEN is_last THEN 0 ELSE greatest(to_day - following, 0) END AS is_worth_it
            FROM (
                SELECT start, following, is_last, {_nearest("start")} AS from_day,
                       CASE WHEN is_last THEN {year_end} ELSE {_nearest("following")} END AS to_day
                FROM (
                    SELECT CAST(:{prefix}start AS date) AS start, CAST(:{prefix}end AS date) + 1 AS following,
                           {is_last} AS is_last
                ) days
            ) ends
        ) bounds"""


def _nearest(day: str) -> str:
    """The nearest 1st, 11th or 21st of a month."""
    month = f"date_trunc('month', CAST({day} AS timestamp))"
    starts = [f"CAST({month} + interval '{step}' AS date)" for step in ("0 days", "10 days", "20 days", "1 month")]
    steps = [
        f"WHEN abs({day} - {start}) <= abs({following} - {day}) THEN {start}" for start, following in pairwise(starts)
    ]
    return f"CASE {' '.join(steps)} ELSE {starts[-1]} END"


# Each third of a month, by the widest span that holds it and is within the bounds.
_SPANS = f"""
        SELECT DISTINCT CASE
            WHEN year >= from_day AND year + interval '1 year' <= to_day THEN to_char(month, '{YEAR}')
            WHEN quarter >= from_day AND quarter + interval '3 months' <= to_day THEN to_char(month, '{QUARTER}')
            WHEN month >= from_day AND month + interval '1 month' <= to_day THEN to_char(month, '{MONTH}')
            ELSE to_char(third, '{THIRD}') END
        FROM bounds,
             generate_series(date_trunc('month', CAST(from_day AS timestamp)), CAST(to_day - 1 AS timestamp),
                             interval '1 month') AS month,
             generate_series(month, month + interval '20 days', interval '10 days') AS third,
             LATERAL (SELECT date_trunc('year', month) AS year, date_trunc('quarter', month) AS quarter) starts
        WHERE third >= from_day AND third < to_day"""
_DAYS_OF_ENDS = " UNION ALL ".join(
    f"SELECT {first} + n FROM bounds, generate_series(0, {following} - {first} - 1) AS n"
    for first, following in (
        ("start", "least(following, from_day)"),
        ("greatest(start, to_day)", "following"),
        ("from_day", "least(start, to_day)"),
        ("greatest(following, from_day)", "to_day"),
    )
)
"""The days that the spans lack, and then those that they have beside the period; some five at each end."""


def _cut_off(prefix: str, currency: str) -> str:
    """Sum the ledger's rows of the period's days that happened at `until` or later."""
    in_currency = f" AND s.currency = {currency}" if currency else ""
    return f"""
            SELECT coalesce(s.product_id, 0) AS product_id, coalesce(s.variant_id, 0) AS variant_id,
                   {", ".join(f"{value} AS {name}" for name, value in (_SUMS | _ROWS).items())}
            FROM sales s
            WHERE {f.SALES_OF_STORE} AND {GOODS}{in_currency}
              AND s.business_date BETWEEN :{prefix}start AND :{prefix}end
              AND s.business_date >= {f.day_of_cut(prefix)} AND s.happened_at >= CAST(:{prefix}until AS timestamptz)
            GROUP BY 1, 2"""
