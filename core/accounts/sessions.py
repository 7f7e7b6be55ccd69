"""Sessions of signed-in browsers: a row behind each cookie, and the ticket that makes one.

The browser holds a random token, the database only its fingerprint. A session ends by its age, by idleness, by
signing out, and by a change of the password. Each takes effect at once, because every request looks the session up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, literal, or_, select, update
from sqlalchemy.orm import Session

from core.accounts.attempts import FORGOTTEN_AFTER
from core.accounts.memberships import TenantView
from core.config import settings
from core.database import system_session
from core.database.models import (
    Membership,
    PasswordReset,
    RegistrationLink,
    Role,
    SignInAttempt,
    SignInTicket,
    Tenant,
    Theme,
    User,
    UserSession,
)
from core.errors import NotAllowed, NotSignedIn
from core.sealing.crypto import fingerprint, is_equal, new_token

TICKET_LIFE = timedelta(seconds=30)
SEEN_EVERY = timedelta(minutes=5)
"""The precision of `last_seen_at`: a session in use costs one small write in this time."""
_LONGEST_USER_AGENT = 300


@dataclass(frozen=True, slots=True)
class SessionView:
    """The user of a browser and the tenant that it shows, at this moment."""

    user_id: int
    name: str
    email: str
    tenant_id: int
    tenant_name: str
    role: Role
    tenants: tuple[TenantView, ...]
    """All tenants of the user, this one too, by name."""
    last_seen_at: datetime
    theme: Theme


@dataclass(frozen=True, slots=True)
class BrowserView:
    """A browser that is signed in, as its user sees it."""

    session_id: int
    user_agent: str
    """The browser's own words: not to be trusted, never markup."""
    created_at: datetime
    last_seen_at: datetime
    is_this: bool
    """Whether it is the browser that asks."""


def issue_ticket(user_id: int, nonce: str, now: datetime, password_hash: str | None = None) -> str:
    """Create a ticket that `redeem_ticket` turns into a session, once, within 30 s, in the browser that holds
    `nonce`.

    `password_hash` is the hash that the typed password was checked against. A new password ends all tickets and
    sessions: without this argument, a concurrent sign-in with the old password would make a session after that.

    Raises:
        NotSignedIn: the user's password was changed since.
    """
    ticket = new_token()
    with system_session() as session:
        if password_hash is not None:
            # The lock holds off a change of the password until this ticket exists; `revoke_in` then deletes the
            # ticket.
            unchanged = select(User.user_id).where(User.user_id == user_id, User.password_hash == password_hash)
            if session.scalar(unchanged.with_for_update(read=True)) is None:
                raise NotSignedIn("The password was changed just now; sign in with the new one.")
        session.add(
            SignInTicket(
                ticket_hash=fingerprint(ticket),
                nonce_hash=fingerprint(nonce),
                user_id=user_id,
                expires_at=now + TICKET_LIFE,
            )
        )
    return ticket


def redeem_ticket(ticket: str, nonce: str, now: datetime, user_agent: str = "") -> str:
    """Start a session for a ticket; return its token, which the browser keeps in its cookie.

    The first try spends the ticket, even if it fails. `user_agent` is the browser's own description.

    Raises:
        NotSignedIn: the ticket is unknown, spent, too old, or was issued to another browser.
    """
    taken = delete(SignInTicket).where(SignInTicket.ticket_hash == fingerprint(ticket)).returning(SignInTicket)
    with system_session() as session:
        row = session.scalars(taken).one_or_none()
        if row is not None and row.expires_at > now and is_equal(row.nonce_hash, fingerprint(nonce)):
            return _begin(session, row.user_id, now, user_agent)
    raise NotSignedIn("This sign-in expired or began in another browser; sign in again.")


def session_of(token: str, now: datetime) -> SessionView | None:
    """Return the session of a token; None if the token is not valid or the user has no tenant."""
    return sessions_of([token], now).get(token)


def sessions_of(tokens: Iterable[str], now: datetime) -> dict[str, SessionView]:
    """Return the sessions of many tokens by one statement, without those for which `session_of` has None."""
    tokens_by_hash = {fingerprint(token): token for token in tokens}
    query = (
        select(UserSession.token_hash, UserSession.tenant_id.label("chosen"), UserSession.last_seen_at)
        .add_columns(User.user_id, User.name, User.email, User.theme)
        .add_columns(Tenant.tenant_id, Tenant.name.label("tenant_name"), Membership.role, Membership.created_at)
        .join(User, User.user_id == UserSession.user_id)
        .join(Membership, Membership.user_id == UserSession.user_id)
        .join(Tenant, Tenant.tenant_id == Membership.tenant_id)
        .where(UserSession.token_hash.in_(tokens_by_hash), *_live(now))
        .order_by(Tenant.name, Tenant.tenant_id)
    )
    by_token: dict[str, list[Row[Any]]] = {}
    with system_session() as session:
        for row in session.execute(query):
            by_token.setdefault(tokens_by_hash[row.token_hash], []).append(row)
    return {token: _view_of(rows) for token, rows in by_token.items()}


def touch_session(token: str, now: datetime) -> None:
    """Store that the user of a session is active, at most once in SEEN_EVERY."""
    is_stale = UserSession.last_seen_at <= now - SEEN_EVERY
    with system_session() as session:
        session.execute(update(UserSession).where(*_valid(token, now), is_stale).values(last_seen_at=now))


def browsers_of(user_id: int, token: str, now: datetime) -> tuple[BrowserView, ...]:
    """List the browsers where a user is signed in: the one that holds `token` first, then the last seen first."""
    query = (
        select(UserSession)
        .where(UserSession.user_id == user_id, *_live(now))
        .order_by((UserSession.token_hash == fingerprint(token)).desc(), UserSession.last_seen_at.desc())
    )
    with system_session() as session:
        return tuple(
            BrowserView(
                row.session_id, row.user_agent, row.created_at, row.last_seen_at, row.token_hash == fingerprint(token)
            )
            for row in session.scalars(query)
        )


def end_session(user_id: int, session_id: int, now: datetime) -> None:
    """Sign the user out of one browser; an ended session, or another user's, stays unchanged."""
    ended = update(UserSession).where(
        UserSession.user_id == user_id, UserSession.session_id == session_id, UserSession.revoked_at.is_(None)
    )
    with system_session() as session:
        session.execute(ended.values(revoked_at=now))


def user_of(token: str, now: datetime) -> int | None:
    """Return the user of a valid session, also one without a tenant; None if it is not valid."""
    with system_session() as session:
        return session.scalar(select(UserSession.user_id).where(*_valid(token, now)))


def switch_tenant(token: str, tenant_id: int, now: datetime) -> None:
    """Show another tenant of the user in this browser.

    Raises:
        NotAllowed: the user is no member there.
    """
    member = select(Membership.tenant_id).where(
        Membership.user_id == UserSession.user_id, Membership.tenant_id == tenant_id
    )
    with system_session() as session:
        chosen = update(UserSession).where(*_valid(token, now), member.exists()).values(tenant_id=tenant_id)
        if session.execute(chosen.returning(UserSession.user_id)).first() is None:
            raise NotAllowed("You are not a member of this business; ask one of its owners to invite you.")


def revoke(token: str, now: datetime) -> None:
    """Sign one browser out; a token that is not valid is no error."""
    with system_session() as session:
        session.execute(update(UserSession).where(*_valid(token, now)).values(revoked_at=now))


def revoke_all(user_id: int, now: datetime) -> None:
    """Sign a user out everywhere."""
    with system_session() as session:
        revoke_in(session, user_id, now)


def revoke_in(session: Session, user_id: int, now: datetime) -> None:
    """Sign a user out everywhere inside a transaction of the caller.

    It deletes tickets first. This waits for a ticket that is being redeemed, so that the session made of it ends,
    too.
    """
    session.execute(delete(SignInTicket).where(SignInTicket.user_id == user_id))
    session.execute(
        update(UserSession)
        .where(UserSession.user_id == user_id, UserSession.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def purge_expired(now: datetime) -> int:
    """Delete ended sessions, old tickets and links, and old counts of wrong passwords; return the number of rows."""
    idle = UserSession.last_seen_at <= now - _idle_life()
    ended = or_(UserSession.expires_at <= now, UserSession.revoked_at <= now, idle)
    stale = SignInTicket.expires_at <= now
    forgotten = SignInAttempt.last_failed_at < now - FORGOTTEN_AFTER
    with system_session() as session:
        deleted = [
            *session.scalars(delete(UserSession).where(ended).returning(UserSession.user_id)),
            *session.scalars(delete(SignInTicket).where(stale).returning(SignInTicket.user_id)),
            *session.scalars(delete(SignInAttempt).where(forgotten).returning(SignInAttempt.failures)),
            *session.scalars(delete(PasswordReset).where(PasswordReset.expires_at <= now).returning(literal(1))),
            *session.scalars(
                delete(RegistrationLink).where(RegistrationLink.expires_at <= now).returning(literal(1))
            ),
        ]
    return len(deleted)


def _begin(session: Session, user_id: int, now: datetime, user_agent: str) -> str:
    token = new_token()
    session.add(
        UserSession(
            token_hash=fingerprint(token),
            user_id=user_id,
            created_at=now,
            expires_at=now + timedelta(days=settings().session_days),
            user_agent=user_agent.replace("\0", "")[:_LONGEST_USER_AGENT],
            last_seen_at=now,
        )
    )
    return token


def _view_of(rows: Sequence[Row[Any]]) -> SessionView:
    """The view of a session by its rows, one for each tenant of its user."""
    # Without a chosen tenant, or after removal from it, a user gets the tenant that they joined first: otherwise an
    # owner could draw a user into another business by adding them to it.
    first = min(rows, key=lambda row: (row.created_at, row.tenant_id))
    row = next((row for row in rows if row.tenant_id == row.chosen), first)
    tenants = tuple(TenantView(row.tenant_id, row.tenant_name, row.role) for row in rows)
    return SessionView(
        row.user_id,
        row.name,
        row.email,
        row.tenant_id,
        row.tenant_name,
        row.role,
        tenants,
        row.last_seen_at,
        row.theme,
    )


def _valid(token: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return UserSession.token_hash == fingerprint(token), *_live(now)


def _live(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        UserSession.revoked_at.is_(None),
        UserSession.expires_at > now,
        UserSession.last_seen_at > now - _idle_life(),
    )


def _idle_life() -> timedelta:
    return timedelta(days=settings().session_idle_days)
