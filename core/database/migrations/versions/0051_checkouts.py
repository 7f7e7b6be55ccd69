"""Checkouts with the orders that end them, kept by triggers, and their sums by day; the delay of each store."""

# ruff: noqa: S608  # The names are of this file.

from __future__ import annotations

from alembic import op

from core.database.migrations.kept_sums import (
    UNLESS_DEFERRED,
    KeptSums,
    create_table,
    create_triggers,
    drop_triggers,
    fill,
)
from core.database.migrations.policies import protect_table

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

_DELAYS = "ARRAY['10 min', '15 min', '30 min', '1 h', '2 h', '3 h', '6 h', '12 h', '24 h']::interval[]"
"""The delays of `core.domain.checkouts`, as they were when this migration was written."""
_MINUTES = "10, 15, 30, 60, 120, 180, 360, 720, 1440"

_BY_CHECKOUT = """coalesce(r.source_name, 'web')
    NOT IN ('pos', 'iphone', 'android', 'shopify_draft_order', 'subscription_contract')"""
"""Orders of tills and drafts have a token, too, but come from no checkout that a customer could abandon."""
_ENDS = f"r.checkout_token IS NOT NULL AND NOT r.test AND r.deleted_at IS NULL AND {_BY_CHECKOUT}"

_OF_CHECKOUTS = (
    KeptSums(
        "checkouts_by_day",
        {
            "currency": "r.currency",
            "business_date": "r.business_date",
            "ended_after": "coalesce(r.ended_after, -1)",
        },
        {"total": ("r.total", "true"), "order_net": ("r.order_net", "r.order_net IS NOT NULL")},
        {"checkouts": "true", "with_order": "r.order_id IS NOT NULL"},
        "r.deleted_at IS NULL",
        emptied_by=("checkouts",),
    ),
    KeptSums(
        "checkout_orders_by_day",
        {"currency": "r.order_currency", "business_date": "r.order_date"},
        {},
        {"with_checkout": "true"},
        "r.deleted_at IS NULL AND r.order_id IS NOT NULL",
        emptied_by=("with_checkout", "orders"),
    ),
)
_OF_ORDERS = (
    KeptSums(
        "checkout_orders_by_day",
        {"currency": "r.currency", "business_date": "r.business_date"},
        {},
        {"orders": "true"},
        _ENDS,
        emptied_by=("with_checkout", "orders"),
    ),
)

_PLACE = "r.tenant_id, r.store_id, r.order_id, r.checkout_token, r.created_at, r.business_date, r.currency"
_FIRST_ORDER = f"""
    SELECT r.* FROM orders r
    WHERE r.tenant_id = c.tenant_id AND r.store_id = c.store_id AND r.checkout_token = c.token AND {_ENDS}
    ORDER BY r.created_at, r.order_id LIMIT 1"""

_FIND_ORDER = f"""
    CREATE FUNCTION find_order_of_checkout() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        c checkouts := NEW;
        ended timestamptz;
    BEGIN
        IF TG_OP = 'INSERT' OR NEW.token IS DISTINCT FROM OLD.token THEN
            SELECT o.order_id, o.created_at, o.business_date, o.currency
            INTO NEW.order_id, NEW.ordered_at, NEW.order_date, NEW.order_currency
            FROM ({_FIRST_ORDER}) o;
            NEW.order_net := CASE WHEN NEW.order_id IS NOT NULL THEN (
                SELECT coalesce(sum(s.net), 0) FROM sales s
                WHERE s.tenant_id = c.tenant_id AND s.store_id = c.store_id AND s.order_id = NEW.order_id
                  AND s.currency = c.currency AND s.line_type IN ('product', 'adjustment')
            ) END;
        END IF;
        ended := coalesce(NEW.completed_at, NEW.ordered_at);
        NEW.ended_after := CASE WHEN ended IS NOT NULL
            THEN width_bucket(greatest(ended - NEW.created_at, interval '0'), {_DELAYS}) END;
        RETURN NEW;
    END $$
"""


def _ending(rows: str) -> str:
    return f"SELECT {_PLACE} FROM {rows} r WHERE {_ENDS}"


def _link(touched: str) -> str:
    """Find the order of each checkout again whose token is on these orders."""
    return f"""
    UPDATE checkouts k
    SET order_id = c.order_id, ordered_at = c.created_at, order_date = c.business_date, order_currency = c.currency,
        order_net = CASE WHEN c.order_id IS NOT NULL THEN (
            SELECT coalesce(sum(s.net), 0) FROM sales s
            WHERE s.tenant_id = k.tenant_id AND s.store_id = k.store_id AND s.order_id = c.order_id
              AND s.currency = k.currency AND s.line_type IN ('product', 'adjustment')
        ) END
    FROM (
        SELECT c.tenant_id, c.store_id, c.token, o.order_id, o.created_at, o.business_date, o.currency
        FROM (SELECT DISTINCT tenant_id, store_id, checkout_token AS token FROM ({touched}) orders) c
        LEFT JOIN LATERAL ({_FIRST_ORDER}) o ON true
    ) c
    WHERE k.tenant_id = c.tenant_id AND k.store_id = c.store_id AND k.token = c.token;
"""


_ORDER_EVENTS = {
    "INSERT": _link(_ending("new_rows")),
    # Most updates change nothing that decides on a checkout.
    "UPDATE": _link(
        f"({_ending('old_rows')} EXCEPT {_ending('new_rows')})"
        f" UNION ALL ({_ending('new_rows')} EXCEPT {_ending('old_rows')})"
    ),
    "DELETE": _link(_ending("old_rows")),
}


def _add_net(rows: str) -> str:
    return f"""
        UPDATE checkouts c SET order_net = c.order_net + changed.net
        FROM (
            SELECT tenant_id, store_id, order_id, currency, sum(sign * net) AS net
            FROM ({rows}) r WHERE line_type IN ('product', 'adjustment')
            GROUP BY tenant_id, store_id, order_id, currency HAVING sum(sign * net) <> 0
        ) changed
        WHERE c.tenant_id = changed.tenant_id AND c.store_id = changed.store_id AND c.order_id = changed.order_id
          AND c.currency = changed.currency;
    """


_OLD, _NEW = "SELECT -1 AS sign, * FROM old_rows", "SELECT 1 AS sign, * FROM new_rows"
_SALE_EVENTS = {
    "INSERT": _add_net(_NEW),
    "UPDATE": _add_net(f"{_OLD} UNION ALL {_NEW}"),
    "DELETE": _add_net(_OLD),
}
_TRANSITIONS = {
    "INSERT": "NEW TABLE AS new_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
}


def upgrade() -> None:
    op.execute(f"""
        ALTER TABLE stores ADD COLUMN abandoned_after INTEGER DEFAULT 60 NOT NULL
            CONSTRAINT ck_stores_abandoned_after CHECK (abandoned_after IN ({_MINUTES}))
    """)
    op.execute("ALTER TABLE orders ADD COLUMN checkout_token TEXT, ADD COLUMN cart_token TEXT")
    op.execute("""
        CREATE INDEX ix_orders_checkout_token ON orders (tenant_id, store_id, checkout_token)
        WHERE checkout_token IS NOT NULL
    """)
    op.execute("""
        ALTER TABLE checkouts ADD COLUMN token TEXT, ADD COLUMN cart_token TEXT, ADD COLUMN recovery_path TEXT,
            ADD COLUMN order_id BIGINT, ADD COLUMN ordered_at timestamptz, ADD COLUMN order_date DATE,
            ADD COLUMN order_currency TEXT, ADD COLUMN order_net NUMERIC, ADD COLUMN ended_after SMALLINT
    """)
    _create_indexes()
    op.execute(_FIND_ORDER)
    op.execute("""
        CREATE TRIGGER find_order_of_checkout BEFORE INSERT OR UPDATE ON checkouts
        FOR EACH ROW EXECUTE FUNCTION find_order_of_checkout()
    """)
    for name, source, events in (("link_orders", "orders", _ORDER_EVENTS), ("add_order_net", "sales", _SALE_EVENTS)):
        for event, body in events.items():
            _create_trigger(f"{name}_on_{event.lower()}", event, source, body)
    _create_sums()


def downgrade() -> None:
    drop_triggers("sum_checkouts")
    drop_triggers("sum_checkout_orders")
    for sums in _OF_CHECKOUTS:
        op.execute(f"DROP TABLE {sums.table}")
    for name in ("link_orders", "add_order_net"):
        for event in _TRANSITIONS:
            op.execute(f"DROP FUNCTION {name}_on_{event.lower()} CASCADE")
    op.execute("DROP FUNCTION find_order_of_checkout CASCADE")
    op.execute("""
        ALTER TABLE checkouts DROP COLUMN token, DROP COLUMN cart_token, DROP COLUMN recovery_path,
            DROP COLUMN order_id, DROP COLUMN ordered_at, DROP COLUMN order_date, DROP COLUMN order_currency,
            DROP COLUMN order_net, DROP COLUMN ended_after
    """)
    op.execute("DROP INDEX ix_checkouts_tenant_id_store_id_business_date_created_at")
    op.execute("""
        CREATE INDEX ix_checkouts_tenant_id_store_id_business_date ON checkouts (tenant_id, store_id, business_date)
    """)
    op.execute("DROP INDEX ix_checkouts_tenant_id_store_id_customer_id")
    op.execute("ALTER TABLE orders DROP COLUMN checkout_token, DROP COLUMN cart_token")
    op.execute("ALTER TABLE stores DROP COLUMN abandoned_after")


def _create_indexes() -> None:
    op.execute("DROP INDEX ix_checkouts_tenant_id_store_id_business_date")
    for columns in (("business_date", "created_at"), ("token",), ("customer_id",)):
        names = ("tenant_id", "store_id", *columns)
        op.execute(f"CREATE INDEX ix_checkouts_{'_'.join(names)} ON checkouts ({', '.join(names)})")
    op.execute("""
        CREATE INDEX ix_checkouts_order_id ON checkouts (tenant_id, store_id, order_id) WHERE order_id IS NOT NULL
    """)


def _create_sums() -> None:
    create_table(
        "checkouts_by_day",
        {"currency": "TEXT", "business_date": "DATE", "ended_after": "SMALLINT"},
        dict.fromkeys(("total", "order_net"), "NUMERIC") | dict.fromkeys(("checkouts", "with_order"), "BIGINT"),
    )
    create_table(
        "checkout_orders_by_day",
        {"currency": "TEXT", "business_date": "DATE"},
        dict.fromkeys(("orders", "with_checkout"), "BIGINT"),
    )
    # No order has a token yet, so an update only says how long completed checkouts took.
    op.execute("ALTER TABLE checkouts NO FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE orders NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE checkouts SET token = NULL WHERE completed_at IS NOT NULL")
    op.execute("ALTER TABLE orders FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE checkouts FORCE ROW LEVEL SECURITY")
    fill("checkouts", _OF_CHECKOUTS)
    create_triggers("sum_checkouts", "checkouts", _OF_CHECKOUTS)
    create_triggers("sum_checkout_orders", "orders", _OF_ORDERS)
    for sums in _OF_CHECKOUTS:
        protect_table(sums.table)


def _create_trigger(name: str, event: str, source: str, body: str) -> None:
    op.get_bind().exec_driver_sql(f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$;
        CREATE TRIGGER {name} AFTER {event} ON {source} REFERENCING {_TRANSITIONS[event]}
            FOR EACH STATEMENT {UNLESS_DEFERRED} EXECUTE FUNCTION {name}();
    """)
