"""The filters: kept in the URL, in the store's time, and believed in nothing that they bring from there."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.periods import Comparison, Preset
from dashboard import filters
from dashboard.addresses import csv_address
from dashboard.drawing import formats
from tests.cast import Cast, Person, add_store, sign_in
from tests.core.metrics.conftest import Shop, shop_of
from tests.dashboard.pages import ENTRY, page_text
from tests.dashboard.reports import downloads, figures, placed


def bookmark(person: Person, **query: str) -> AppTest:
    """The Overview, opened by an address with this query."""
    app = AppTest.from_file(ENTRY, default_timeout=30)
    app.session_state["session_token"] = sign_in(person)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def shown_days(app: AppTest) -> tuple[str, str]:
    query = parse_qs(urlsplit(downloads(app)[0]).query)
    return query["start"][0], query["end"][0]


@pytest.fixture
def acme(cast: Cast) -> Shop:
    """An order of yesterday, one of forty days ago, one of last year's 5 March."""
    shop = shop_of(cast.acme)
    now = datetime.now(UTC)
    for order_id, when in enumerate(
        (now - timedelta(days=1), now - timedelta(days=40), datetime(now.year - 1, 3, 5, 12, tzinfo=UTC)), start=1
    ):
        shop.receive(placed(order_id, when))
    return shop


def test_the_last_30_days_against_the_30_before_are_shown_at_first(cast: Cast, acme: Shop) -> None:
    app = bookmark(cast.alice)
    today = datetime.now(UTC).astimezone(acme.zone).date()
    assert shown_days(app) == ((today - timedelta(days=29)).isoformat(), today.isoformat())
    assert "vs previous period" in page_text(app)
    assert figures(app)["Orders"] == ("1", "0.0%")


def test_a_bookmarked_range_is_shown_last_day_included(cast: Cast, acme: Shop) -> None:
    year = datetime.now(UTC).year - 1
    app = bookmark(cast.alice, range="Custom", start=f"{year}-03-01", end=f"{year}-03-05")
    assert shown_days(app) == (f"{year}-03-01", f"{year}-03-05")
    assert figures(app)["Orders"][0] == "1"
    assert f"1–5 Mar {year}" in page_text(app)
    day_before = bookmark(cast.alice, range="Custom", start=f"{year}-03-01", end=f"{year}-03-04")
    assert figures(day_before)["Orders"][0] == "0"


def test_a_bookmarked_preset_and_comparison_are_shown(cast: Cast, acme: Shop) -> None:
    app = bookmark(cast.alice, range="Last 90 days", compare="Previous year")
    assert figures(app)["Orders"][0] == "2"
    assert "vs previous year" in page_text(app)
    assert figures(bookmark(cast.alice, compare="No comparison"))["Orders"] == ("1", "")


def test_choosing_a_period_changes_the_page(cast: Cast, acme: Shop) -> None:
    app = bookmark(cast.alice)
    app.selectbox(key="range").set_value("Last 90 days").run()
    assert figures(app)["Orders"][0] == "2"


@pytest.mark.parametrize(
    ("start", "end", "notice"),
    [
        ("2026-10-31", "2026-10-01", "The period ends before it starts; swap the two dates"),
        ("2001-01-01", "2026-10-01", "longer than ten years"),
        ("nonsense", "2026-10-01", "Choose the first and the last day"),
        ("1066-10-14", "2026-10-01", "longer than ten years"),
        ("2026-10-01", "2999-01-01", "1 Jan 2999 is in the future. Choose the first and the last day, up to today."),
        ("2026-10-01", "", "Choose the first and the last day"),
        ("<script>", "'; DROP TABLE orders --", "Choose the first and the last day"),
    ],
)
def test_days_that_make_no_period_fall_back_with_a_notice(
    cast: Cast, acme: Shop, start: str, end: str, notice: str
) -> None:
    app = bookmark(cast.alice, range="Custom", start=start, end=end)
    assert not app.exception
    assert notice in page_text(app)
    assert "the last 30 days are shown" in page_text(app)
    assert figures(app)["Orders"][0] == "1"


def test_a_custom_period_begins_with_the_days_that_were_shown(cast: Cast, acme: Shop) -> None:
    app = bookmark(cast.alice, range="Last 7 days")
    seven_days = shown_days(app)
    app.selectbox(key="range").set_value("Custom").run()
    assert shown_days(app) == seven_days
    assert not app.warning
    first = date.fromisoformat(seven_days[0]) - timedelta(days=60)
    app.date_input(key="start").set_value(first).run()
    assert shown_days(app) == (first.isoformat(), seven_days[1])


def test_the_filters_stand_above_the_figures_and_not_in_the_sidebar(cast: Cast, acme: Shop) -> None:
    app = bookmark(cast.alice)
    assert [box.label for box in app.main.selectbox] == ["Period", "Compared with"]
    assert not app.sidebar.selectbox


@pytest.mark.parametrize("query", [{"range": "nonsense"}, {"compare": "nonsense"}, {"store": "nonsense"}, {"x": "1"}])
def test_made_up_values_in_the_url_are_ignored(cast: Cast, acme: Shop, query: dict[str, str]) -> None:
    app = bookmark(cast.alice, **query)
    assert not app.exception
    assert figures(app) == figures(bookmark(cast.alice))


def test_a_store_is_chosen_by_the_part_of_its_address_that_never_changes(cast: Cast, acme: Shop) -> None:
    add_store(cast.alice.tenant_id, "Acme Tokyo", "acme-tokyo.myshopify.com", "JPY", "Asia/Tokyo")
    app = bookmark(cast.alice)
    assert app.selectbox(key="store").options == ["acme", "acme-tokyo"]
    assert app.selectbox(key="store by name").options == ["Acme", "Acme Tokyo"]
    chosen = bookmark(cast.alice).selectbox(key="store by name").set_value("acme-tokyo").run()
    assert chosen.query_params["store"] == "acme-tokyo"
    assert "**Acme Tokyo**" in page_text(chosen)
    assert "**Acme**" in page_text(app)
    tokyo = bookmark(cast.alice, store="acme-tokyo")
    assert "**Acme Tokyo**" in page_text(tokyo)
    assert figures(tokyo)["Orders"][0] == "0"
    assert "Asia/Tokyo" in page_text(tokyo)


def test_another_businesss_store_falls_back_in_silence_to_the_first_own_one(cast: Cast, acme: Shop) -> None:
    add_store(cast.alice.tenant_id, "Acme Tokyo", "acme-tokyo.myshopify.com", "JPY", "Asia/Tokyo")
    for handle in ("globex", str(cast.globex.store_id), "globex.myshopify.com"):
        app = bookmark(cast.alice, store=handle)
        assert not app.exception
        assert "**Acme**" in page_text(app)
        assert "Globex" not in page_text(app)
        assert not app.warning


def test_a_choice_that_no_list_offers_is_not_believed(cast: Cast, acme: Shop) -> None:
    """What a browser sends is not bound by what the page offered."""
    app = AppTest.from_file(ENTRY, default_timeout=30)
    app.session_state["session_token"] = sign_in(cast.alice)
    app.session_state["range"] = "forged"
    app.session_state["compare"] = "forged"
    app.run()
    assert not app.exception
    assert figures(app)["Orders"] == ("1", "0.0%")


def test_every_period_and_comparison_can_be_chosen() -> None:
    assert set(filters.PRESETS.values()) == set(Preset)
    assert set(filters.COMPARISONS.values()) == set(Comparison)
    assert filters.DEFAULT in filters.PRESETS
    assert filters.CUSTOM not in filters.PRESETS


def test_a_download_has_the_pages_filters_and_nothing_empty(acme: Shop) -> None:
    period = acme.days("2026-11-01", "2026-11-30")
    link = csv_address("orders", 7, period, status="paid", search="")
    assert link == "/exports/orders.csv?store=7&start=2026-11-01&end=2026-11-30&status=paid"
    assert formats.period(period) == "1–30 Nov 2026"
