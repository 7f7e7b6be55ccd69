"""The All stores page: each store in its own currency, a sum only where every day has a rate, and the rates."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from core import exchange, exports, stores
from core.domain.periods import Period
from core.errors import InvalidInput
from core.exports.all_stores import days_parameter
from core.exports.manifest import Manifest, manifest_of
from core.exports.selection import select
from core.exports.snapshot import Pieces, Snapshot
from tests import factories as made
from tests.cast import Business, Cast, Person, add_store
from tests.core.metrics.conftest import Shop, shop_of
from tests.dashboard.pages import (
    button_labels,
    components,
    downloads,
    open_page,
    page_text,
    press,
    tables,
    titles,
)

NOW = datetime.now(UTC)
TITLE = "Stores side by side"


@pytest.fixture
def acme(cast: Cast) -> Shop:
    """Sell one order of 40.00 in euros, two days ago and 40 days ago."""
    return sell(shop_of(cast.acme))


@pytest.fixture
def overseas(cast: Cast) -> Shop:
    """A second store of Alice's, in dollars, that sold the same."""
    shop = add_store(cast.alice.tenant_id, "Acme <b>US</b>", "acme-us.myshopify.com", "USD", "America/New_York")
    return sell(shop_of(shop), "USD")


def sell(shop: Shop, currency: str = "EUR") -> Shop:
    for number, days in enumerate((2, 40), 1):
        at = NOW - timedelta(days=days)
        shop.receive(made.order(order_id=number, processed_at=at, created_at=at, updated_at=NOW, currency=currency))
    return shop


def open_stores(person: Person) -> AppTest:
    app = open_page(person, "all_stores")
    assert not app.exception
    return app


def tiles(app: AppTest, label: str) -> list[str]:
    (data,) = [data for data in components(app, "tile") if data["label"] == label]
    return [tile["text"] for tile in data["tiles"]]


def test_without_a_rate_the_stores_stand_side_by_side_and_there_is_no_sum(
    cast: Cast, acme: Shop, overseas: Shop
) -> None:
    app = open_stores(cast.alice)
    assert "No sum in EUR\\: USD has no rate for" in page_text(app)
    assert tiles(app, "Stores") == ["€40.00", "$40.00"]
    rows = tables(app)[TITLE]
    assert [row[:2] for row in rows] == [["Acme", "€40.00"], ["Acme <b>US</b>", "$40.00"]]


def test_a_fixed_rate_gives_the_sum_and_says_which_rate_counted(cast: Cast, acme: Shop, overseas: Shop) -> None:
    exchange.set_fixed_rate(cast.alice.actor, "USD", "EUR", Decimal("0.9"), NOW)
    app = open_stores(cast.alice)
    assert tiles(app, "All stores")[:3] == ["€76.00", "€99.94", "2"]
    assert "rate of its day: 1 USD = 0" in page_text(app)
    own, other = tables(app)[TITLE]
    assert (own[-1], other[-2:]) == ("52.6%", ["€36.00", "47.4%"])


def test_an_owner_enters_a_rate_and_takes_it_back(cast: Cast, acme: Shop, overseas: Shop) -> None:
    app = open_stores(cast.alice)
    (entry,) = app.text_input
    entry.set_value("nothing")
    assert "nothing is no amount" in page_text(press(app, "Save rate"))
    (entry,) = app.text_input
    entry.set_value("0.5")
    app = press(app, "Save rate")
    assert tiles(app, "All stores")[0] == "€60.00"
    assert any("/exports/exchange-rates.csv" in file for file in downloads(app))
    assert "No sum in EUR" in page_text(press(app, "Remove"))


def test_the_sum_is_in_the_chosen_currency(cast: Cast, acme: Shop, overseas: Shop) -> None:
    exchange.set_report_currency(cast.alice.actor, "USD", NOW)
    exchange.set_fixed_rate(cast.alice.actor, "EUR", "USD", Decimal("1.25"), NOW)
    assert tiles(open_stores(cast.alice), "All stores")[0] == "$90.00"


def test_stores_of_one_currency_need_no_rate(cast: Cast, acme: Shop) -> None:
    second = add_store(cast.alice.tenant_id, "Acme Paris", "acme-fr.myshopify.com", "EUR", "Europe/Paris")
    sell(shop_of(second))
    app = open_stores(cast.alice)
    assert tiles(app, "All stores")[0] == "€80.00"
    assert "no rate is needed" in page_text(app)


def test_one_store_alone_has_no_sum(cast: Cast, acme: Shop) -> None:
    app = open_stores(cast.alice)
    assert "This business has one store." in page_text(app)
    assert tiles(app, "Stores") == ["€40.00"]


def test_the_file_has_each_day_of_each_store_with_its_rate(cast: Cast, acme: Shop, overseas: Shop) -> None:
    exchange.set_fixed_rate(cast.alice.actor, "USD", "EUR", Decimal("0.9"), NOW)
    period = acme.days("2026-01-01", NOW.date().isoformat())
    asked = {"into": "EUR", "days": days_parameter({shop.business.store_id: period for shop in (acme, overseas)})}
    rows = read_file(cast.acme, period, asked)
    assert sorted(
        (row["currency"], row["net_sales"], row["total_sales"], row["net_sales_converted"]) for row in rows
    ) == [
        ("EUR", "40.00", "52.60", "40.00"),
        ("EUR", "40.00", "52.60", "40.00"),
        ("USD", "40.00", "52.60", "36.00"),
        ("USD", "40.00", "52.60", "36.00"),
    ]
    assert read_file(cast.globex, period, asked) == []
    assert converted_totals(cast.acme, period, asked) == [("EUR", Decimal("152.00"), 4)]


@pytest.mark.parametrize("asked", [{"into": "euro"}, {"days": "1"}, {"days": "1_2026-13-01_2026-01-01"}])
def test_an_address_that_names_no_days_or_no_currency_is_refused(
    cast: Cast, acme: Shop, asked: dict[str, str]
) -> None:
    with pytest.raises(InvalidInput, match="download the file from the All stores page"):
        read_file(cast.acme, acme.days("2026-11-01"), asked)


def converted_totals(
    business: Business, period: Period, asked: dict[str, str]
) -> list[tuple[str, Decimal | None, int]]:
    """The control totals of net sales in the currency of the sum."""
    selection = select(stores.find(business.key), "all-stores", period, asked)
    found = list[Manifest]()

    def keep(snapshot: Snapshot) -> Iterator[bytes]:
        found.append(manifest_of(selection, snapshot))
        return iter(())

    list(Pieces(business.tenant_id, selection.parameters, keep))
    totals = [total for total in found[0].totals if total.column.name == "net_sales_converted"]
    return [(total.currency, total.amount, total.rows) for total in totals]


def read_file(business: Business, period: Period, asked: dict[str, str]) -> list[dict[str, str]]:
    file = b"".join(exports.stream(stores.find(business.key), "all-stores", period, asked))
    return list(csv.DictReader(io.StringIO(file.decode("utf-8-sig"), newline="")))


def test_without_a_store_the_page_says_what_to_do(cast: Cast) -> None:
    assert "Connect a store" in page_text(open_stores(cast.dana))


def test_a_viewer_sees_the_rates_and_cannot_change_them(cast: Cast, acme: Shop, overseas: Shop) -> None:
    exchange.set_fixed_rate(cast.alice.actor, "USD", "EUR", Decimal("0.9"), NOW)
    app = open_stores(cast.bob)
    assert "1 USD = 0\\.9 EUR" in page_text(app)
    assert not app.text_input
    assert not {"Save rate", "Remove"} & button_labels(app)


def test_another_business_sees_neither_the_stores_nor_the_rates(cast: Cast, acme: Shop, overseas: Shop) -> None:
    exchange.set_fixed_rate(cast.alice.actor, "USD", "EUR", Decimal("0.9"), NOW)
    open_stores(cast.alice)
    app = open_stores(cast.charlie)
    assert "Acme" not in page_text(app)
    assert [row[0] for row in tables(app)[TITLE]] == ["Globex"]


def test_the_sum_over_time_has_a_line_for_each_store_and_its_table_adds_up(
    cast: Cast, acme: Shop, overseas: Shop
) -> None:
    exchange.set_fixed_rate(cast.alice.actor, "USD", "EUR", Decimal("0.9"), NOW)
    app = open_stores(cast.alice)
    (chart,) = components(app, "chart")
    assert [each["name"] for each in chart["series"]] == ["All stores", "Acme", "Acme <b>US</b>"]
    whole, own, other = (each["values"] for each in chart["series"])
    assert [sum(values) for values in (whole, own, other)] == [76.0, 40.0, 36.0]
    assert page_text(app).count("1 USD = 0") == 2, "once with the sum, once where rates are entered"
    assert any("/exports/all-stores-over-time.csv" in file and "grain=day" in file for file in downloads(app))


def test_a_day_without_a_rate_is_a_gap_of_the_sum_and_said(cast: Cast, acme: Shop, overseas: Shop) -> None:
    app = open_stores(cast.alice)
    (chart,) = components(app, "chart")
    whole, own, other = (each["values"] for each in chart["series"])
    assert None in whole
    assert None in other
    assert None not in own
    assert "Days without a rate are gaps" in page_text(app)
    assert page_text(app).count("No sum in EUR") == 1
    headings = titles(app)
    assert headings.index("Exchange rates") < headings.index("Stores side by side"), "where the rate can be entered"


def on_day(person: Person, day: date) -> AppTest:
    app = open_stores(person)
    app.selectbox(key="range").set_value("Custom").run()
    for end in ("start", "end"):
        app.date_input(key=end).set_value(day)
    return app.run()


def test_a_single_day_has_a_bar_for_each_store_in_the_currency_of_the_sum(
    cast: Cast, acme: Shop, overseas: Shop
) -> None:
    exchange.set_fixed_rate(cast.alice.actor, "USD", "EUR", Decimal("0.9"), NOW)
    days = {(NOW - timedelta(days=2)).astimezone(shop.zone).date() for shop in (acme, overseas)}
    day = max(days)
    bars = {bar["name"]: bar["text"] for bar in components(on_day(cast.alice, day), "bars")[0]["bars"]}
    # The order has another date in New York than in Berlin during some hours of a day.
    assert bars == {"Acme": "€40.00", "Acme <b>US</b>": "€36.00" if len(days) == 1 else "€0.00"}


def test_a_store_without_a_rate_says_so_on_a_single_day(cast: Cast, acme: Shop, overseas: Shop) -> None:
    day = (NOW - timedelta(days=2)).astimezone(overseas.zone).date()
    (bars,) = components(on_day(cast.alice, day), "bars")
    assert [bar["text"] for bar in bars["bars"]][-1] == "No rate"


def test_the_file_about_all_stores_names_each_of_them(cast: Cast, acme: Shop, overseas: Shop) -> None:
    exchange.set_fixed_rate(cast.alice.actor, "USD", "EUR", Decimal("0.9"), NOW)
    period = Period((NOW - timedelta(days=9)).date(), NOW.date(), acme.zone)
    days = days_parameter(dict.fromkeys((acme.business.store_id, overseas.business.store_id), period))
    selection = select(stores.find(acme.business.key), "all-stores", period, {"days": days, "into": "EUR"})
    facts = Manifest(selection, 0, ()).facts
    assert facts["Stores"] == "Acme (acme.myshopify.com), Acme <b>US</b> (acme-us.myshopify.com)"
    assert facts["Time zone"] == "Europe/Berlin, America/New_York"
    assert facts["Period"].startswith(f"{period.start} to {period.end}")
