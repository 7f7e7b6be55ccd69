"""A database that gives up writes, as PostgreSQL does when they take too long or need too much."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg


@contextmanager
def giving_up(database_url: str, order_id: int, code: str) -> Iterator[None]:
    """Within the block, a write of this order fails with this code of PostgreSQL's."""
    when = (
        f"IF NEW.order_id = {order_id} THEN RAISE EXCEPTION 'given up' USING ERRCODE = '{code}'; END IF; RETURN NEW;"
    )
    with _trigger(database_url, "BEFORE INSERT OR UPDATE ON orders FOR EACH ROW", when):
        yield


@contextmanager
def giving_up_more_than(database_url: str, orders: int) -> Iterator[None]:
    """Within the block, a statement that writes more orders than this takes too long."""
    when = f"""
        IF (SELECT count(*) FROM made) > {orders} THEN RAISE EXCEPTION 'given up' USING ERRCODE = '57014'; END IF;
        RETURN NULL;
    """
    with _trigger(database_url, "AFTER INSERT ON orders REFERENCING NEW TABLE AS made FOR EACH STATEMENT", when):
        yield


@contextmanager
def _trigger(database_url: str, event: str, body: str) -> Iterator[None]:
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute(f"CREATE FUNCTION give_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$")
        owner.execute(f"CREATE TRIGGER give_up {event} EXECUTE FUNCTION give_up()")
        try:
            yield
        finally:
            owner.execute("DROP TRIGGER give_up ON orders")
            owner.execute("DROP FUNCTION give_up()")
