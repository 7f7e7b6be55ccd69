"""Files whose figures were reckoned by hand, imported as the page does it, into a dollar store in Los Angeles."""

from __future__ import annotations

import io
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from core import imports
from core.database.models import LineItem, Order
from core.domain.periods import Grain
from core.imports import Upload, load
from core.imports.views import ImportView, Skipped, Uneven
from core.metrics.imported import undated_refunds
from core.metrics.orders.listing import OrderQuestion, orders
from core.metrics.products.listing import sales_by_product
from core.metrics.sales.overview import Headline
from tests.cast import NOW, Cast, add_store
from tests.core.metrics.conftest import Shop, series, shop_of
from tests.stored import rows

CASES = Path(__file__).parents[2] / "payloads" / "cases"
MONEY = {"gross": "gross_sales", "net": "net_sales", "total": "total_sales"}
MARCH = ("2025-03-01", "2025-03-31")

FIGURES = {
    "C01": {"2025-03-01": "gross 164.02, net 164.02, taxes 34.49, shipping 34.88, duties 3.98, total 237.37"},
    "C03": {"2025-03-03": "gross 184.76, net 184.76, taxes 25.31, total 210.07"},
    "C07": {
        "2025-03-07": "gross 194.50, discounts 110.59, net 83.91, shipping 4.00, taxes 2.10, total 90.01, tips 3.00",
    },
    "C09": {"2025-03-10": "gross 12.50, net 12.50, total 12.50"},
    "C12": {"2025-03-13": "gross 35.00, net 35.00, total 35.00"},
    "C13": {"2025-03-14": "gross 21.00, net 21.00, total 21.00"},
    "C14": {
        "2025-03-15": "gross 280.00, net 280.00, total 280.00",
        "2025-03-16": "returns 20.00, net -20.00, total -20.00",
        "2025-03-18": "returns 60.00, net -60.00, total -60.00",
        "2025-03-19": "returns 70.00, net -70.00, total -70.00",
    },
    "C15": {"2025-03-22": "gross 10.00, net 10.00, total 10.00"},
}
"""By file: the figures of every day that has some. A day's other figures are 0."""


@dataclass
class Field:
    """The dollar store, and the user who imports into it."""

    cast: Cast
    shop: Shop

    def imported(self, case: str, any_currency: bool = False) -> ImportView:
        (path,) = CASES.glob(f"{case}_*.csv")
        content = path.read_bytes()
        upload = Upload(path.name, len(content), io.BytesIO(content))
        business = self.shop.business
        import_id = imports.request(self.cast.alice.actor, business.store_id, [upload], NOW, any_currency)
        load.work_on(business.key, import_id)
        return imports.find(business.tenant_id, import_id)


@pytest.fixture
def field(cast: Cast) -> Field:
    store = add_store(
        cast.alice.tenant_id,
        "Field",
        "field-usd.myshopify.com",
        "USD",
        "America/Los_Angeles",
        datetime(2025, 1, 1, tzinfo=UTC),
    )
    return Field(cast, shop_of(store))


def by_day(shop: Shop) -> dict[str, Headline]:
    points = shop.ask(series, shop.days(*MARCH), Grain.DAY)
    return {f"{point.start.astimezone(shop.zone):%Y-%m-%d}": point.figures for point in points}


def money_of(figures: str) -> dict[str, Decimal]:
    zero = {
        each.name: Decimal(0) for each in fields(Headline) if each.default == Decimal(0) and each.type == "Decimal"
    }
    amounts = dict(figure.split() for figure in figures.split(", ")) if figures else {}
    return zero | {MONEY.get(name, name): Decimal(amount) for name, amount in amounts.items()}


@pytest.mark.parametrize("case", FIGURES)
def test_every_day_of_a_file_has_the_figures_computed_by_hand(field: Field, case: str) -> None:
    view = field.imported(case)
    assert (view.state, view.error) == ("succeeded", None)
    for day, figures in by_day(field.shop).items():
        expected = money_of(FIGURES[case].get(day, ""))
        expected.pop("placed_value")
        assert {name: getattr(figures, name) for name in expected} == expected, day


def test_c01_duties_are_read_and_the_order_is_even(field: Field) -> None:
    view = field.imported("C01")
    assert (view.orders_done, view.orders_uneven) == (1, 0)


def test_c03_the_order_that_does_not_add_up_is_named_with_both_its_totals(field: Field) -> None:
    view = field.imported("C03")
    assert (view.orders_done, view.orders_uneven) == (1, 1)
    assert view.uneven == (Uneven("#2003", "USD", Decimal("220.06"), Decimal("210.07")),)


def test_c04_columns_removed_for_privacy_are_named(field: Field) -> None:
    view = field.imported("C04")
    assert view.state == "failed"
    assert view.error == (
        "C04_columns_removed_for_privacy.csv, line 1 lacks the column “Refunded Amount”; export the orders from "
        "Shopify again. Nothing was imported."
    )


def test_c05_a_file_saved_by_a_spreadsheet_program_says_so(field: Field) -> None:
    view = field.imported("C05")
    assert view.state == "failed"
    assert view.error == (
        "C05_saved_by_excel.csv, line 2: a spreadsheet program has saved this file and changed “Id”, “Created at” "
        "and “Paid at”; export the orders from Shopify again, and import the file without opening it. Nothing was "
        "imported."
    )


def test_c07_the_tip_is_no_product_and_the_gift_card_no_sale(field: Field) -> None:
    field.imported("C07")
    listed = {row.name: row for row in field.shop.ask(orders, OrderQuestion(field.shop.days(*MARCH)))}
    assert (listed["#2007"].net_sales, listed["#2008"].net_sales) == (Decimal("53.91"), Decimal("30.00"))
    assert (listed["#2008"].total, listed["#2008"].items) == (Decimal("89.10"), 1)
    titles = {row.title for row in field.shop.ask(sales_by_product, field.shop.days(*MARCH))}
    assert titles == {"Masque", "Brosse", "Cadeau", "Bowl"}


def test_c09_rows_of_commas_are_no_orders(field: Field) -> None:
    assert field.imported("C09").orders_done == 1


def test_c12_two_orders_of_one_name_are_two(field: Field) -> None:
    assert field.imported("C12").orders_done == 2
    assert {row["total"] for row in rows(field.shop.business, Order)} == {Decimal("10.00"), Decimal("25.00")}


def test_c13_newlines_and_quotes_are_part_of_a_title(field: Field) -> None:
    field.imported("C13")
    assert [row["title"] for row in rows(field.shop.business, LineItem)] == ['Set "Duo", large\nwith ribbon']


def test_c14_refunds_without_a_date_are_said_to_be_in_no_day(field: Field) -> None:
    assert field.imported("C14").orders_done == 7
    (undated,) = field.shop.ask(undated_refunds)
    assert (undated.orders, undated.amount, undated.currency) == (2, Decimal("45.00"), "USD")


def test_c15_an_order_of_another_currency_is_named_and_skipped_and_can_be_taken(field: Field) -> None:
    view = field.imported("C15")
    assert (view.orders_total, view.orders_done, view.orders_skipped) == (1, 1, 1)
    assert view.skipped == (Skipped("#2023", "EUR"),)
    assert [row["name"] for row in rows(field.shop.business, Order)] == ["#2022"]

    again = field.imported("C15", any_currency=True)
    assert (again.orders_done, again.orders_skipped) == (2, 0)
    assert by_day(field.shop)["2025-03-22"].total_sales == Decimal("10.00"), "taken, and not added"
    listed = {
        row.name: (row.total, row.currency) for row in field.shop.ask(orders, OrderQuestion(field.shop.days(*MARCH)))
    }
    assert listed == {"#2022": (Decimal("10.00"), "USD"), "#2023": (Decimal("9.00"), "EUR")}


def test_a_currency_that_the_store_has_orders_in_is_taken_without_being_asked(field: Field) -> None:
    """A store that changed its currency imports what it sold before."""
    field.imported("C15", any_currency=True)
    assert field.imported("C15").orders_skipped == 0
