"""A database that gives one order up, as PostgreSQL does with what takes too long or is too much."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg


@contextmanager
def giving_up(database_url: str, order_id: int, code: str) -> Iterator[None]:
    """For a while, whoever writes this order gets an error with this code of PostgreSQL's."""
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute(
            f"""
            CREATE FUNCTION give_up() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF NEW.order_id = {order_id} THEN RAISE EXCEPTION 'given up' USING ERRCODE = '{code}'; END IF;
                RETURN NEW;
            END $$
            """
        )
        owner.execute(
            "CREATE TRIGGER give_up BEFORE INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION give_up()"
        )
        try:
            yield
        finally:
            owner.execute("DROP TRIGGER give_up ON orders")
            owner.execute("DROP FUNCTION give_up()")
