"""The import section of a store's card, run as each of the cast."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from core import imports
from core.database import tenant_session
from core.imports import load
from core.imports.views import ImportView
from dashboard.parts.stores import imports as import_parts
from tests.cast import Business, Cast, Person
from tests.core.shopify.csv_files import file, first
from tests.dashboard.pages import open_page, page_text


def request_import(person: Person, business: Business, content: bytes, at: datetime | None = None) -> int:
    upload = imports.Upload("orders_*1*.csv", len(content), io.BytesIO(content))
    return imports.request(person.actor, business.store_id, [upload], at or datetime.now(UTC))


def run_import(person: Person, business: Business, content: bytes) -> ImportView:
    import_id = request_import(person, business, content)
    load.work_on(business.key, import_id)
    return imports.find(business.tenant_id, import_id)


def forms(app: AppTest) -> list[str]:
    return [element.proto.body for element in app.get("html") if "<form" in element.proto.body]


def progress(app: AppTest) -> list[str]:
    return [element.proto.text for element in app.get("progress")]


def test_an_owner_finds_the_form_with_its_purpose(cast: Cast) -> None:
    app = open_page(cast.alice, "stores")
    assert not app.exception
    (form,) = forms(app)
    assert f'name="store" value="{cast.acme.store_id}"' in form
    assert 'enctype="multipart/form-data"' in form
    assert "Orders → Export → All orders" in page_text(app)


def test_a_viewer_sees_past_imports_and_no_form(cast: Cast) -> None:
    assert "Import orders from a CSV" not in [expander.label for expander in open_page(cast.bob, "stores").expander]
    run_import(cast.alice, cast.acme, file(first()))
    app = open_page(cast.bob, "stores")
    assert "Import orders from a CSV" in [expander.label for expander in app.expander]
    assert forms(app) == []


def test_an_import_under_way_shows_how_far_it_is(cast: Cast) -> None:
    request_import(cast.alice, cast.acme, file(first()))
    assert progress(open_page(cast.alice, "stores")) == ["Import: waiting for its turn…"]
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(
            text(
                "UPDATE imports SET state = 'running', started_at = now(), heartbeat_at = now(), "
                "orders_total = 2000, orders_done = 1500, bytes_read = bytes_total"
            )
        )
    assert progress(open_page(cast.alice, "stores")) == ["Import: 1,500 of 2,000 orders"]


def test_a_file_under_check_is_named_as_it_is(cast: Cast) -> None:
    import_id = request_import(cast.alice, cast.acme, file(first()))
    view = imports.claim(imports.key_of(cast.acme.key, import_id), datetime.now(UTC))
    assert view is not None
    assert import_parts.progress_text(view) == "Import: checking orders\\_\\*1\\*\\.csv"


def test_a_finished_import_is_reported(cast: Cast) -> None:
    run_import(cast.alice, cast.acme, file(first(), first(Name="#1002", Id="5000000000002")))
    assert "2 orders of orders\\_\\*1\\*\\.csv." in page_text(open_page(cast.alice, "stores"))


def test_a_failed_import_says_the_line_and_the_column(cast: Cast) -> None:
    run_import(cast.alice, cast.acme, file(first(Total="x")))
    page = page_text(open_page(cast.alice, "stores")).replace("\\", "")
    assert "Import failed" in page
    assert "orders_*1*.csv, line 2, column “Total” is not an amount such as 12.50" in page
    assert "Nothing was imported." in page


def test_refunds_without_a_date_are_reported_as_in_no_days_returns(cast: Cast) -> None:
    changes = {"Refunded_Amount": "23.80", "Financial_Status": "partially_refunded"}
    run_import(cast.alice, cast.acme, file(first(**changes)))
    page = page_text(open_page(cast.alice, "stores")).replace("\\", "")
    assert "1 imported order has refunds without a date, €23.80 in all" in page
    assert "refunds without a date" not in page_text(open_page(cast.charlie, "stores"))


def test_the_table_lists_every_import_newest_first(cast: Cast) -> None:
    run_import(cast.alice, cast.acme, file(first()))
    run_import(cast.alice, cast.acme, b"nothing")
    now = datetime.now(UTC)
    failed, done = import_parts.records_of(imports.recent(cast.acme.key), now)
    assert (failed["outcome"], failed["orders"]) == ("failed", 0)
    assert (done["outcome"], done["orders"]) == ("done", 1)
    assert failed["remark"].startswith("orders_*1*.csv, line 1 does not name the columns")


def test_orders_that_do_not_add_up_and_skipped_ones_are_named_with_the_way_out(cast: Cast) -> None:
    skipped = first(Name="#1003", Id="5000000000003", Currency="CHF")
    run_import(cast.alice, cast.acme, file(first(Total="99.99"), first(Name="#*2*", Id="5000000000002"), skipped))
    page = page_text(open_page(cast.alice, "stores")).replace("\\", "")
    assert ": 2 orders of orders_*1*.csv." in page
    assert "1 order in another currency than the store’s was skipped: #1003 (CHF)." in page
    assert "1 order does not add up in the file, and is counted by the lines: " in page
    assert "#1001 (€99.99 in the file, €52.60 by its lines)." in page
    (form,) = forms(open_page(cast.alice, "stores"))
    assert import_parts.OTHER_CURRENCIES in form
    assert import_parts.OTHER_CURRENCIES in page


def test_many_names_end_with_how_many_more_there_are(cast: Cast) -> None:
    orders = [first(Name=f"#{number}", Id=f"50000000000{number}", Total="1.00") for number in range(12)]
    (note,) = import_parts.notes(run_import(cast.alice, cast.acme, file(*orders)))
    assert note.startswith(
        "12 orders do not add up in the file, and are counted by the lines: #0 (€1.00 in the file,"
    )
    assert note.endswith("#9 (€1.00 in the file, €52.60 by its lines) and 2 more.")


def test_an_import_whose_process_was_killed_is_interrupted_and_no_longer_awaited(cast: Cast) -> None:
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    imports.add(cast.alice.actor, cast.acme.store_id, [("1.csv", 1)], long_ago)
    app = open_page(cast.alice, "stores")
    assert progress(app) == []
    assert "The import of 1\\.csv was interrupted.** Import it again" in page_text(app)
