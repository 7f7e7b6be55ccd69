"""Files of unit costs: stored, shown as a preview, then applied or discarded.

A preview and an application are the same computation, so what is applied is what was shown, unless the store changed
in between. Applying a file again changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core.accounts import Action, Actor, authorise
from core.costs.entries import lock_store
from core.costs.matches import Change, Match, match_rows
from core.costs.rows import CostRows, RowError, decoded, parse_rows
from core.database import StoreKey, tenant_session
from core.database.ids import among
from core.database.models import Store, UnitCost, UnitCostFile, User
from core.errors import NotFound

_NOT_APPLIED = UnitCostFile.applied_at.is_(None)


@dataclass(frozen=True, slots=True)
class UnitCostFileView:
    """A file that waits to be applied, with what that would change."""

    file_id: int
    name: str
    uploaded_at: datetime
    changes: tuple[Change, ...]
    errors: tuple[RowError, ...]
    unchanged: int
    """Rows whose cost is stored already."""
    blank: int
    """Rows without a cost."""
    currency: str


@dataclass(frozen=True, slots=True)
class AppliedFile:
    """A file that was applied; `applied_by` is the name of who uploaded it, None if the user was deleted."""

    name: str
    applied_at: datetime
    applied_by: str | None
    rows_changed: int


def store_file(actor: Actor, store_id: int, name: str, content: bytes, now: datetime) -> None:
    """Store an uploaded file for its preview. It replaces a file that was not applied.

    Raises:
        NotAllowed: the actor is no owner.
        StoreNotFound: the tenant has no such store.
        InvalidFile: it cannot be used as a whole; the message says why.
    """
    authorise(actor, Action.ENTER_COSTS)
    text = decoded(content)
    parse_rows(text)
    with tenant_session(actor.tenant_id) as session:
        store = lock_store(session, actor.store_key(store_id))
        session.execute(delete(UnitCostFile).where(store.key.owns(UnitCostFile), _NOT_APPLIED))
        session.add(
            UnitCostFile(
                tenant_id=store.tenant_id,
                store_id=store.store_id,
                name=name.replace("\0", "")[:200] or "costs.csv",
                content=text.replace("\0", ""),
                uploaded_at=now,
                uploaded_by=actor.user_id,
            )
        )


def pending_file(store: StoreKey) -> UnitCostFileView | None:
    """Return the file that waits to be applied, with its preview; None without one."""
    with tenant_session(store.tenant_id) as session:
        file = session.scalar(select(UnitCostFile).where(store.owns(UnitCostFile), _NOT_APPLIED))
        row = session.scalar(select(Store).where(store.owns(Store)))
        if file is None or row is None:
            return None
        file_rows, match = _match(session, row, file)
        errors = tuple(sorted((*file_rows.errors, *match.errors), key=lambda error: error.line))
        return UnitCostFileView(
            *(file.file_id, file.name, file.uploaded_at, match.changes, errors),
            *(match.unchanged, file_rows.blank, row.currency),
        )


def apply_file(actor: Actor, store_id: int, file_id: int, now: datetime) -> int:
    """Save the costs of a file; rows with errors are left out. Returns how many costs changed.

    Raises:
        NotAllowed: the actor is no owner.
        NotFound: the file was applied, discarded or replaced meanwhile.
    """
    authorise(actor, Action.ENTER_COSTS)
    with tenant_session(actor.tenant_id) as session:
        store = lock_store(session, actor.store_key(store_id))
        file = _find(session, store, file_id)
        changes = _match(session, store, file)[1].changes
        _replace(session, actor, store, changes, now)
        file.content, file.applied_at, file.rows_changed = None, now, len(changes)
        store.revision += 1
        return len(changes)


def discard_file(actor: Actor, store_id: int, file_id: int) -> None:
    """Delete a file that was not applied.

    Raises:
        NotAllowed: the actor is no owner.
        NotFound: the file was applied, discarded or replaced meanwhile.
    """
    authorise(actor, Action.ENTER_COSTS)
    with tenant_session(actor.tenant_id) as session:
        session.delete(_find(session, lock_store(session, actor.store_key(store_id)), file_id))


def recent_files(store: StoreKey) -> tuple[AppliedFile, ...]:
    """List the files that were applied, the latest first; twenty at most."""
    query = (
        select(UnitCostFile, User.name)
        .outerjoin(User, User.user_id == UnitCostFile.uploaded_by)
        .where(store.owns(UnitCostFile), UnitCostFile.applied_at.is_not(None))
        .order_by(UnitCostFile.applied_at.desc(), UnitCostFile.file_id.desc())
        .limit(20)
    )
    with tenant_session(store.tenant_id) as session:
        return tuple(
            AppliedFile(file.name, file.applied_at, name, file.rows_changed or 0)
            for file, name in session.execute(query)
            if file.applied_at
        )


def _find(session: Session, store: Store, file_id: int) -> UnitCostFile:
    query = select(UnitCostFile).where(store.key.owns(UnitCostFile), UnitCostFile.file_id == file_id, _NOT_APPLIED)
    file = session.scalar(query)
    if file is None:
        raise NotFound("This file was applied, discarded or replaced meanwhile; upload it again.")
    return file


def _match(session: Session, store: Store, file: UnitCostFile) -> tuple[CostRows, Match]:
    file_rows = parse_rows(file.content or "")
    return file_rows, match_rows(session, store, file_rows.rows)


def _replace(session: Session, actor: Actor, store: Store, changes: Sequence[Change], now: datetime) -> None:
    """End the costs that change, and add the new ones."""
    replaced = [change.replaces for change in changes if change.replaces is not None]
    if replaced:
        session.execute(
            update(UnitCost)
            .where(store.key.owns(UnitCost), among(UnitCost.unit_cost_id, replaced))
            .values(replaced_at=now, replaced_by=actor.user_id)
        )
    session.add_all(
        UnitCost(
            tenant_id=store.tenant_id,
            store_id=store.store_id,
            variant_id=change.variant_id,
            valid_from=change.valid_from,
            unit_cost=change.unit_cost,
            currency=store.currency,
            entered_at=now,
            entered_by=actor.user_id,
        )
        for change in changes
        if change.unit_cost is not None
    )
