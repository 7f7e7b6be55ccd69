"""A store's sealed credentials, opened, the secrets that its webhooks may be signed with, and what it grants."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from core.database.models import BackfillSlice, RunState, Store, SyncRun
from core.errors import ConfigError, CredentialsRefused
from core.sealing.seal import sealer
from core.shopify import auth
from core.shopify.auth import Credentials, InstalledApp, credentials_from_json
from core.stores import apps

_BEGINS_AGAIN = "Shopify shows more of this store than when its first load began; the next sync begins it again."
SECRET_LIVES_ON = timedelta(hours=1)
"""How long after a rotation Shopify may still sign with the secret before."""


class Sealed(Protocol):
    """What a store's row keeps sealed: the row itself, or a copy of it."""

    @property
    def tenant_id(self) -> int: ...
    @property
    def sealed_credentials(self) -> str | None: ...
    @property
    def sealed_previous_secret(self) -> str | None: ...
    @property
    def previous_secret_until(self) -> datetime | None: ...
    @property
    def sealed_compliance(self) -> str | None: ...


def opened(row: Sealed) -> Credentials:
    """The store's credentials.

    Raises:
        CredentialsRefused: it is disconnected, so there are none.
        ConfigError: they were sealed with a key that is lost.
    """
    if row.sealed_credentials is None:
        raise CredentialsRefused("This store is disconnected; connect it again on the Stores page.")
    return credentials_from_json(sealer().open(row.tenant_id, row.sealed_credentials))


def signing_secrets(row: Sealed, now: datetime) -> tuple[str, ...]:
    """What may sign the store's webhooks: the secret of its app, and for an hour the one before.

    Raises:
        CredentialsRefused, ConfigError: as `opened`; and it installed an app that is not the operator's any more.
    """
    current = secrets_of(opened(row))
    if row.sealed_previous_secret is None or row.previous_secret_until is None or row.previous_secret_until <= now:
        return current
    return (*current, sealer().open(row.tenant_id, row.sealed_previous_secret)["secret"])


def for_compliance(row: Sealed) -> str | None:
    """What stays of the credentials when the store is disconnected, sealed: enough to know what signs the privacy
    requests about its data; no token, and no secret beside the id that it goes with. None where no key of ours opens
    them."""
    if row.sealed_credentials is None:
        return row.sealed_compliance
    try:
        credentials = opened(row)
    except ConfigError:
        return None
    if isinstance(credentials, InstalledApp):
        return sealer().seal(row.tenant_id, {"client_id": credentials.client_id})
    return sealer().seal(row.tenant_id, {"secret": credentials.webhook_secret})


def compliance_secrets(row: Sealed) -> tuple[str, ...]:
    """What may sign the privacy requests of a disconnected store, and nothing else of it.

    Raises:
        ConfigError: as `signing_secrets`.
    """
    if row.sealed_compliance is None:
        return ()
    kept = sealer().open(row.tenant_id, row.sealed_compliance)
    return apps.installed(kept["client_id"]).secrets if "client_id" in kept else (kept["secret"],)


def last_secret(row: Store | None, now_come: Credentials, now: datetime) -> dict[str, object]:
    """The columns that note what has signed the store's webhooks until now, if that is another than from now on."""
    if row is None or row.sealed_credentials is None:
        return {"sealed_previous_secret": None, "previous_secret_until": None}
    try:
        before = secrets_of(opened(row))[0]
    except ConfigError:
        return {}
    if before in secrets_of(now_come):
        return {}
    sealed = sealer().seal(row.tenant_id, {"secret": before})
    return {"sealed_previous_secret": sealed, "previous_secret_until": now + SECRET_LIVES_ON}


def note_scopes(session: Session, store: Store, scopes: Sequence[str], now: datetime) -> None:
    """What the app of a connected store is granted from now on; where that shows more than before, as `read_anew`."""
    if auth.shows_more(scopes, store.scopes):
        read_anew(session, store, now)
    store.scopes, store.missing_scopes = list(scopes), list(auth.missing_scopes(scopes))


def read_anew(session: Session, store: Store, now: datetime) -> None:
    """Have the store read from the start by its next run, and what Shopify keeps back noted anew. A first load that
    is under way ends, and what is left of one is forgotten: what they have read may lack what is shown now."""
    store.complete_until = None
    store.withheld_fields = store.refused_entities = []
    begun = (SyncRun.state == RunState.RUNNING, SyncRun.since.is_(None), SyncRun.until.is_not(None))
    ended = {"state": RunState.FAILED, "finished_at": now, "error": _BEGINS_AGAIN}
    session.execute(update(SyncRun).where(store.key.owns(SyncRun), *begun).values(ended))
    session.execute(delete(BackfillSlice).where(store.key.owns(BackfillSlice)))


def secrets_of(credentials: Credentials) -> tuple[str, ...]:
    """The secrets an app signs with: its own, or the operator's app's.

    Raises:
        ConfigError: the store installed an app that is not the operator's any more.
    """
    if isinstance(credentials, InstalledApp):
        return apps.installed(credentials.client_id).secrets
    return (credentials.webhook_secret,)
