"""The people of the tests. Alice owns Acme, Bob may look at it; Charlie owns Globex; Dana has no store yet.

They are written as rows, in three transactions, because thousands of tests begin with them; `tests/test_cast.py`
compares the rows with those that `core.accounts` makes. The passwords' hash is made once for all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any
from zlib import crc32

import bcrypt
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core import accounts
from core.accounts import Actor, Role
from core.accounts.invitations import INVITATION_LIFE
from core.database import StoreKey, rate_limits, system_session, tenant_session
from core.database.models import Invitation, Membership, Store, StoreRoute, Tenant, User
from core.sealing.crypto import fingerprint, new_token

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
"""A Friday noon: the present of the tests that do not bring their own."""

PASSWORD = "correct horse battery"

NAMES = {
    "Alice Archer": "alice@acme.example",
    "Bob Baker": "bob@acme.example",
    "Charlie Cooper": "charlie@globex.example",
    "Dana Draper": "dana@initech.example",
}
"""The address of each."""


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
    users = [_user(name, email) for name, email in NAMES.items()]
    tenants = [Tenant(name=name, created_at=NOW) for name in ("Acme", "Globex", "Initech")]
    with system_session() as session:
        session.add_all(users + tenants)
        session.flush()
        alice, bob, charlie, dana = (
            Person(user.user_id, tenants[place].tenant_id, user.name, user.email)
            for user, place in zip(users, (0, 0, 1, 2), strict=True)
        )
        for owner in (alice, charlie, dana):
            session.add(Membership(**_member(owner, Role.OWNER)))
            rate_limits.take(rate_limits.BUSINESS, f"user {owner.user_id}", NOW)
    for subject in (rate_limits.tenant_subject(alice.tenant_id), f"user {alice.user_id}"):
        rate_limits.take(rate_limits.INVITE, subject, NOW)
    with tenant_session(alice.tenant_id) as session:
        session.add_all([Membership(**_member(bob, Role.VIEWER)), _accepted(alice, bob, Role.VIEWER)])
        acme = _add_store(session, alice.tenant_id, "Acme", "acme.myshopify.com", "EUR", "Europe/Berlin", NOW)
    globex = add_store(charlie.tenant_id, "Globex", "globex.myshopify.com", "USD", "America/New_York")
    return Cast(alice, bob, charlie, dana, acme, globex)


def add_store(
    tenant_id: int, name: str, shop_domain: str, currency: str, time_zone: str, now: datetime = NOW
) -> Business:
    """A connected store of the tenant, with its route; it has no credentials that would open anything."""
    with tenant_session(tenant_id) as session:
        return _add_store(session, tenant_id, name, shop_domain, currency, time_zone, now)


def _add_store(
    session: Session, tenant_id: int, name: str, shop_domain: str, currency: str, time_zone: str, now: datetime
) -> Business:
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


def _user(name: str, email: str) -> User:
    return User(name=name, email=email, email_norm=email, password_hash=_hash(), created_at=NOW)


def _member(person: Person, role: Role) -> dict[str, Any]:
    return {"tenant_id": person.tenant_id, "user_id": person.user_id, "role": role, "created_at": NOW}


def _accepted(owner: Person, invited: Person, role: Role) -> Invitation:
    """An invitation that was accepted as soon as it was made."""
    return Invitation(
        tenant_id=owner.tenant_id,
        email=invited.email,
        email_norm=invited.email,
        role=role,
        token_hash=fingerprint(new_token()),
        invited_by=owner.user_id,
        created_at=NOW,
        expires_at=NOW + INVITATION_LIFE,
        accepted_at=NOW,
        accepted_by=invited.user_id,
    )


@cache
def _hash() -> str:
    """At bcrypt's usual cost, so that a test of the time it takes is one."""
    return bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt()).decode()
