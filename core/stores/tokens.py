"""The access tokens of connected stores: kept sealed in one row a store, renewed before they end and when refused.

A renewal holds the row's lock from the question to Shopify until the answer is committed, and a token is used only
after that. So two processes that need a new one ask once, and what was lost between Shopify's answer and our commit
is asked for again with the refresh token that is still in the row, which Shopify honours until the new pair is used.
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
"""A refresh token dies of 90 idle days: a store that nothing is asked of is renewed this often."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A row, opened. `previous` is the refresh token that bought this pair."""

    token: auth.AccessToken
    renew_at: datetime | None
    previous: str | None = field(default=None, repr=False)

    def is_due(self, now: datetime) -> bool:
        """Whether most of its life is over."""
        return self.renew_at is not None and now >= self.renew_at

    def has_ended(self, now: datetime) -> bool:
        """Whether it opens nothing any more."""
        return self.token.expires_at is not None and now >= self.token.expires_at


class StoreTokens:
    """The current access token of one store, for as long as one client speaks with it."""

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
        self._held: _Kept | None = None
        self._refused: str | None = None

    def current(self) -> str:
        """The token to use now; a new one where the last was refused or most of its life is over.

        Raises:
            CredentialsRefused: no token of this store works any more: reconnect it.
            ConfigError: the operator's app is not, or wrongly, set.
            ShopUnavailable, ShopifyTransient: as Shopify answers, where there is no token left to go on with.
        """
        if isinstance(self._credentials, auth.AdminToken):
            return self._credentials.token
        if self._held is None or self._held.is_due(self._clock()):
            self._held = self._fetched(self._credentials)
        return self._held.token.value

    def forget(self) -> None:
        """The token in hand was refused: the next one is another."""
        if self._held is not None:
            self._refused, self._held = self._held.token.value, None

    def renew(self) -> None:
        """Renew it now, whatever its age. Raises as `current`."""
        if not isinstance(self._credentials, auth.AdminToken):
            self._held = self._fetched(self._credentials, at_any_age=True)

    def _fetched(self, credentials: auth.ClientCredentials | auth.InstalledApp, at_any_age: bool = False) -> _Kept:
        now = self._clock()
        with tenant_session(self._store.tenant_id) as session:
            row = _lock_row(session, self._store)
            kept = _open(row)
            usable = kept is not None and kept.token.value != self._refused and not kept.has_ended(now)
            # Somebody else may have renewed it while we waited for the lock.
            if kept is not None and usable and not kept.is_due(now) and not at_any_age:
                return kept
            try:
                token, bought_with = self._asked(credentials, kept, now)
            except ShopifyTransient:
                if kept is None or not usable:
                    raise
                return kept
            made = _write(row, token, now, bought_with)
        return made

    def _asked(
        self, credentials: auth.ClientCredentials | auth.InstalledApp, kept: _Kept | None, now: datetime
    ) -> tuple[auth.AccessToken, str | None]:
        """A new token, and the refresh token that bought it."""
        admin_url = settings().shopify_admin_url
        if isinstance(credentials, auth.ClientCredentials):
            asked = auth.access_token(
                self._shop, credentials, admin_url=admin_url, now=now, transport=self._transport
            )
            return asked, None
        app = apps.installed(credentials.client_id)
        if kept is None or kept.token.refresh_token is None:
            raise oauth.tokens_refused()

        def bought(with_: str) -> tuple[auth.AccessToken, str]:
            made = oauth.refresh(self._shop, app, with_, admin_url=admin_url, now=now, transport=self._transport)
            return made, with_

        try:
            return bought(kept.token.refresh_token)
        except CredentialsRefused:
            if kept.previous is None:
                raise
            return bought(kept.previous)


def keep(session: Session, store: StoreKey, token: auth.AccessToken | None, now: datetime) -> None:
    """Keep a token that was just got, in the place of whatever was kept; None to keep nothing."""
    if token is None:
        session.execute(delete(StoreToken).where(store.owns(StoreToken)))
    else:
        _write(_lock_row(session, store), token, now)


def is_idle(session: Session, store: StoreKey, now: datetime) -> bool:
    """Whether the store has a refresh token that was not used for so long that it should be."""
    row = session.get(StoreToken, (store.tenant_id, store.store_id))
    kept = _open(row) if row else None
    if row is None or kept is None or kept.token.refresh_token is None:
        return False
    return row.renewed_at is None or row.renewed_at <= now - KEEP_ALIVE


def _lock_row(session: Session, store: StoreKey) -> StoreToken:
    """The store's row, made where it is missing; nobody else has it until the transaction ends."""
    session.execute(insert(StoreToken).values(**store.parameters).on_conflict_do_nothing())
    query = select(StoreToken).where(store.owns(StoreToken))
    return session.scalars(query.with_for_update(), execution_options={"populate_existing": True}).one()


def _open(row: StoreToken) -> _Kept | None:
    if row.sealed is None:
        return None
    opened: dict[str, Any] = sealer().open(row.tenant_id, row.sealed)
    return _Kept(auth.AccessToken.from_json(opened), row.renew_at, opened.get("previous"))


def _write(row: StoreToken, token: auth.AccessToken, now: datetime, previous: str | None = None) -> _Kept:
    row.sealed = sealer().seal(row.tenant_id, token.to_json() | {"previous": previous})
    row.renew_at = now + (token.expires_at - now) * RENEW_AFTER if token.expires_at else None
    row.renewed_at = now
    return _Kept(token, row.renew_at, previous)
