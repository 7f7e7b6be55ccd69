"""What changed since: the figures then and now, and the rows that came, went or changed, as each of the cast."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text, update
from streamlit.testing.v1 import AppTest

from core import accounts, exports, stores
from core.database import tenant_session
from core.database.models import Store
from core.domain.periods import Preset, local_day, preset
from dashboard.drawing import formats
from tests import factories as made
from tests.cast import Cast
from tests.core.metrics.conftest import Shop, shop_of
from tests.dashboard.pages import open_page, open_record, page_text, tables

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.fixture
def changed(cast: Cast) -> Shop:
    """Make Alice's shop, whose changes are kept since three days ago; one of two orders changed yesterday."""
    shop = shop_of(cast.acme)
    with tenant_session(cast.acme.tenant_id) as session:
        since = update(Store).where(cast.acme.key.owns(Store)).values(changes_kept_since=NOW - 3 * DAY)
        session.execute(since)
    shop.receive(made.product(), placed(1), placed(2))
    with tenant_session(cast.acme.tenant_id) as session:
        for table in ("orders", "sales"):
            session.execute(text(f"UPDATE {table} SET known_at = now() - interval '2 days'"))
    shop.receive(placed(2, updated_at=NOW, line_items=(made.line(price="15.00", tax="5.70"),)))
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(update(Store).where(cast.acme.key.owns(Store)).values(revision=Store.revision + 1))
    return shop


def placed(order_id: int, **changes: Any) -> Any:
    when = NOW - 9 * DAY
    fields = {"name": f"#{order_id}", "created_at": when, "processed_at": when, "updated_at": when} | changes
    return made.order(order_id=order_id, **fields)


def open_since(cast: Cast, at: datetime, shop: Shop) -> AppTest:
    known = at.astimezone(shop.zone).replace(tzinfo=None).isoformat(timespec="minutes")
    return open_record(cast.alice, "changes", known=known)


def test_the_difference_is_said_and_its_rows_add_up(cast: Cast, changed: Shop) -> None:
    app = open_since(cast, NOW - DAY, changed)
    assert not app.exception
    assert "€10.00 less" in page_text(app).replace("\\", "")
    ((name, _, what, line, _, then, now, net, total),) = tables(app)["1 row"]
    assert (name, what, line) == ("#2", "Corrected", "Shirt")
    assert (then, now, net, total) == ("€40.00", "€30.00", "−€10.00", "−€11.90")
    figures = {row[0]: row[1:] for row in tables(app)["Then and now"]}
    assert figures["Net sales"] == ["€80.00", "€70.00", "−€10.00"]
    assert figures["Orders"] == ["2", "2", "0"]
    assert figures["New customers"] == figures["Customers"]
    assert "as they are identified today" in page_text(app)


def test_the_page_leads_to_the_rows(cast: Cast, changed: Shop) -> None:
    changed.receive(placed(3, processed_at=NOW - 40 * DAY, created_at=NOW - 40 * DAY))
    app = open_page(cast.alice, "changes")
    assert "Late changes" in page_text(app)
    next(button for button in app.button if button.label.startswith("Choose a time")).click().run()
    assert not app.exception
    assert "Why did it change since?" in page_text(app)


def test_nothing_changed_is_said(cast: Cast, changed: Shop) -> None:
    with tenant_session(cast.globex.tenant_id) as session:
        since = update(Store).where(cast.globex.key.owns(Store)).values(changes_kept_since=NOW - 3 * DAY)
        session.execute(since)
    app = open_record(cast.charlie, "changes", known=(NOW - DAY).isoformat()[:16])
    assert not app.exception
    assert "Nothing in" in page_text(app)


def test_what_was_known_before_changes_were_kept_is_never_guessed(cast: Cast, changed: Shop) -> None:
    app = open_since(cast, NOW - 30 * DAY, changed)
    assert not app.exception
    assert "Changes are kept since" in page_text(app)
    assert "not over" in page_text(app)


def test_a_wrong_time_in_the_address_is_the_end_of_the_period(cast: Cast, changed: Shop) -> None:
    app = open_record(cast.alice, "changes", known="'; DROP TABLE sales\0")
    assert not app.exception
    assert "Why did it change since?" in page_text(app)


def test_a_store_before_its_first_load_and_another_tenants_say_so(cast: Cast, changed: Shop) -> None:
    app = open_record(cast.charlie, "changes", known="2026-11-01T00:00")
    assert not app.exception
    assert "from the end of the first sync on" in page_text(app)
    assert not open_page(cast.dana, "changes").exception


def test_the_file_has_the_same_rows(cast: Cast, changed: Shop) -> None:
    store = stores.find(cast.acme.key)
    known = (NOW - DAY).astimezone(changed.zone).replace(tzinfo=None).isoformat()
    period = preset(Preset.LAST_30_DAYS, store.time_zone, NOW)
    file = b"".join(exports.stream(store, "late-changes", period, {"known": known}))
    (row,) = file.decode("utf-8-sig").splitlines()[1:]
    assert row.split(",")[1] == "#2"
    assert row.split(",")[7:11] == ["40.00", "30.00", "-10.00", "-11.90"]


def link_labels(app: AppTest) -> list[str]:
    return [link.label.replace("\\", "") for link in app.get("page_link")]


def visited(cast: Cast, at: datetime) -> None:
    """Let Alice have visited her store at a time."""
    accounts.record_visit(cast.alice.actor, cast.acme.store_id, at)


def test_the_overview_says_what_changed_since_the_last_visit(cast: Cast, changed: Shop) -> None:
    visited(cast, NOW - DAY)
    app = open_page(cast.alice)
    day = formats.day(local_day(NOW - DAY, changed.zone))
    assert not app.exception
    said = f"Since your last visit on {day}, 1 row changed earlier days: −€10.00."
    assert said in link_labels(app)
    visited(cast, NOW + DAY)
    assert "Since your last visit" not in " ".join(link_labels(open_page(cast.alice)))


def test_the_page_compares_with_the_last_visit(cast: Cast, changed: Shop) -> None:
    visited(cast, NOW - DAY)
    app = open_record(cast.alice, "changes", known="visit")
    assert not app.exception
    assert "Your last visit ended on" in page_text(app)
    assert len(tables(app)["1 row"]) == 1


def test_the_first_visit_has_nothing_to_compare_with(cast: Cast, changed: Shop) -> None:
    app = open_record(cast.alice, "changes", known="visit")
    assert not app.exception
    assert "This is your first visit to this store." in page_text(app)
    assert "without a break of more than 30 minutes" in page_text(app)
