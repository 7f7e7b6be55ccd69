"""Fills a database with the shops of many tenants, made by SQL alone: ten million orders take minutes, not days.

Orders span three years and are shaped like those of real shops: growth, weekdays, seasons and a Black Friday; baskets
of one to five lines, few products with most of the sales; discounts, returns weeks later, edits, cancellations;
customers who never come back, and loyal ones. Every value is a hash of its row's number, so two fills are equal.

It writes past the triggers, for speed, and then has the product rebuild the sums that they keep: those of the largest
shop, and of one shop of each time zone. The other shops get copies of these sums, because nobody reads them; they
give the tables their size. Only a superuser may do this, so only the embedded server will do.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from core import accounts, rollups
from core.database import StoreKey

NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
"""The moment at which the shops were looked at; every period is taken at it."""
EMAIL, PASSWORD = "bench@example.com", "bench-password"
"""The owner of the largest shop, who can look at it in a browser."""
BULK = (
    "orders line_items shipping_lines sales refunds refund_lines customers deliveries checkouts checkout_lines"
).split()
_ZONES = (("Europe/Berlin", "EUR"), ("America/New_York", "USD"), ("Asia/Tokyo", "JPY"), ("Australia/Sydney", "AUD"))
_SQL = Path(__file__).with_name("many_shops.sql")


@dataclass(frozen=True, slots=True)
class Shop:
    """A store with its number of orders."""

    key: StoreKey
    orders: int


def fill(url: str, orders: int, tenants: int, share: float = 0.1) -> None:
    """Fill an empty database at head. The first tenant has this share of the orders; the others have the rest."""
    began = time.monotonic()
    with psycopg.connect(url, autocommit=True) as owner:
        shops = _make_shops(owner, orders, tenants, share)
        indexes = _drop_indexes(owner)
        owner.execute("SET session_replication_role = replica; SET jit = off; SET work_mem = '256MB'")
        for number, shop in enumerate(shops):
            with owner.transaction():
                _fill_shop(owner, shop)
            if number % 10 == 0:
                print(f"{number + 1} of {len(shops)} shops, {time.monotonic() - began:.0f} s", flush=True)
        for index in indexes:
            owner.execute(index)
        owner.execute("VACUUM (ANALYZE, PARALLEL 0)")
    print(f"rows and indexes: {time.monotonic() - began:.0f} s", flush=True)
    fill_sums(url, shops)
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("VACUUM (ANALYZE, PARALLEL 0)")
        owner.execute("CHECKPOINT")
    print(f"with the kept sums: {time.monotonic() - began:.0f} s", flush=True)


def fill_sums(url: str, shops: list[Shop]) -> None:
    """Rebuild the sums of the first shops, and copy them to the others of the same time zone."""
    computed = 1 + len(_ZONES)
    for shop in shops[:computed]:
        _rebuild_sums(shop.key)
    if len(shops) <= computed:
        return
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")
        tables = _tables_of_sums(owner, shops)
        for number in range(computed, len(shops)):
            source = shops[1 + (number - 1) % len(_ZONES)]
            with owner.transaction():
                for table, columns in tables.items():
                    _copy_sums(owner, table, columns, source.key, shops[number].key)


def refresh(url: str) -> None:
    """Bring sums up to date that a migration left stale."""
    with psycopg.connect(url) as owner:
        stale = owner.execute("SELECT DISTINCT tenant_id, store_id FROM stale_money_days ORDER BY 1, 2").fetchall()
    for key in stale:
        rollups.refresh_money(StoreKey(*key))


def largest(url: str) -> StoreKey:
    """Return the store with the most orders."""
    with psycopg.connect(url) as owner:
        row = owner.execute("SELECT tenant_id, store_id FROM stores ORDER BY tenant_id, store_id LIMIT 1").fetchone()
    assert row is not None
    return StoreKey(*row)


def _make_shops(owner: psycopg.Connection[tuple[int, ...]], orders: int, tenants: int, share: float) -> list[Shop]:
    accounts.register("Bench", EMAIL, PASSWORD, "Bench 1", NOW)
    owner.execute(
        "INSERT INTO tenants (name) SELECT 'Bench ' || n FROM generate_series(2, %s) n ORDER BY n", [tenants]
    )
    shops = []
    ids = [row[0] for row in owner.execute("SELECT tenant_id FROM tenants ORDER BY tenant_id").fetchall()]
    first = orders if tenants == 1 else round(orders * share)
    for number, tenant_id in enumerate(ids):
        zone, currency = _ZONES[number % len(_ZONES)]
        row = owner.execute(
            """
            INSERT INTO stores (tenant_id, shop_domain, shopify_id, name, currency, order_currencies, time_zone,
                                credential_kind, scopes, missing_scopes, connected_at, last_ingest_at, complete_until)
            VALUES (%(tenant)s, %(name)s || '.myshopify.com', %(tenant)s, %(name)s, %(currency)s,
                    ARRAY[%(currency)s], %(zone)s, 'token', '{}', '{}', %(now)s::timestamptz - interval '90 days',
                    %(now)s, %(now)s)
            RETURNING store_id
            """,
            {"tenant": tenant_id, "name": f"bench-{number + 1}", "currency": currency, "zone": zone, "now": NOW},
        ).fetchone()
        assert row is not None
        shops.append(Shop(StoreKey(tenant_id, row[0]), first if number == 0 else (orders - first) // (tenants - 1)))
    return shops


def _drop_indexes(owner: psycopg.Connection[tuple[str, ...]]) -> list[str]:
    """Drop the indexes of the large tables but their keys; returns the statements that create them."""
    rows = owner.execute(
        """
        SELECT format('DROP INDEX %%I', i.indexname), i.indexdef FROM pg_indexes i
        WHERE i.tablename = ANY(%s) AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conname = i.indexname)
        """,
        [BULK],
    ).fetchall()
    for drop, _ in rows:
        owner.execute(drop)  # type: ignore[arg-type]
    return [definition for _, definition in rows]


def _fill_shop(owner: psycopg.Connection[tuple[int, ...]], shop: Shop) -> None:
    products = max(40, min(2000, shop.orders // 300))
    settings = {
        "tenant_id": shop.key.tenant_id,
        "store_id": shop.key.store_id,
        "orders": shop.orders,
        "customers": shop.orders // 4,
        "products": products,
        "now": NOW.isoformat(),
    }
    for name, value in settings.items():
        owner.execute("SELECT set_config(%s, %s, true)", [f"bench.{name}", str(value)])
    owner.execute(_SQL.read_text())  # type: ignore[arg-type]


def _tables_of_sums(owner: psycopg.Connection[tuple[str, str]], shops: list[Shop]) -> dict[str, str]:
    """The tables that have rows of the second shop and none of the last, each with its columns behind tenant and
    store."""
    columns = owner.execute(
        """
        SELECT table_name, string_agg(quote_ident(column_name), ', ') FROM information_schema.columns c
        WHERE table_schema = 'public' AND is_generated = 'NEVER' AND column_name NOT IN ('tenant_id', 'store_id')
          AND EXISTS (
              SELECT FROM information_schema.columns k
              WHERE k.table_name = c.table_name AND k.table_schema = 'public' AND k.column_name = 'store_id'
          )
          AND NOT EXISTS (
              SELECT FROM information_schema.views v WHERE v.table_name = c.table_name AND v.table_schema = 'public'
          )
        GROUP BY 1
        """
    ).fetchall()
    return {
        table: names
        for table, names in columns
        if _has_rows(owner, table, shops[1].key) and not _has_rows(owner, table, shops[-1].key)
    }


def _has_rows(owner: psycopg.Connection[tuple[str, str]], table: str, store: StoreKey) -> bool:
    query = f"SELECT FROM {table} WHERE tenant_id = %s AND store_id = %s LIMIT 1"
    return owner.execute(query, [store.tenant_id, store.store_id]).fetchone() is not None  # type: ignore[arg-type]


def _copy_sums(
    owner: psycopg.Connection[tuple[str, str]], table: str, columns: str, source: StoreKey, target: StoreKey
) -> None:
    statement = f"""
        INSERT INTO {table} (tenant_id, store_id, {columns})
        SELECT %s, %s, {columns} FROM {table} WHERE tenant_id = %s AND store_id = %s
        """
    keys = [target.tenant_id, target.store_id, source.tenant_id, source.store_id]
    owner.execute(statement, keys)  # type: ignore[arg-type]


def _rebuild_sums(store: StoreKey) -> None:
    rollups.rebuild(store)
    rollups.rebuild_money(store)
    rollups.rebuild_counts(store, NOW)
