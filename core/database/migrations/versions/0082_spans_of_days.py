"""Triggers sum the sales of variants once a statement, and look for empty sums only where a sum became empty.

Sums by span added each row of the ledger four times for each of two tables. They now add the sums by day: those of
variants, and from these the sums of products. The search for empty sums repeated all of this.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from alembic import op
from sqlalchemy import text

revision = "0082"
down_revision = "0081"
branch_labels = None
depends_on = None

_FUNCTIONS = text("""
    SELECT proname, pg_get_functiondef(oid) FROM pg_proc
    WHERE proname IN ('sum_sales_on_insert', 'sum_sales_on_update')
       OR (proname LIKE '%\\_on\\_update' AND prosrc LIKE '%AS kept USING touched%')
""")
# The statements of `kept_sums`: those that add, each with the one that deletes empty sums.
_ADD = r"""INSERT INTO (?P<table>\w+) AS kept \((?P<columns>[^)]*)\)
            SELECT \* FROM \((?P<deltas>SELECT[^;]*)\) deltas WHERE (?P<changed>[^;]*?) ORDER BY (?P<key>[^;]*?)
            ON CONFLICT \([^)]*\) DO UPDATE SET (?P<added>[^;]*)"""
_PRUNE = r"""WITH touched AS MATERIALIZED \([^;]*?\)
            DELETE FROM (?P=table) AS kept USING touched WHERE [^;]*?(?P<empty>( AND kept\.\w+ = 0)+)"""
_KEPT = re.compile(rf"(?P<add>{_ADD});(\s*(?P<prune>{_PRUNE});)?")
_OF_VARIANTS = ("product_sales_by_day", "product_sales_by_span", "variant_sales_by_span")


def upgrade() -> None:
    for name, definition in op.get_bind().execute(_FUNCTIONS).all():
        kept = list(_KEPT.finditer(definition))
        by_table = {sums["table"]: sums for sums in kept}
        changed = definition
        for sums in kept:
            if name.startswith("sum_sales_") and sums["table"] in _OF_VARIANTS:
                is_first = sums["table"] == _OF_VARIANTS[0]
                changed = changed.replace(sums[0], _sums_of_variants(by_table) if is_first else "")
            elif sums["prune"]:
                changed = changed.replace(sums[0], _sums(sums))
        op.get_bind().exec_driver_sql(re.sub(r"\bBEGIN\b", "DECLARE has_empty boolean; BEGIN", changed, count=1))


def downgrade() -> None:
    """Leave the functions: they do the same."""


def _sums(sums: re.Match[str]) -> str:
    return f"""
        WITH written AS ({sums["add"]} RETURNING {_is_empty(sums)} AS is_empty)
        SELECT bool_or(is_empty) INTO has_empty FROM written;
        IF has_empty THEN {sums["prune"]}; END IF;"""  # noqa: S608


def _is_empty(sums: re.Match[str]) -> str:
    return sums["empty"].removeprefix(" AND ")


def _sums_of_variants(kept: Mapping[str, re.Match[str]]) -> str:
    days, products, variants = (kept[table] for table in _OF_VARIANTS)
    amounts = [name for name in days["columns"].split(", ") if name not in days["key"].split(", ")]
    summed = ", ".join(f"sum({name}) AS {name}" for name in amounts)
    spans = re.findall(r"CROSS JOIN LATERAL .*? AS spans \(span\)", variants["deltas"])[0]
    prunes = "".join(f"{sums['prune']};" for sums in (days, products, variants) if sums["prune"])
    return f"""
        WITH days AS MATERIALIZED (
            SELECT * FROM ({days["deltas"]}) deltas WHERE {days["changed"]}
        ), variants AS MATERIALIZED (
            SELECT {variants["key"]}, {summed} FROM days r {spans} GROUP BY {variants["key"]}
        ), products AS (
            SELECT {products["key"]}, {summed} FROM variants GROUP BY {products["key"]}
        ), written_days AS ({_written(days, "days")}
        ), written_variants AS ({_written(variants, "variants")}
        ), written_products AS ({_written(products, "products")}
        )
        SELECT bool_or(is_empty) INTO has_empty FROM (
            SELECT is_empty FROM written_days UNION ALL SELECT is_empty FROM written_variants
            UNION ALL SELECT is_empty FROM written_products
        ) written;
        {f"IF has_empty THEN {prunes} END IF;" if prunes else ""}"""  # noqa: S608


def _written(sums: re.Match[str], source: str) -> str:
    return f"""
            INSERT INTO {sums["table"]} AS kept ({sums["columns"]})
            SELECT {sums["columns"]} FROM {source} WHERE {sums["changed"]} ORDER BY {sums["key"]}
            ON CONFLICT ({sums["key"]}) DO UPDATE SET {sums["added"]}
            RETURNING kept.sale_rows = 0 AS is_empty"""  # noqa: S608
