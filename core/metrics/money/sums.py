"""Which days of a period are read from the kept sums, and which from their rows?

Rows are read for the stale days (see `core.database.models.money_sums`), and for the day on which a period is cut.
Every condition is for a statement with the parameters of a period; `prefix` begins their names.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import MappingResult, text
from sqlalchemy.orm import Session

from core.metrics import formulas as f
from core.metrics import span_names


def ask(session: Session, statement: str, parameters: Mapping[str, object]) -> MappingResult:
    """Run a statement over kept and live days.

    Without parallel workers: the planner expects rows of many stale days, and would start workers for none.
    """
    session.execute(text("SET LOCAL max_parallel_workers_per_gather = 0"))
    return session.execute(text(statement), parameters).mappings()


def live_days(prefix: str = "") -> str:
    """The array of the days that are read from their rows."""
    return f"""(ARRAY(
        SELECT m.business_date FROM stale_money_days m
        WHERE {f.of_store("m")} AND m.business_date BETWEEN :{prefix}start AND :{prefix}end
        UNION
        SELECT {f.day_of_cut(prefix)} WHERE CAST(:{prefix}until AS timestamptz) IS NOT NULL))"""


def sales_of_live_days(prefix: str = "") -> str:
    """Select the ledger rows `s` of the days that are read from their rows."""
    return f"{f.sales_in_period(prefix)} AND s.business_date = ANY({live_days(prefix)})"


def refunds_of_live_days(prefix: str = "") -> str:
    """Select the refunds `r` of the days that are read from their rows."""
    return f"""{f.of_store("r")} AND r.business_date BETWEEN :{prefix}start AND :{prefix}end
          AND (CAST(:{prefix}until AS timestamptz) IS NULL OR r.processed_at < :{prefix}until)
          AND r.currency = {f.CURRENCY} AND r.business_date = ANY({live_days(prefix)})"""


def orders_of_live_days(prefix: str = "") -> str:
    """Select the orders `o` of the days that are read from their rows."""
    return f"{f.orders_in_period(prefix)} AND o.business_date = ANY({live_days(prefix)})"


def kept_days(prefix: str = "") -> str:
    """Select the kept sums `k` of the period's other days, in the currency of the figures."""
    return f"""{f.of_store("k")} AND k.currency = {f.CURRENCY}
      AND k.business_date BETWEEN :{prefix}start AND :{prefix}end AND k.business_date <> ALL({live_days(prefix)})
      AND (CAST(:{prefix}until AS timestamptz) IS NULL OR k.business_date < {f.day_of_cut(prefix)})"""


def whole_thirds(prefix: str = "") -> str:
    """Build the array of the whole thirds of a month by their first days: in the period, without a stale day."""
    next_third = (
        "CASE date_part('day', third) WHEN 21 THEN month + interval '1 month' ELSE third + interval '10 days' END"
    )
    last = f"CAST({next_third} - interval '1 day' AS date)"
    return f"""(ARRAY(
        SELECT CAST(third AS date)
        FROM generate_series(date_trunc('month', CAST(:{prefix}start AS timestamp)), CAST(:{prefix}end AS timestamp),
                             '1 month') AS month,
             generate_series(month, month + interval '20 days', '10 days') AS third
        WHERE third >= :{prefix}start AND {last} <= :{prefix}end
          AND (CAST(:{prefix}until AS timestamptz) IS NULL OR {last} < {f.day_of_cut(prefix)})
          AND NOT EXISTS (SELECT FROM stale_money_days m
                          WHERE {f.of_store("m")} AND m.business_date BETWEEN CAST(third AS date) AND {last})))"""


def kept_spans(prefix: str = "", *, by_month: bool = False) -> str:
    """Select the kept sums `k` of the widest spans that those thirds make up: years, quarters, months, thirds.

    `by_month` is without quarters and years, for sums of each month.
    """
    wider = (
        f"""WHEN of_year = 36 THEN to_char(third, '{span_names.YEAR}')
               WHEN of_quarter = 9 THEN to_char(third, '{span_names.QUARTER}')"""
        if not by_month
        else ""
    )
    return f"""{f.of_store("k")} AND k.currency = {f.CURRENCY} AND k.span = ANY(ARRAY(
        SELECT DISTINCT CASE
               {wider}
               WHEN of_month = 3 THEN to_char(third, '{span_names.MONTH}')
               ELSE to_char(third, '{span_names.THIRD}') END
        FROM (
            SELECT third, {
        ", ".join(
            f"count(*) OVER (PARTITION BY date_trunc('{span}', CAST(third AS timestamp))) AS of_{span}"
            for span in ("year", "quarter", "month")
        )
    }
            FROM unnest({whole_thirds(prefix)}) AS third
        ) thirds))"""


def kept_days_beside_spans(prefix: str = "") -> str:
    """Select the kept sums `k` of the days that are in none of those spans."""
    return f"""{f.of_store("k")} AND k.currency = {f.CURRENCY} AND k.business_date = ANY(ARRAY(
        SELECT CAST(day AS date)
        FROM generate_series(CAST(:{prefix}start AS timestamp), CAST(:{prefix}end AS timestamp), '1 day') AS day
        WHERE {span_names.third_of("day")} <> ALL({whole_thirds(prefix)})
          AND CAST(day AS date) <> ALL({live_days(prefix)})
          AND (CAST(:{prefix}until AS timestamptz) IS NULL OR CAST(day AS date) < {f.day_of_cut(prefix)})))"""
