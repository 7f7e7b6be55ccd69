"""The cast that tests begin with is written as rows: the same ones as the product makes."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.rows import dict_row

from core import accounts
from core.accounts import Role
from core.database import system_session
from core.database.models import User
from core.errors import RateLimited
from tests.cast import NAMES, NOW, Cast, add_member, add_store, make_cast
from tests.emptying import empty_database

TABLES = ("users", "tenants", "memberships", "invitations", "rate_limits", "stores", "store_routes")
CHANCE = {"token_hash", "subject_hash", "password_hash"}
"""Columns of secrets and of keyed hashes of ids; each row must have them alike."""


def test_the_casts_rows_are_those_that_the_product_makes(clean_database: None, database_url: str) -> None:
    make_cast()
    written = everything(database_url)
    empty_database(database_url)
    _make_through_accounts()

    assert written == everything(database_url)
    assert set(written) == set(TABLES), "no other table has a row"


def test_the_rate_limits_are_of_the_casts_people(cast: Cast) -> None:
    """Alice has used one of her invitations, so that the last of the burst is refused."""
    assert "invited" in refused_invitation(cast)


def refused_invitation(cast: Cast) -> str:
    for number in range(30):
        try:
            accounts.invite(cast.alice.actor, f"guest{number}@example.com", Role.VIEWER, NOW)
        except RateLimited as error:
            return str(error) if number == 29 else ""
    return ""


def everything(database_url: str) -> dict[str, list[dict[str, Any]]]:
    """All rows of tables that have some, with each id replaced by its rank among the ids of its kind."""
    with psycopg.connect(database_url, row_factory=dict_row) as owner:
        names = owner.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        ).fetchall()
        tables = {each["tablename"]: owner.execute(f"SELECT * FROM {each['tablename']}").fetchall() for each in names}
    filled = {name: rows for name, rows in tables.items() if rows}
    ranks = {
        column: {number: rank for rank, number in enumerate(sorted({row[key] for row in filled[table]}))}
        for column, table, key in (
            ("user_id", "users", "user_id"),
            ("invited_by", "users", "user_id"),
            ("accepted_by", "users", "user_id"),
            ("tenant_id", "tenants", "tenant_id"),
            ("store_id", "stores", "store_id"),
            ("invitation_id", "invitations", "invitation_id"),
        )
    }
    return {name: sorted((_plain(row, ranks) for row in rows), key=repr) for name, rows in filled.items()}


def _plain(row: dict[str, Any], ranks: dict[str, dict[int, int]]) -> dict[str, Any]:
    known = {name: row[name] if name not in CHANCE else type(row[name]) for name in row}
    return {name: ranks[name].get(value, value) if name in ranks else value for name, value in known.items()}


def _make_through_accounts() -> None:
    alice, bob, charlie, dana = (_add_user(name, email) for name, email in NAMES.items())
    acme = accounts.create_tenant(alice, "Acme", NOW)
    add_member(accounts.Actor(alice, acme), NAMES["Bob Baker"], Role.VIEWER, NOW)
    globex = accounts.create_tenant(charlie, "Globex", NOW)
    accounts.create_tenant(dana, "Initech", NOW)
    add_store(acme, "Acme", "acme.myshopify.com", "EUR", "Europe/Berlin")
    add_store(globex, "Globex", "globex.myshopify.com", "USD", "America/New_York")
    assert bob


def _add_user(name: str, email: str) -> int:
    with system_session() as session:
        user = User(name=name, email=email, email_norm=email, password_hash="hash", created_at=NOW)
        session.add(user)
        session.flush()
        return user.user_id
