"""Reseals all credentials after SECRET_KEY has changed, so that the previous key is no longer needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from core.database import system_session, tenant_session
from core.database.models import PendingConnection, Store, StoreToken, Tenant
from core.errors import ConfigError
from core.sealing.seal import sealer

_TENANTS_SEALS = (
    (Store, ("sealed_credentials", "sealed_previous_secret", "sealed_compliance")),
    (StoreToken, ("sealed",)),
)


@dataclass(slots=True)
class Resealed:
    """The number of seals that were renewed, were the newest key's already, and open with no key of ours."""

    renewed: int = 0
    current: int = 0
    lost: int = 0


def reseal() -> Resealed:
    """Reseal every seal of an older key, in a transaction for each tenant. Idempotent.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer; finished tenants stay resealed.
    """
    counts = Resealed()
    with system_session() as session:
        tenants = session.scalars(select(Tenant.tenant_id).order_by(Tenant.tenant_id)).all()
        _reseal(session, select(PendingConnection), ("sealed",), counts)
    for tenant_id in tenants:
        with tenant_session(tenant_id) as session:
            for model, columns in _TENANTS_SEALS:
                _reseal(session, select(model).where(model.tenant_id == tenant_id), columns, counts)
    return counts


def _reseal(session: Session, rows: Select[Any], columns: tuple[str, ...], counts: Resealed) -> None:
    # Locked, so that a token under renewal is waited for; its old seal would otherwise overwrite the new one.
    for row in session.scalars(rows.with_for_update(key_share=True)):
        for column in columns:
            _reseal_one(row, column, counts)


def _reseal_one(row: object, column: str, counts: Resealed) -> None:
    sealed: str | None = getattr(row, column)
    if sealed is None:
        return
    try:
        resealed = sealer().reseal(sealed)
    except ConfigError:
        counts.lost += 1
        return
    if resealed == sealed:
        counts.current += 1
    else:
        setattr(row, column, resealed)
        counts.renewed += 1
