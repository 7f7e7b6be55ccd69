"""The files of the Webhooks and Data health pages: all rows, filtered as the page, harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy.dialects.postgresql import insert

from core import exports
from core.database import tenant_session
from core.database.models import DayCheck
from core.domain.periods import Period
from core.stores import find
from core.webhooks import apply
from tests.cast import NOW, Cast, Person
from tests.core.webhooks.test_apply import an_order
from tests.shopify_sends import store_delivery

TODAY = date(2026, 11, 20)


def rows(cast: Cast, name: str, who: Person | None = None, **narrowed: str) -> list[dict[str, str]]:
    store = find(cast.acme.key)
    period = Period(TODAY - timedelta(days=6), TODAY, store.time_zone)
    store = replace(store, tenant_id=who.tenant_id if who else cast.acme.tenant_id)
    file = b"".join(exports.stream(store, name, period, narrowed)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(file)))


def test_deliveries_come_as_narrowed_as_the_page(cast: Cast) -> None:
    store_delivery(cast.acme, "orders/create", an_order(1))
    store_delivery(cast.acme, "orders/create", b"=1+1")
    store_delivery(cast.acme, "themes/publish", {"id": 1})
    apply.apply_pending(cast.acme.key, NOW)
    assert [row["state"] for row in rows(cast, "deliveries")] == ["ignored", "failed", "applied"]
    (failed,) = rows(cast, "deliveries", state="failed")
    assert (failed["topic"], failed["attempts"], failed["size"]) == ("orders/create", "1", "4")
    assert failed["received_at"] == "2026-11-20 13:00:00"
    assert failed["reason"]
    assert len(rows(cast, "deliveries", topic="orders/create")) == 2
    assert "body" not in failed


def test_webhooks_that_were_not_applied_come_by_day_and_reason(cast: Cast) -> None:
    for body in (b"=1+1", b"not json"):
        store_delivery(cast.acme, "orders/create", body)
    store_delivery(cast.acme, "themes/publish", {"id": 1})
    apply.apply_pending(cast.acme.key, NOW)

    assert [(row["day"], row["refusal"], row["deliveries"]) for row in rows(cast, "webhooks-not-applied")] == [
        ("2026-11-20", "unmapped topic", "1"),
        ("2026-11-20", "unreadable", "2"),
    ]
    assert rows(cast, "webhooks-not-applied", cast.charlie) == []


def test_checked_days_come_with_the_orders_by_name(cast: Cast) -> None:
    named = [{"order_id": number, "name": f"#100{number}", "what": "missing"} for number in (1, 2)]
    key = {"tenant_id": cast.acme.tenant_id, "store_id": cast.acme.store_id, "currency": "EUR", "checked_at": NOW}
    with tenant_session(cast.acme.tenant_id) as session:
        totals = {"our_total": Decimal("9.5"), "their_total": Decimal("9.5")}
        repaired = {"day": TODAY, "state": "repaired", "ours": 4, "theirs": 4, "orders": named, "repaired_at": NOW}
        session.execute(insert(DayCheck).values(**key, **repaired, **totals))
        session.execute(insert(DayCheck).values(**key, day=date(2026, 11, 19), state="equal", ours=0, theirs=0))
    equal, repaired_row = rows(cast, "checked-days")
    assert (equal["day"], equal["state"], equal["orders"], equal["our_total"]) == ("2026-11-19", "equal", "", "")
    assert (repaired_row["orders"], repaired_row["our_total"]) == ("#1001 #1002", "9.50")
    assert repaired_row["repaired_at"] == "2026-11-20 13:00:00"


def test_an_order_name_that_looks_like_a_formula_is_text(cast: Cast) -> None:
    key = {"tenant_id": cast.acme.tenant_id, "store_id": cast.acme.store_id, "currency": "EUR", "checked_at": NOW}
    named = [{"order_id": 1, "name": "=1001", "what": "missing"}]
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(insert(DayCheck).values(**key, day=TODAY, state="repaired", ours=1, theirs=1, orders=named))
    (row,) = rows(cast, "checked-days")
    assert row["orders"] == "'=1001"


def test_another_business_gets_an_empty_file(cast: Cast) -> None:
    store_delivery(cast.acme, "orders/create", an_order(1))
    assert rows(cast, "deliveries", cast.charlie) == []
    assert rows(cast, "checked-days", cast.charlie) == []
