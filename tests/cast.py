"""The people of the tests. Alice owns Acme, Bob may look at it; Charlie owns Globex; Dana has no store yet.

Everything is made through `core.accounts` and as rows of `stores`; only the passwords' hash is made once for all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from zlib import crc32

import bcrypt
from sqlalchemy.dialects.postgresql import insert

from core import accounts
from core.accounts import Actor, Role
from core.database import StoreKey, system_session, tenant_session
from core.database.models import Store, StoreRoute, User

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
"""A Friday noon: the present of the tests that do not bring their own."""

PASSWORD = "correct horse battery"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in with `PASSWORD`, and the business they work in."""

    user_id: int
    tenant_id: int
    name: str
    email: str

    @property
    def actor(self) -> Actor:
        return Actor(self.user_id, self.tenant_id)


@dataclass(frozen=True, slots=True)
class Business:
    """A tenant; `store_id` is its one store."""

    tenant_id: int
    store_id: int
    name: str
    shop_domain: str

    @property
    def key(self) -> StoreKey:
        return StoreKey(self.tenant_id, self.store_id)


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody."""

    alice: Person
    bob: Person
    charlie: Person
    dana: Person
    acme: Business
    globex: Business


def make_cast() -> Cast:
    """The cast, in an empty database."""
    alice = _owner("Alice Archer", "alice@acme.example", "Acme")
    bob = _colleague("Bob Baker", "bob@acme.example", alice, Role.VIEWER)
    charlie = _owner("Charlie Cooper", "charlie@globex.example", "Globex")
    dana = _owner("Dana Draper", "dana@initech.example", "Initech")
    return Cast(
        alice=alice,
        bob=bob,
        charlie=charlie,
        dana=dana,
        acme=add_store(alice.tenant_id, "Acme", "acme.myshopify.com", "EUR", "Europe/Berlin"),
        globex=add_store(charlie.tenant_id, "Globex", "globex.myshopify.com", "USD", "America/New_York"),
    )


def add_store(
    tenant_id: int, name: str, shop_domain: str, currency: str, time_zone: str, now: datetime = NOW
) -> Business:
    """A connected store of the tenant, with its route; it has no credentials that would open anything."""
    row = insert(Store).values(
        tenant_id=tenant_id,
        shop_domain=shop_domain,
        shopify_id=crc32(shop_domain.encode()),
        name=name,
        currency=currency,
        time_zone=time_zone,
        credential_kind="admin_token",
        scopes=["read_orders", "read_products", "read_customers"],
        missing_scopes=[],
        connected_at=now,
    )
    with tenant_session(tenant_id) as session:
        store_id = session.scalars(row.returning(Store.store_id)).one()
        session.add(StoreRoute(shop_domain=shop_domain, tenant_id=tenant_id, store_id=store_id))
    return Business(tenant_id, store_id, name, shop_domain)


def add_member(owner: Actor, email: str, role: Role, now: datetime) -> None:
    """Make the user of this address a member: invited by the owner, and accepted."""
    token = accounts.invite(owner, email, role, now).partition("#")[2]
    accounts.accept_invitation(token, accounts.find_user(email).user_id, now)


def sign_in(person: Person, now: datetime | None = None) -> str:
    """The token of a fresh session of this person, looking at their business."""
    now = now or datetime.now(UTC)
    token = accounts.redeem_ticket(accounts.issue_ticket(person.user_id, "nonce", now), "nonce", now)
    accounts.switch_tenant(token, person.tenant_id, now)
    return token


def _owner(name: str, email: str, business: str) -> Person:
    user_id = _user(name, email)
    return Person(user_id, accounts.create_tenant(user_id, business, NOW), name, email)


def _colleague(name: str, email: str, owner: Person, role: Role) -> Person:
    user_id = _user(name, email)
    add_member(owner.actor, email, role, NOW)
    return Person(user_id, owner.tenant_id, name, email)


def _user(name: str, email: str) -> int:
    user = User(name=name, email=email, email_norm=email, password_hash=_hash(), created_at=NOW)
    with system_session() as session:
        session.add(user)
        session.flush()
        return user.user_id


@cache
def _hash() -> str:
    """At bcrypt's usual cost, so that a test of the time it takes is one."""
    return bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt()).decode()
