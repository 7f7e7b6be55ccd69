"""Sums of cohorts by days since the first order: net sales within 30, 60, 90, 180 and 365 days, for customer values.

A fourth width, `days`: the cohort is a day, and its periods begin that many days later.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

revision = "0084"
down_revision = "0083"
branch_labels = None
depends_on = None

_FUNCTIONS = text("""
    SELECT pg_get_functiondef(oid) FROM pg_proc
    WHERE proname ~ '^(keep|sum)_customers_on_(insert|update|delete)$' ORDER BY proname
""")
_WIDTHS = "(VALUES ('week'), ('month'), ('quarter')) AS widths (width)"
_WITH_DAYS = "(VALUES ('week'), ('month'), ('quarter'), ('days')) AS widths (width)"
_STARTS = [
    (
        f"CAST(date_trunc({row}width, CAST({row}{day} AS timestamp)) AS date)",
        f"start_in_cohort({row}width, {row}first_date, {row}{day})",
    )
    for row in ("r.", "")
    for day in ("first_date", "business_date", "previous_date")
]


def upgrade() -> None:
    op.execute("""
        CREATE FUNCTION start_in_cohort(width text, first_date date, day date) RETURNS date
        LANGUAGE sql IMMUTABLE PARALLEL SAFE
        RETURN CASE WHEN width = 'days'
            THEN first_date + CASE WHEN day < first_date + 30 THEN 0 WHEN day < first_date + 60 THEN 30
                                   WHEN day < first_date + 90 THEN 60 WHEN day < first_date + 180 THEN 90
                                   WHEN day < first_date + 365 THEN 180 ELSE 365 END
            ELSE CAST(date_trunc(width, CAST(day AS timestamp)) AS date) END
    """)
    _replace_in_triggers([(_WIDTHS, _WITH_DAYS), *_STARTS])
    for table in ("customer_orders", "cohort_sums"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute("""
        INSERT INTO cohort_sums
            (tenant_id, store_id, currency, width, cohort, period, net_sales, customers, seconds, orders)
        SELECT tenant_id, store_id, currency, 'days', first_date, start, sum(net_sales),
               count(*) FILTER (
                   WHERE previous_date IS NULL OR start_in_cohort('days', first_date, previous_date) < start
               ),
               count(*) FILTER (WHERE currency_number = 2), count(*)
        FROM customer_orders
        CROSS JOIN LATERAL start_in_cohort('days', first_date, business_date) AS starts (start)
        WHERE first_date IS NOT NULL
        GROUP BY 1, 2, 3, 5, 6
    """)
    for table in ("customer_orders", "cohort_sums"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.execute("ALTER TABLE cohort_sums NO FORCE ROW LEVEL SECURITY")
    op.execute("DELETE FROM cohort_sums WHERE width = 'days'")
    op.execute("ALTER TABLE cohort_sums FORCE ROW LEVEL SECURITY")
    _replace_in_triggers([(new, old) for old, new in ((_WIDTHS, _WITH_DAYS), *_STARTS)])
    op.execute("DROP FUNCTION start_in_cohort(text, date, date)")


def _replace_in_triggers(replacements: list[tuple[str, str]]) -> None:
    for (definition,) in op.get_bind().execute(_FUNCTIONS).all():
        for present, replacement in replacements:
            definition = definition.replace(present, replacement)
        op.get_bind().exec_driver_sql(definition)
