"""Orders and net sales by weekday and hour, kept by third of a month, month, quarter and year.

Overview added up a row for each quarter of an hour of the period: 100,000 in three years.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

from core.database.migrations.policies import protect_table

revision = "0083"
down_revision = "0082"
branch_labels = None
depends_on = None

_MARK_DAYS = """
        INSERT INTO stale_money_days (tenant_id, store_id, business_date)
        SELECT DISTINCT d.tenant_id, d.store_id, d.business_date FROM sales_by_day d {condition}
        ORDER BY 1, 2, 3
        ON CONFLICT (tenant_id, store_id, business_date) DO UPDATE SET business_date = excluded.business_date"""
_OF_STORE = "WHERE d.tenant_id = NEW.tenant_id AND d.store_id = NEW.store_id"
_FUNCTION = text("SELECT pg_get_functiondef('mark_days_of_orders_on_update'::regproc)")
_WITHOUT_TIME, _WITH_TIME = "test, deleted_at FROM", "test, deleted_at, processed_at FROM"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE week_hour_spans (
            tenant_id bigint NOT NULL,
            store_id bigint NOT NULL,
            currency text NOT NULL,
            span text NOT NULL,
            weekday bigint NOT NULL,
            hour bigint NOT NULL,
            orders bigint NOT NULL,
            net_sales numeric NOT NULL,
            CONSTRAINT pk_week_hour_spans PRIMARY KEY (tenant_id, store_id, currency, span, weekday, hour),
            CONSTRAINT fk_week_hour_spans_stores FOREIGN KEY (tenant_id, store_id)
                REFERENCES stores (tenant_id, store_id) ON DELETE CASCADE
        )
    """)
    protect_table("week_hour_spans")
    # An order that moves to another hour of its day makes the day stale, too.
    _replace_in_trigger(_WITHOUT_TIME, _WITH_TIME)
    op.execute("ALTER TABLE sales_by_day NO FORCE ROW LEVEL SECURITY")
    op.execute(_MARK_DAYS.format(condition=""))
    op.execute("ALTER TABLE sales_by_day FORCE ROW LEVEL SECURITY")
    # Every hour of the store's clock changes, also of days that keep their orders.
    op.execute(f"""
        CREATE FUNCTION mark_days_of_changed_zone() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN {_MARK_DAYS.format(condition=_OF_STORE)};
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER mark_days_of_changed_zone AFTER UPDATE OF time_zone ON stores
        FOR EACH ROW WHEN (OLD.time_zone IS DISTINCT FROM NEW.time_zone)
        EXECUTE FUNCTION mark_days_of_changed_zone()
    """)


def downgrade() -> None:
    op.execute("DROP FUNCTION mark_days_of_changed_zone() CASCADE")
    _replace_in_trigger(_WITH_TIME, _WITHOUT_TIME)
    op.execute("DROP TABLE week_hour_spans")


def _replace_in_trigger(present: str, replacement: str) -> None:
    definition = op.get_bind().execute(_FUNCTION).scalar_one()
    op.get_bind().exec_driver_sql(definition.replace(present, replacement))
