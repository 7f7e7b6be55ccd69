"""Tenants, users, their memberships, sessions and links."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Identity,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.database.models.base import Base, EnumText, Id, NewId, TenantId


class Role(StrEnum):
    """The role of a member: a viewer looks and downloads, an analyst also syncs, an owner may do everything."""

    OWNER = "owner"
    ANALYST = "analyst"
    VIEWER = "viewer"


class Theme(StrEnum):
    """The appearance of the pages: the system's own, light, or dark."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Tenant(Base):
    """A merchant's business: the unit of isolation."""

    __tablename__ = "tenants"

    tenant_id: Mapped[NewId]
    name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class User(Base):
    """A person who signs in. `email_norm` (trimmed, lower case) is unique; `email` is as typed."""

    __tablename__ = "users"
    __table_args__ = (CheckConstraint("theme IN ('system', 'light', 'dark')", name="theme"),)

    user_id: Mapped[NewId]
    email_norm: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str]
    name: Mapped[str]
    password_hash: Mapped[str]
    theme: Mapped[Theme] = mapped_column(EnumText(Theme), server_default=Theme.SYSTEM)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Membership(Base):
    """A user's role in a tenant."""

    __tablename__ = "memberships"
    __table_args__ = (CheckConstraint("role IN ('owner', 'analyst', 'viewer')", name="role"),)

    tenant_id: Mapped[TenantId] = mapped_column(ForeignKey("tenants.tenant_id", ondelete="CASCADE"))
    user_id: Mapped[Id] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True, index=True)
    role: Mapped[Role] = mapped_column(EnumText(Role))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Invitation(Base):
    """A link into a tenant, for one email address and one role. Only the fingerprint of its token is stored."""

    __tablename__ = "invitations"
    __table_args__ = (
        CheckConstraint("role IN ('owner', 'analyst', 'viewer')", name="role"),
        UniqueConstraint("tenant_id", "token_hash"),
    )

    tenant_id: Mapped[TenantId] = mapped_column(ForeignKey("tenants.tenant_id", ondelete="CASCADE"))
    invitation_id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    email: Mapped[str]
    email_norm: Mapped[str]
    role: Mapped[Role] = mapped_column(EnumText(Role))
    token_hash: Mapped[bytes | None]
    """None until the worker has made the link and mailed it."""
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("users.user_id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    mailed_at: Mapped[datetime | None]
    mail_note: Mapped[str | None]
    """Why the mail could not be delivered."""
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[int | None] = mapped_column(ForeignKey("users.user_id", ondelete="SET NULL"), index=True)
    revoked_at: Mapped[datetime | None]


class UserSession(Base):
    """A browser that is signed in. Only the fingerprint of its cookie's token is stored."""

    __tablename__ = "user_sessions"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    user_id: Mapped[Id] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"), index=True)
    tenant_id: Mapped[int | None] = mapped_column(ForeignKey("tenants.tenant_id", ondelete="SET NULL"))
    """The tenant that this browser shows; None before the user has one."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]
    session_id: Mapped[int] = mapped_column(Identity(), unique=True)
    """Identifies the session on pages, which must not show its token."""
    user_agent: Mapped[str] = mapped_column(server_default=text("''"))
    """The browser's User-Agent header, cut to a few hundred characters."""
    last_seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
    """When the user last opened or changed a page, to within minutes."""


class PasswordReset(Base):
    """A link that sets a new password, once. Stored by the fingerprint of its token."""

    __tablename__ = "password_resets"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    user_id: Mapped[Id] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"), index=True)
    made_in: Mapped[int | None] = mapped_column(ForeignKey("tenants.tenant_id", ondelete="CASCADE"))
    """The tenant whose owner made the link; None for mailed links and the operator's."""
    made_by: Mapped[int | None] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"))
    expires_at: Mapped[datetime] = mapped_column(index=True)


class RegistrationLink(Base):
    """A link that creates an account for an email address, once. Stored by the fingerprint of its token."""

    __tablename__ = "registration_links"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    email: Mapped[str]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class SignInTicket(Base):
    """Carries a sign-in from the form, which cannot set a cookie, to the route that can. Used once."""

    __tablename__ = "sign_in_tickets"

    ticket_hash: Mapped[bytes] = mapped_column(primary_key=True)
    nonce_hash: Mapped[bytes]
    """The hash of a cookie of the browser that sent the form, so that no other browser can use the ticket."""
    user_id: Mapped[Id] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"))
    expires_at: Mapped[datetime] = mapped_column(index=True)


class SignInAttempt(Base):
    """The consecutive wrong passwords of one subject of `core.accounts.attempts` (hashed), for all processes."""

    __tablename__ = "sign_in_attempts"

    email_hash: Mapped[bytes] = mapped_column(primary_key=True)
    failures: Mapped[int]
    last_failed_at: Mapped[datetime]


class RateLimit(Base):
    """A token bucket of `core.database.rate_limits`, of a hashed address or tenant. A full bucket needs no row."""

    __tablename__ = "rate_limits"
    __table_args__ = ({"prefixes": ["UNLOGGED"]},)

    name: Mapped[str] = mapped_column(primary_key=True)
    subject_hash: Mapped[bytes] = mapped_column(primary_key=True)
    full_at: Mapped[datetime] = mapped_column(index=True)
