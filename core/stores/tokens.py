"""The access tokens of connected stores: sealed in one row a store, renewed before they expire and when refused.

A renewal holds the row's lock from the request to Shopify until its answer is committed, and a token is used only
after that. So two processes that need a new token request one together. A token lost between Shopify's answer and
our commit is requested again with the refresh token in the row, which Shopify honours until the new pair is used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from requests.adapters import BaseAdapter
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.config import settings
from core.database import StoreKey, tenant_session
from core.database.models import StoreToken
from core.errors import CredentialsRefused, ShopifyTransient
from core.sealing.seal import sealer
from core.shopify import auth, oauth
from core.stores import apps

RENEW_AFTER = 0.8
"""The share of a token's life after which it is renewed."""
KEEP_ALIVE = timedelta(days=7)
"""Shopify ends a refresh token after 90 idle days: a store that is not synced is renewed this often."""

_Renewable = auth.ClientCredentials | auth.InstalledApp
"""Credentials whose access tokens expire."""


@dataclass(frozen=True, slots=True)
class _StoredToken:
    """A row, opened. `previous` is the refresh token that bought this pair."""

    token: auth.AccessToken
    renew_at: datetime | None
    previous: str | None = field(default=None, repr=False)

    def is_due(self, now: datetime) -> bool:
        """Whether most of its life is over."""
        return self.renew_at is not None and now >= self.renew_at

    def has_expired(self, now: datetime) -> bool:
        return self.token.expires_at is not None and now >= self.token.expires_at


class StoreTokens:
    """The current access token of one store, for the life of one client."""

    def __init__(
        self,
        store: StoreKey,
        shop: str,
        credentials: auth.Credentials,
        transport: BaseAdapter | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store, self._shop = store, shop
        self._credentials, self._transport, self._clock = credentials, transport, clock
        self._stored: _StoredToken | None = None
        self._refused: str | None = None

    def current(self) -> str:
        """Return the token to use now; fetch a new one if the last was refused or most of its life is over.

        Raises:
            CredentialsRefused: no token of this store works any more; it must be connected again.
            ConfigError: the operator's app is missing from the settings, or is another one.
            ShopUnavailable, ShopifyTransient: as Shopify answers, where no older token is left to use.
        """
        if isinstance(self._credentials, auth.AdminToken):
            return self._credentials.token
        if self._stored is None or self._stored.is_due(self._clock()):
            self._stored = self._fetch(self._credentials)
        return self._stored.token.value

    def discard(self) -> None:
        """Drop the current token, which Shopify refused; `current` then returns another."""
        if self._stored is not None:
            self._refused, self._stored = self._stored.token.value, None

    def renew(self) -> None:
        """Renew the token now, whatever its age. Raises as `current`."""
        if not isinstance(self._credentials, auth.AdminToken):
            self._stored = self._fetch(self._credentials, at_any_age=True)

    def _fetch(self, credentials: _Renewable, at_any_age: bool = False) -> _StoredToken:
        now = self._clock()
        with tenant_session(self._store.tenant_id) as session:
            row = _lock_row(session, self._store)
            stored = _open(row)
            usable = stored is not None and stored.token.value != self._refused and not stored.has_expired(now)
            # Another process may have renewed the token while this one waited for the lock.
            if stored is not None and usable and not stored.is_due(now) and not at_any_age:
                return stored
            try:
                token, bought_with = self._request(credentials, stored, now)
            except ShopifyTransient:
                if stored is None or not usable:
                    raise
                return stored
            new = _write(row, token, now, bought_with)
        return new

    def _request(
        self, credentials: _Renewable, stored: _StoredToken | None, now: datetime
    ) -> tuple[auth.AccessToken, str | None]:
        """Request a new token from Shopify; return it with the refresh token that bought it."""
        admin_url = settings().shopify_admin_url
        if isinstance(credentials, auth.ClientCredentials):
            token = auth.fetch_access_token(
                self._shop, credentials, admin_url=admin_url, now=now, transport=self._transport
            )
            return token, None
        app = apps.installed(credentials.client_id)
        if stored is None or stored.token.refresh_token is None:
            raise oauth.tokens_refused()

        def buy(refresh_token: str) -> tuple[auth.AccessToken, str]:
            token = oauth.refresh(
                self._shop, app, refresh_token, admin_url=admin_url, now=now, transport=self._transport
            )
            return token, refresh_token

        try:
            return buy(stored.token.refresh_token)
        except CredentialsRefused:
            # The commit of the last pair may have been lost; then Shopify still honours the one before.
            if stored.previous is None:
                raise
            return buy(stored.previous)


def store_token(session: Session, store: StoreKey, token: auth.AccessToken | None, now: datetime) -> None:
    """Store a token just received in place of the stored one; None deletes that."""
    if token is None:
        session.execute(delete(StoreToken).where(store.owns(StoreToken)))
    else:
        _write(_lock_row(session, store), token, now)


def is_idle(session: Session, store: StoreKey, now: datetime) -> bool:
    """Whether the store's refresh token was unused for so long that it should be renewed."""
    row = session.get(StoreToken, (store.tenant_id, store.store_id))
    stored = _open(row) if row else None
    if row is None or stored is None or stored.token.refresh_token is None:
        return False
    return row.renewed_at is None or row.renewed_at <= now - KEEP_ALIVE


def _lock_row(session: Session, store: StoreKey) -> StoreToken:
    """Lock the store's row until the transaction ends; insert it where it is missing."""
    session.execute(insert(StoreToken).values(**store.parameters).on_conflict_do_nothing())
    query = select(StoreToken).where(store.owns(StoreToken))
    return session.scalars(query.with_for_update(), execution_options={"populate_existing": True}).one()


def _open(row: StoreToken) -> _StoredToken | None:
    if row.sealed is None:
        return None
    fields: dict[str, Any] = sealer().open(row.tenant_id, row.sealed)
    return _StoredToken(auth.AccessToken.from_json(fields), row.renew_at, fields.get("previous"))


def _write(row: StoreToken, token: auth.AccessToken, now: datetime, previous: str | None = None) -> _StoredToken:
    row.sealed = sealer().seal(row.tenant_id, token.to_json() | {"previous": previous})
    row.renew_at = now + (token.expires_at - now) * RENEW_AFTER if token.expires_at else None
    row.renewed_at = now
    return _StoredToken(token, row.renew_at, previous)
