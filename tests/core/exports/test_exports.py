"""The CSV files: all rows, the page's sums, the store's time, nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest

from core import exports, stores
from core.domain.periods import Comparison, Grain, Period
from core.errors import InvalidInput, NotFound
from core.metrics.customers.listing import buyers
from core.metrics.orders.listing import OrderQuestion, orders
from core.metrics.products.listing import sales_by_product, sales_by_variant
from tests import factories as made
from tests.cast import Cast
from tests.core.exports.downloads import NOTHING, download, total
from tests.core.metrics.conftest import Shop, headline, shop_of
from tests.core.metrics.sales.test_headline import at, utc


@pytest.fixture
def acme(cast: Cast) -> Shop:
    return shop_of(cast.acme)


@pytest.fixture
def november(acme: Shop) -> Period:
    return acme.days("2026-11-01", "2026-11-30")


def test_the_orders_of_a_page_come_with_plain_amounts_their_currency_and_the_stores_time(
    acme: Shop, november: Period
) -> None:
    acme.receive(
        made.customer(81),
        made.order(customer_id=81, country="France", financial_status="paid", refunds=(made.refund(),)),
    )
    assert download(acme, "orders", november) == [
        {
            "order_id": "gid://shopify/Order/5000000000000000001",
            "name": "#1001",
            "processed_at": "2026-11-02 10:30:00",
            "customer": "Ada Lovelace",
            "country": "France",
            "items": "2",
            "net_sales": "20.00",
            "total": "52.60",
            "currency": "EUR",
            "financial_status": "paid",
            "fulfillment_status": "",
            "cancelled_at": "",
            "discounts": "0.00",
            "returns": "20.00",
            "shipping": "5.00",
            "taxes": "3.80",
            "discount_codes": "",
            "tags": "",
            "time_zone": "Europe/Berlin",
        }
    ]


def test_a_file_has_all_rows_however_few_the_page_shows(acme: Shop, november: Period) -> None:
    acme.receive(*(at(utc(2026, 11, 3, 12), n, name=f"#{n}") for n in range(1, 301)))
    rows = download(acme, "orders", november)
    assert len(rows) == len({row["order_id"] for row in rows}) == 300


def test_every_file_adds_up_to_the_page_it_comes_from(acme: Shop, november: Period) -> None:
    kept = made.refund(adjustments=(made.adjustment("refund_discrepancy", "5.00"),))
    custom = made.line(12, "7.00", 1, "1.33", title="Engraving", product_id=None, variant_id=None)
    acme.receive(
        made.product(),
        made.customer(81),
        made.order(customer_id=81, line_items=(made.line(discount=Decimal("4.00")), custom), refunds=(kept,)),
        at(utc(2026, 11, 4), 2, email="guest@example.com"),
    )
    whole = acme.ask(headline, november)
    over_time = download(acme, "sales-over-time", november)
    for metric in "gross_sales discounts returns net_sales shipping taxes duties fees total_sales".split():
        assert total(over_time, metric) == getattr(whole, metric), metric
    assert total(over_time, "orders") == whole.orders
    for name, rows in (
        ("products", acme.ask(sales_by_product, november)),
        ("variants", acme.ask(sales_by_variant, november)),
        ("customers", acme.ask(buyers, november)),
        ("orders", acme.ask(orders, OrderQuestion(november))),
    ):
        assert total(download(acme, name, november), "net_sales") == sum(row.net_sales for row in rows), name
    assert total(download(acme, "products", november), "net_sales") == whole.net_sales
    assert total(download(acme, "customers-over-time", november), "new_customers") == whole.new_customers


def test_a_chart_of_days_has_a_row_for_each_day(acme: Shop, november: Period) -> None:
    rows = download(acme, "sales-over-time", november)
    assert len(rows) == november.days == len(november.points(Grain.DAY))
    assert (rows[0]["start"], rows[-1]["start"]) == ("2026-11-01 00:00:00", "2026-11-30 00:00:00")
    assert {row["total_sales"] for row in rows} == {"0.00"}


def test_the_file_of_a_chart_has_the_compared_figures_beside_each_point(acme: Shop) -> None:
    acme.receive(at(utc(2026, 10, 30, 12), 1), at(utc(2026, 11, 3, 12), 2))
    period = acme.days("2026-11-02", "2026-11-04")
    compared = period.compared(Comparison.PREVIOUS_PERIOD, utc(2026, 11, 21))
    store = stores.find(acme.business.key)
    pieces = exports.stream(store, "sales-over-time", period, NOTHING, compared)
    rows = list(csv.DictReader(io.StringIO(b"".join(pieces).decode("utf-8-sig"), newline="")))
    assert [(row["total_sales"], row["compared_start"], row["compared_total_sales"]) for row in rows] == [
        ("0.00", "2026-10-30 00:00:00", "52.60"),
        ("52.60", "2026-10-31 00:00:00", "0.00"),
        ("0.00", "2026-11-01 00:00:00", "0.00"),
    ]
    alone = download(acme, "sales-over-time", period)
    assert [(row["compared_start"], row["compared_total_sales"]) for row in alone] == [("", "")] * 3


def test_the_file_of_a_chart_has_the_grain_of_the_chart(acme: Shop, november: Period) -> None:
    """November 2026 begins on a Sunday: a week of one day, then four of seven, then a Monday."""
    acme.receive(*(at(utc(2026, 11, day, 12), day) for day in (1, 2, 8, 9, 30)))
    weeks = download(acme, "sales-over-time", november, {"grain": "week"})
    assert [(row["start"][:10], row["orders"], row["net_sales"]) for row in weeks] == [
        ("2026-11-01", "1", "40.00"),
        ("2026-11-02", "2", "80.00"),
        ("2026-11-09", "1", "40.00"),
        ("2026-11-16", "0", "0.00"),
        ("2026-11-23", "0", "0.00"),
        ("2026-11-30", "1", "40.00"),
    ]
    for grain in ("hour", "month", "'; --", ""):
        assert len(download(acme, "sales-over-time", november, {"grain": grain})) == 30


def test_the_file_of_a_products_chart_has_its_own_sales(acme: Shop, november: Period) -> None:
    mug = made.line(12, price="9.00", quantity=1, tax="0", title="Mug", product_id=8, variant_id=81)
    acme.receive(made.product(), at(utc(2026, 11, 3, 12), 1, line_items=(made.line(), mug), total=Decimal("61.60")))
    weeks = download(acme, "product-over-time", november, {"product": "8", "grain": "week"})
    assert [(row["net_sales"], row["currency"]) for row in weeks[:3]] == [
        ("0.00", "EUR"),
        ("9.00", "EUR"),
        ("0.00", "EUR"),
    ]
    for unknown in ("", "x", "²", "9" * 30):
        assert total(download(acme, "product-over-time", november, {"product": unknown}), "net_sales") == 0


@pytest.mark.parametrize(
    "evil",
    [
        "=1+1",
        "+1",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        " =1",
        "＝1",
        '=HYPERLINK("http://x")',
        "\u200b=1",
        "\ufeff=1",
        "\u00ad1",
        " \u2060=1",
    ],
)
def test_no_text_is_a_formula(acme: Shop, november: Period, evil: str) -> None:
    acme.receive(
        made.product(title=evil, variants=(made.variant(sku=evil),)),
        made.customer(81, first_name=evil, last_name="", email=evil),
        made.order(customer_id=81, name=evil, country=evil),
    )
    for name in ("orders", "customers", "products", "variants"):
        (row,) = download(acme, name, november)
        texts = [value for value in row.values() if value and evil.strip() in value]
        assert texts, name
        assert all(value.startswith("'") for value in texts), name


def test_text_that_is_no_formula_stays_unchanged(acme: Shop, november: Period) -> None:
    title = 'Mug "Große", 0.3 l; a=b - c+d\nsecond line'
    acme.receive(made.product(title=title), made.order())
    assert download(acme, "products", november)[0]["title"] == title


def test_negative_amounts_stay_numbers(acme: Shop) -> None:
    acme.receive(made.product(), made.order(refunds=(made.refund(),)))
    (row,) = download(acme, "products", acme.days("2026-11-11"))
    assert row["net_sales"] == "-20.00"


def test_yen_have_no_decimals(cast: Cast, acme: Shop) -> None:
    from tests.cast import add_store

    shop = shop_of(add_store(cast.alice.tenant_id, "Tokyo", "tokyo.myshopify.com", "JPY", "Asia/Tokyo"))
    line = made.line(price="1980", tax="396")
    shop.receive(made.order(currency="JPY", line_items=(line,), shipping_lines=(), total=Decimal(4356)))
    (row,) = download(shop, "orders", shop.days("2026-11-02"))
    assert (row["total"], row["net_sales"], row["currency"]) == ("4356", "3960", "JPY")
    assert row["processed_at"] == "2026-11-02 18:30:00"


def test_each_order_has_its_own_currency_and_its_decimals(cast: Cast, acme: Shop, november: Period) -> None:
    shop = shop_of(cast.acme)
    yen = made.line(price="1980", tax="396")
    shop.receive(
        made.order(order_id=1, name="#1"),
        made.order(order_id=2, name="#2", currency="JPY", line_items=(yen,), shipping_lines=(), total=Decimal(4356)),
        made.order(order_id=3, name="#3", currency="KWD", total=Decimal("52.6")),
    )
    found = {
        row["name"]: (row["total"], row["net_sales"], row["currency"]) for row in download(acme, "orders", november)
    }
    assert found == {
        "#1": ("52.60", "40.00", "EUR"),
        "#2": ("4356", "3960", "JPY"),
        "#3": ("52.600", "40.000", "KWD"),
    }


@pytest.mark.parametrize("name", ["sales-over-time", "products", "variants", "customers"])
def test_a_file_of_figures_is_of_one_currency_and_says_which(acme: Shop, november: Period, name: str) -> None:
    acme.receive(made.product(), made.order(order_id=1), made.order(order_id=2, currency="USD"))
    acme.receive(made.order(order_id=3, currency="USD"))
    for currency, net in (("", 40), ("EUR", 40), ("USD", 80)):
        found = download(acme, name, november, {"currency": currency})
        assert total(found, "net_sales") == net
        assert {row["currency"] for row in found} == {currency or "EUR"}


@pytest.mark.parametrize("currency", ["XXX", "'; --", "eur", "USD"])
def test_a_currency_that_the_store_has_not_is_refused(acme: Shop, november: Period, currency: str) -> None:
    acme.receive(made.order())
    with pytest.raises(InvalidInput, match="no orders in that currency"):
        download(acme, "orders", november, {"currency": currency})


def test_a_file_is_narrowed_as_its_page_is(acme: Shop, november: Period) -> None:
    acme.receive(
        made.customer(81),
        made.order(customer_id=81, financial_status="paid"),
        at(utc(2026, 11, 4), 2, name="#2002", financial_status="pending", email="guest@example.com"),
    )
    assert [row["name"] for row in download(acme, "orders", november, {"status": "pending"})] == ["#2002"]
    assert [row["name"] for row in download(acme, "orders", november, {"search": "#1001"})] == ["#1001"]
    assert [row["name"] for row in download(acme, "orders", november, {"search": "ada"})] == ["#1001"]
    assert [row["email"] for row in download(acme, "customers", november, {"search": "guest"})] == [
        "guest@example.com"
    ]


def test_a_file_has_the_order_and_the_goods_of_its_page(acme: Shop, november: Period) -> None:
    custom = made.line(12, "70.00", 1, "1.33", title="Engraving", product_id=None, variant_id=None)
    acme.receive(made.product(), made.order(line_items=(made.line(), custom)), at(utc(2026, 11, 4), 2, name="#0002"))
    assert [row["name"] for row in download(acme, "orders", november, {"sort": "net_sales"})] == ["#0002", "#1001"]
    assert [row["name"] for row in download(acme, "orders", november, {"sort": "net sales"})] == ["#0002", "#1001"]
    assert [row["name"] for row in download(acme, "orders", november, {"sort": "-name"})] == ["#1001", "#0002"]
    titles = {
        goods: [row["title"] for row in download(acme, "products", november, {"goods": goods})]
        for goods in ("", "products", "others", "x")
    }
    both = ["Shirt", "Engraving"]
    assert titles == {"": both, "products": ["Shirt"], "others": ["Engraving"], "x": both}


def test_a_search_cannot_leave_its_quotes(acme: Shop, november: Period) -> None:
    acme.receive(made.order())
    for typed in ("' OR true --", "%(tenant_id)s", "%", "$$", "\\'"):
        assert download(acme, "orders", november, {"search": typed}) == []


def test_a_status_or_a_file_that_is_not_there_is_said_so(acme: Shop, november: Period) -> None:
    with pytest.raises(InvalidInput, match="status"):
        download(acme, "orders", november, {"status": "nonsense"})
    with pytest.raises(NotFound, match="no such file"):
        download(acme, "users", november)


def test_a_file_is_named_by_store_and_period(acme: Shop) -> None:
    store = stores.find(acme.business.key)
    period = Period(date(2026, 2, 1), date(2026, 2, 28), acme.zone)
    assert exports.filename(store, "orders", period) == "acme-orders-2026-02-01-2026-02-28.csv"
