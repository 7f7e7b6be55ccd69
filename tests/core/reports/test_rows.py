"""Saved reports: shared in a business, changed by owners and analysts alone, each name once."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from core import reports
from core.database import tenant_session
from core.database.models import Role, SavedReport
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from core.metrics.explore import Dimension, Measure, Question
from tests.cast import NOW, Cast

BY_DAY = Question((Measure.NET_SALES,), (Dimension.DAY,))
BY_CODE = Question((Measure.ORDERS,), (Dimension.CODE,))


def test_a_report_is_saved_once_shared_renamed_and_deleted(cast: Cast) -> None:
    first = reports.save_report(cast.alice.actor, "  Sales  by day ", BY_DAY, NOW)
    assert reports.save_report(cast.alice.actor, "sales by day", BY_DAY, NOW) == first, "a second click"
    (found,) = reports.list_reports(cast.bob.actor)
    assert (found.report_id, found.name, found.question, found.by) == (first, "Sales by day", BY_DAY, "Alice Archer")
    reports.rename_report(cast.alice.actor, first, "Daily")
    assert [report.name for report in reports.list_reports(cast.alice.actor)] == ["Daily"]
    for _ in range(2):
        reports.delete_report(cast.alice.actor, first)
    assert reports.list_reports(cast.alice.actor) == ()
    with pytest.raises(NotFound):
        reports.rename_report(cast.alice.actor, first, "Daily")


def test_a_name_is_taken_whatever_its_capitals(cast: Cast) -> None:
    reports.save_report(cast.alice.actor, "Daily", BY_DAY, NOW)
    other = reports.save_report(cast.alice.actor, "Codes", BY_CODE, NOW)
    with pytest.raises(Conflict, match="choose another name"):
        reports.save_report(cast.alice.actor, "DAILY", BY_CODE, NOW)
    with pytest.raises(Conflict, match="choose another name"):
        reports.rename_report(cast.alice.actor, other, "daily")
    reports.save_report(cast.charlie.actor, "Daily", BY_DAY, NOW)


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\0b"])
def test_a_name_that_is_none_is_refused(cast: Cast, name: str) -> None:
    with pytest.raises(InvalidInput, match="Type a name"):
        reports.save_report(cast.alice.actor, name, BY_DAY, NOW)


def test_viewers_and_other_businesses_change_nothing(cast: Cast) -> None:
    number = reports.save_report(cast.alice.actor, "Daily", BY_DAY, NOW)
    for act in (
        lambda: reports.save_report(cast.bob.actor, "Mail", BY_DAY, NOW),
        lambda: reports.rename_report(cast.bob.actor, number, "Mail"),
        lambda: reports.delete_report(cast.bob.actor, number),
    ):
        with pytest.raises(NotAllowed, match=f"Your role here is {Role.VIEWER}"):
            act()
    reports.delete_report(cast.charlie.actor, number)
    with pytest.raises(NotFound):
        reports.rename_report(cast.charlie.actor, number, "Mail")
    assert reports.list_reports(cast.charlie.actor) == ()
    assert [report.name for report in reports.list_reports(cast.alice.actor)] == ["Daily"]


def test_a_report_that_cannot_be_read_is_listed_without_its_question(cast: Cast) -> None:
    reports.save_report(cast.alice.actor, "Daily", BY_DAY, NOW)
    with tenant_session(cast.alice.tenant_id) as session:
        session.execute(update(SavedReport).values(definition={"measures": ["of tomorrow"]}))
    assert [report.question for report in reports.list_reports(cast.alice.actor)] == [None]
