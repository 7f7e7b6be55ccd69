"""The saved reports of a business. Every member sees them; owners and analysts save, rename and delete them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.accounts import Action, Actor, authorise
from core.database import tenant_session
from core.database.models import SavedReport, Tenant, User
from core.errors import Conflict, InvalidInput, NotFound
from core.metrics.explore import Question

MOST_REPORTS = 200
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Report:
    """A saved report. `question` is None where this version cannot read it; `by` where its author has no account."""

    report_id: int
    name: str
    question: Question | None
    saved_at: datetime
    by: str | None


def save_report(actor: Actor, name: str, question: Question, now: datetime) -> int:
    """Save the question under a name; return the report's id.

    A second click finds the report of this name with this question, and changes nothing.

    Raises:
        NotAllowed: the actor is a viewer.
        InvalidInput: the name is empty or too long, or the business has too many reports.
        Conflict: another report has the name.
    """
    authorise(actor, Action.SAVE)
    clean = _clean_name(name)
    definition = question.to_json()
    with _writing(actor) as session:
        stored = session.scalars(
            select(SavedReport).where(
                SavedReport.tenant_id == actor.tenant_id, SavedReport.name_norm == clean.lower()
            )
        ).first()
        if stored:
            if stored.definition == definition:
                return stored.report_id
            raise Conflict(f"There is a report with the name {stored.name}; choose another name.")
        if (session.scalar(select(func.count()).select_from(SavedReport)) or 0) >= MOST_REPORTS:
            raise InvalidInput(f"A business keeps at most {MOST_REPORTS} reports; delete one first.")
        report = SavedReport(
            tenant_id=actor.tenant_id,
            name=clean,
            name_norm=clean.lower(),
            definition=definition,
            saved_at=now,
            saved_by=actor.user_id,
        )
        session.add(report)
        session.flush()
        return report.report_id


def rename_report(actor: Actor, report_id: int, name: str) -> None:
    """Rename a report.

    Raises:
        NotAllowed: the actor is a viewer.
        InvalidInput: the name is empty or too long.
        Conflict: another report has the name.
        NotFound: the business has no such report.
    """
    authorise(actor, Action.SAVE)
    clean = _clean_name(name)
    values = {"name": clean, "name_norm": clean.lower()}
    try:
        with _writing(actor) as session:
            renamed = session.execute(
                update(SavedReport).where(*_is(actor, report_id)).values(values).returning(SavedReport.report_id)
            ).first()
    except IntegrityError:
        raise Conflict(f"There is a report with the name {clean}; choose another name.") from None
    if renamed is None:
        raise NotFound("This report was deleted meanwhile; save it again.")


def delete_report(actor: Actor, report_id: int) -> None:
    """Delete a report; a second click finds none and changes nothing.

    Raises:
        NotAllowed: the actor is a viewer.
    """
    authorise(actor, Action.SAVE)
    with tenant_session(actor.tenant_id) as session:
        session.execute(delete(SavedReport).where(*_is(actor, report_id)))


def list_reports(actor: Actor) -> tuple[Report, ...]:
    """List the reports of the business by name.

    Raises:
        NotAllowed: the actor is no member.
    """
    authorise(actor, Action.LOOK)
    query = (
        select(SavedReport, User.name.label("by"))
        .outerjoin(User, User.user_id == SavedReport.saved_by)
        .where(SavedReport.tenant_id == actor.tenant_id)
        .order_by(SavedReport.name_norm)
    )
    with tenant_session(actor.tenant_id) as session:
        rows = session.execute(query).all()
    return tuple(Report(row.report_id, row.name, _question(row.definition), row.saved_at, by) for row, by in rows)


@contextmanager
def _writing(actor: Actor) -> Iterator[Session]:
    """Write while no other member does: of two clicks at once, the second sees the report of the first."""
    with tenant_session(actor.tenant_id) as session:
        tenant = select(Tenant.tenant_id).where(Tenant.tenant_id == actor.tenant_id)
        session.execute(tenant.with_for_update(key_share=True))
        yield session


def _is(actor: Actor, report_id: int) -> tuple[ColumnElement[bool], ...]:
    return SavedReport.tenant_id == actor.tenant_id, SavedReport.report_id == report_id


def _question(definition: object) -> Question | None:
    try:
        return Question.from_json(definition)
    except InvalidInput:
        return None


def _clean_name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise InvalidInput(f"Type a name of 1 to {_LONGEST_NAME} ordinary characters for the report.")
    return name
