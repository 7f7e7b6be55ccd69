"""A store as pages and jobs see it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from core.database import StoreKey
from core.database.models import Store, StoreState
from core.shopify import auth
from core.shopify.credential_kind import CredentialKind


@dataclass(frozen=True, slots=True)
class StoreView:
    """A store as pages and jobs see it: all of its row but the secrets."""

    tenant_id: int
    store_id: int
    shop_domain: str
    name: str
    currency: str
    time_zone: ZoneInfo
    credential_kind: str
    state: StoreState
    state_reason: str | None
    scopes: tuple[str, ...]
    missing_scopes: tuple[str, ...]
    webhook_note: str | None
    connected_at: datetime
    shop_created_at: datetime | None
    revision: int
    last_ingest_at: datetime | None
    complete_until: datetime | None
    withheld_fields: tuple[str, ...] = ()
    refused_entities: tuple[str, ...] = ()
    abandoned_after: int = 60
    order_currencies: tuple[str, ...] = ()
    webhooks_missed_at: datetime | None = None

    @property
    def key(self) -> StoreKey:
        return StoreKey.of(self)

    @property
    def abandoned_delay(self) -> timedelta:
        """How long after its start an open checkout counts as abandoned."""
        return timedelta(minutes=self.abandoned_after)

    @property
    def is_live(self) -> bool:
        """Whether new orders come in by webhooks: all are subscribed, and no sync found a missing one."""
        return self.webhook_note is None and self.webhooks_missed_at is None

    @property
    def has_installed_app(self) -> bool:
        """Whether the merchant installed the operator's app; else they brought an app of their own."""
        return self.credential_kind == CredentialKind.INSTALLED_APP

    @property
    def currencies(self) -> tuple[str, ...]:
        """Every currency that the store has figures in, its present one first."""
        return (self.currency, *(code for code in self.order_currencies if code != self.currency))

    def may_read(self, entity: str) -> bool:
        """Whether the app was granted the scopes to read this entity of `auth.READ_BY`."""
        return auth.may_read(self.scopes, entity)


def view_of(row: Store) -> StoreView:
    columns = {field.name: getattr(row, field.name) for field in fields(StoreView)}
    lists = {name: tuple(value) for name, value in columns.items() if isinstance(value, list)}
    return StoreView(**columns | lists | {"time_zone": ZoneInfo(row.time_zone)})


def fingerprint(store: StoreView) -> str:
    """A short hash of the view. A page with another one is stale."""
    return short_hash(store)


def fingerprint_settings(stores: Iterable[StoreView]) -> str:
    """A short hash of all that a page about the stores shows of them, without the steady stream of their orders."""
    settled = [replace(store, revision=0, last_ingest_at=None) for store in stores]
    return short_hash(settled)


def short_hash(value: object) -> str:
    """64 bits of the hash of a value's `repr`, to notice that it has changed."""
    return hashlib.sha256(repr(value).encode()).hexdigest()[:16]
