"""Seals everything anew after SECRET_KEY has changed, so that the key before it is needed no more."""

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
    """How many seals were made anew, were the newest key's already, and are opened by no key of ours."""

    renewed: int = 0
    current: int = 0
    lost: int = 0


def reseal() -> Resealed:
    """Seal anew whatever the newest key did not seal, a transaction for each tenant; doing it again changes nothing.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer; the tenants that were done are done.
    """
    done = Resealed()
    with system_session() as session:
        tenants = session.scalars(select(Tenant.tenant_id).order_by(Tenant.tenant_id)).all()
        _reseal(session, select(PendingConnection), ("sealed",), done)
    for tenant_id in tenants:
        with tenant_session(tenant_id) as session:
            for model, columns in _TENANTS_SEALS:
                _reseal(session, select(model).where(model.tenant_id == tenant_id), columns, done)
    return done


def _reseal(session: Session, rows: Select[Any], columns: tuple[str, ...], done: Resealed) -> None:
    # Locked: a token that is being renewed is waited for, not put back.
    for row in session.scalars(rows.with_for_update(key_share=True)):
        for column in columns:
            _reseal_one(row, column, done)


def _reseal_one(row: object, column: str, done: Resealed) -> None:
    sealed: str | None = getattr(row, column)
    if sealed is None:
        return
    try:
        anew = sealer().reseal(sealed)
    except ConfigError:
        done.lost += 1
        return
    if anew == sealed:
        done.current += 1
    else:
        setattr(row, column, anew)
        done.renewed += 1
