"""Opens the Data health page, and stores what it shows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from streamlit.testing.v1 import AppTest

from core.database import tenant_session
from core.database.models import DayCheck, Store
from tests.cast import Business, Person
from tests.dashboard.pages import open_page, tables

BERLIN = ZoneInfo("Europe/Berlin")


def ago(days: int) -> date:
    """Return the store's day so many days before today."""
    return datetime.now(BERLIN).date() - timedelta(days=days)


def note(business: Business, day: date, state: str = "equal", **changes: Any) -> None:
    """Store the result of comparing a day."""
    values = {"ours": 4, "theirs": 4, "currency": "EUR", "orders": [], "checked_at": datetime.now(UTC)}
    key = {"tenant_id": business.tenant_id, "store_id": business.store_id, "day": day, "state": state}
    with tenant_session(business.tenant_id) as session:
        session.execute(insert(DayCheck).values(**key | values | changes))


def complete(business: Business) -> None:
    """Mark the store as complete up to now."""
    with tenant_session(business.tenant_id) as session:
        session.execute(update(Store).where(business.key.owns(Store)).values(complete_until=datetime.now(UTC)))


def set_scopes(business: Business, scopes: list[str]) -> None:
    """Grant the store these scopes alone."""
    with tenant_session(business.tenant_id) as session:
        session.execute(update(Store).where(business.key.owns(Store)).values(scopes=scopes))


def page(person: Person) -> AppTest:
    """Open the page; it must draw without an exception."""
    app = open_page(person, "health")
    assert not app.exception
    return app


def verdict(app: AppTest) -> str:
    """Return the first sentence of the page, in plain text."""
    boxes = [*app.success, *app.warning]
    return boxes[0].value.partition("**")[2].partition("**")[0] if boxes else ""


def unequal(app: AppTest) -> list[list[str]]:
    """Return the rows of the days that were not equal: day, order, finding, state, orders here and there, totals."""
    return [row[:8] for row in tables(app).get("Days that were not equal", [])]
