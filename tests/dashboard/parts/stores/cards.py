"""Stores in the database, and the buttons of their cards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from core.database import tenant_session
from tests.cast import Business


def change(business: Business, assignments: str, **values: object) -> None:
    statement = text(f"UPDATE stores SET {assignments} WHERE store_id = :store_id")
    with tenant_session(business.tenant_id) as session:
        session.execute(statement, {"store_id": business.store_id, **values})


def buttons(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def a_run(business: Business, state: str, minutes_ago: int = 0, **values: object) -> None:
    requested_at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    columns = {
        "tenant_id": business.tenant_id,
        "store_id": business.store_id,
        "trigger": "schedule",
        "state": state,
        "requested_at": requested_at,
        "started_at": None if state == "queued" else requested_at,
        "finished_at": requested_at + timedelta(seconds=75) if state in ("succeeded", "failed") else None,
        **values,
    }
    names = ", ".join(columns)
    statement = text(f"INSERT INTO sync_runs ({names}) VALUES ({', '.join(f':{name}' for name in columns)})")
    with tenant_session(business.tenant_id) as session:
        session.execute(statement, columns)
