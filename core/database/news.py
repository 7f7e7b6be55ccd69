"""Announces to the web processes, by PostgreSQL's NOTIFY, that rows of a tenant or of a user's sessions changed.

The announcement is part of the writer's transaction: it is sent at the commit, and equal ones of one transaction are
sent once. It has ids only, no data.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Update, event, text
from sqlalchemy.engine import Result
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

from core.database.models import CheckRun, Import, Membership, Remap, Store, SyncRun, User, UserSession

CHANNEL = "xeno_news"
ACCESS = "access"
"""The payload when a session, a membership or a theme changed."""

_WORK = (SyncRun, Import, CheckRun, Remap)
"""The runs whose progress open pages show. Each heartbeat changes them, so they have a payload of their own."""
_ACCESS_COLUMNS = {UserSession: frozenset({"revoked_at", "role", "tenant_id"}), User: frozenset({"theme"})}
"""The columns whose change an open page has to know. The time at which a session was last used changes often."""


def data_of(tenant_id: int) -> str:
    """The payload when a store of the tenant changed: its revision, its state or its settings."""
    return str(tenant_id)


def work_of(tenant_id: int) -> str:
    """The payload when a run in a store of the tenant began, ended or made progress."""
    return f"{tenant_id} work"


def listen(sessions: type[Session]) -> None:
    """Announce the changes of all sessions of this class."""
    event.listen(sessions, "after_flush", _announce_flush)
    event.listen(sessions, "do_orm_execute", _announce_statement)


def _announce_flush(session: Session, _context: UOWTransaction) -> None:
    changed = [*session.new, *session.dirty, *session.deleted]
    if any(isinstance(row, Store) for row in changed):
        _announce_tenant(session, data_of)
    if any(isinstance(row, _WORK) for row in changed):
        _announce_tenant(session, work_of)
    if any(isinstance(row, Membership) for row in changed):
        _announce(session, ACCESS)


def _announce_statement(state: ORMExecuteState) -> Result[Any] | None:
    if not (state.is_update or state.is_insert or state.is_delete) or state.bind_mapper is None:
        return None
    table = state.bind_mapper.class_
    if table is Store:
        _announce_tenant(state.session, data_of)
    elif table in _WORK:
        _announce_tenant(state.session, work_of)
    elif table is Membership or (table in _ACCESS_COLUMNS and _changes_access(state, _ACCESS_COLUMNS[table])):
        _announce(state.session, ACCESS)
    return None


def _changes_access(state: ORMExecuteState, columns: frozenset[str]) -> bool:
    statement = state.statement
    return not isinstance(statement, Update) or not columns.isdisjoint(statement.compile().params)


def _announce_tenant(session: Session, payload_of: Callable[[int], str]) -> None:
    tenant_id = session.info.get("tenant_id")
    if tenant_id is not None:
        _announce(session, payload_of(tenant_id))


def _announce(session: Session, payload: str) -> None:
    session.connection().execute(
        text("SELECT pg_notify(:channel, :payload)"), {"channel": CHANNEL, "payload": payload}
    )
