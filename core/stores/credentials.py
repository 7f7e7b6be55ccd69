"""A store's sealed credentials, the secrets that may sign its webhooks, and the scopes that it grants."""

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

_LOADS_AGAIN = "The app's permissions grew during the first load; the next sync starts it again."
SECRET_LIVES_ON = timedelta(hours=1)
"""How long after a rotation Shopify may still sign with the previous secret."""


class Sealed(Protocol):
    """A store's row, or a copy of it, with its sealed columns."""

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
    """Return the store's credentials.

    Raises:
        CredentialsRefused: the store is disconnected, so there are none.
        ConfigError: they were sealed with a key that is lost.
    """
    if row.sealed_credentials is None:
        raise CredentialsRefused("This store is disconnected; connect it again on the Stores page.")
    return credentials_from_json(sealer().open(row.tenant_id, row.sealed_credentials))


def signing_secrets(row: Sealed, now: datetime) -> tuple[str, ...]:
    """Return the secrets that may sign the store's webhooks: its app's, and after a rotation the previous one.

    Raises:
        CredentialsRefused, ConfigError: as `opened`; ConfigError also where the operator's app has changed.
    """
    current = secrets_of(opened(row))
    if row.sealed_previous_secret is None or row.previous_secret_until is None or row.previous_secret_until <= now:
        return current
    return (*current, sealer().open(row.tenant_id, row.sealed_previous_secret)["secret"])


def compliance_seal(row: Sealed) -> str | None:
    """Return the part of the credentials that a disconnected store keeps, sealed; None where no key opens them.

    It verifies the privacy requests about the store's data. It holds no token, and no secret of the operator's app.
    """
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
    """Return the secrets that may sign the privacy requests of a disconnected store.

    Raises:
        ConfigError: as `signing_secrets`.
    """
    if row.sealed_compliance is None:
        return ()
    signer = sealer().open(row.tenant_id, row.sealed_compliance)
    return apps.installed(signer["client_id"]).secrets if "client_id" in signer else (signer["secret"],)


def previous_secret_columns(row: Store | None, credentials: Credentials, now: datetime) -> dict[str, object]:
    """Return the columns of the previous secret for a store that gets these credentials; none where it stays valid.

    Shopify signs webhooks with the previous secret for a while. Without it they would count as forged.
    """
    if row is None or row.sealed_credentials is None:
        return {"sealed_previous_secret": None, "previous_secret_until": None}
    try:
        previous = secrets_of(opened(row))[0]
    except ConfigError:
        return {}
    if previous in secrets_of(credentials):
        return {}
    sealed = sealer().seal(row.tenant_id, {"secret": previous})
    return {"sealed_previous_secret": sealed, "previous_secret_until": now + SECRET_LIVES_ON}


def note_scopes(session: Session, store: Store, scopes: Sequence[str], now: datetime) -> None:
    """Note the scopes granted to the app from now on; where they show more than before, as `restart_first_load`."""
    if auth.shows_more(scopes, store.scopes):
        restart_first_load(session, store, now)
    store.scopes, store.missing_scopes = list(scopes), list(auth.missing_scopes(scopes))


def restart_first_load(session: Session, store: Store, now: datetime) -> None:
    """Let the next run load the store from the start, and note withheld fields and refused entities from scratch.

    A first load under way fails and its slices are deleted: the part already loaded lacks fields that are shown now.
    """
    store.complete_until = None
    store.withheld_fields = store.refused_entities = []
    first_load = (SyncRun.state == RunState.RUNNING, SyncRun.since.is_(None), SyncRun.until.is_not(None))
    ended = {"state": RunState.FAILED, "finished_at": now, "error": _LOADS_AGAIN}
    session.execute(update(SyncRun).where(store.key.owns(SyncRun), *first_load).values(ended))
    session.execute(delete(BackfillSlice).where(store.key.owns(BackfillSlice)))


def secrets_of(credentials: Credentials) -> tuple[str, ...]:
    """Return the secrets that the app of these credentials signs with.

    Raises:
        ConfigError: the store installed an app that is no longer the operator's.
    """
    if isinstance(credentials, InstalledApp):
        return apps.installed(credentials.client_id).secrets
    return (credentials.webhook_secret,)
