"""An order of the file as a record: every amount to the cent, and no invented field."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain import Order, Source
from core.domain.ledger import sale_rows
from core.errors import InvalidFile
from core.shopify.orders_csv import Mapped
from tests.core.shopify.csv_files import Cells, first, mapped, more, two_lines


def worth(order: Order) -> Decimal:
    """Sum the ledger of the order as placed, with taxes."""
    return sum((row.net + row.tax for row in sale_rows(order) if row.action == "order"), Decimal(0))


def refusal(*rows: Cells) -> str:
    with pytest.raises(InvalidFile) as caught:
        mapped(*rows)
    return str(caught.value)


def taxes(made: Mapped) -> list[Decimal]:
    """List the tax of each line, and last of the shipping."""
    lines = [line.taxes for line in made.order.line_items]
    lines.append(made.order.shipping_lines[0].taxes)
    return [sum((tax.amount for tax in line), Decimal(0)) for line in lines]


def discounts(made: Mapped) -> list[Decimal]:
    return [line.discount for line in made.order.line_items]


def amounts(*texts: str) -> list[Decimal]:
    return [Decimal(text) for text in texts]


def test_the_first_row_has_the_orders_own_fields() -> None:
    order = mapped(first()).order
    assert (order.order_id, order.name, order.currency) == (5000000000001, "#1001", "EUR")
    assert order.created_at == order.processed_at == datetime(2024, 5, 2, 9, 4, 33, tzinfo=UTC)
    assert order.updated_at == datetime(2024, 5, 2, 9, 4, 35, tzinfo=UTC)
    assert (order.total, order.subtotal, order.tax, order.shipping) == tuple(
        amounts("52.60", "40.00", "7.60", "5.00")
    )
    assert (order.financial_status, order.fulfillment_status) == ("paid", "unfulfilled")
    assert (order.email, order.country, order.city, order.source_name) == ("ada@example.com", "DE", "Berlin", "web")
    assert order.source is Source.CSV
    assert worth(order) == order.total


def test_fields_that_the_file_lacks_stay_none() -> None:
    order = mapped(first()).order
    assert (order.customer_id, order.number, order.cancel_reason, order.current_total) == (None, None, None, None)
    assert (order.refunds, order.agreements, order.test) == ((), None, False)
    (line,) = order.line_items
    assert (line.product_id, line.variant_id, line.current_quantity, line.variant_title) == (None, None, None, None)


def test_prices_that_contain_tax_are_known_by_the_total() -> None:
    made = mapped(first(Subtotal="40.00", Taxes="7.18", Tax_1_Value="7.18", Total="45.00"))
    assert made.order.taxes_included
    assert made.is_even
    assert worth(made.order) == Decimal("45.00")


def test_the_tax_of_the_order_is_on_its_lines_as_the_rate_says() -> None:
    made = mapped(*two_lines())
    assert taxes(made) == amounts("7.60", "1.90", "0")
    assert {tax.rate for line in made.order.line_items for tax in line.taxes} == {Decimal("0.19")}


def test_shipping_is_taxed_where_the_sum_says_so() -> None:
    made = mapped(*two_lines(Taxes="10.45", Tax_1_Value="10.45", Total="65.45"))
    assert taxes(made) == amounts("7.60", "1.90", "0.95")


def test_a_tax_that_no_rounding_explains_is_spread_and_not_a_cent_is_lost() -> None:
    made = mapped(*two_lines(Taxes="10.00", Tax_1_Value="10.00", Total="65.00"))
    assert sum(taxes(made)) == Decimal("10.00")
    assert worth(made.order) == Decimal("65.00")


def test_two_taxes_stay_two() -> None:
    rates = {
        "Tax_1_Name": "CA State Tax 6%",
        "Tax_1_Value": "2.40",
        "Tax_2_Name": "County 1.5%",
        "Tax_2_Value": "0.60",
    }
    (line,) = mapped(first(Taxes="3.00", Total="48.00", **rates)).order.line_items
    assert [(tax.title, tax.rate, tax.amount) for tax in line.taxes] == [
        ("CA State Tax 6%", Decimal("0.06"), Decimal("2.40")),
        ("County 1.5%", Decimal("0.015"), Decimal("0.60")),
    ]


def test_taxes_that_have_no_column_of_their_own_are_not_lost() -> None:
    made = mapped(first(Tax_1_Name="", Tax_1_Value=""))
    (line,) = made.order.line_items
    assert [(tax.title, tax.rate, tax.amount) for tax in line.taxes] == [("Tax", Decimal("0.19"), Decimal("7.60"))]


def test_an_untaxed_line_bears_no_tax() -> None:
    made = mapped(*two_lines(Taxes="7.60", Tax_1_Value="7.60", Total="62.60")[:1], more(Lineitem_taxable="false"))
    assert taxes(made) == amounts("7.60", "0", "0")


def test_a_discount_on_the_order_is_shared_by_its_lines_to_the_cent() -> None:
    made = mapped(
        *two_lines(
            Subtotal="40.00",
            Discount_Amount="10.00",
            Discount_Code="TEN",
            Taxes="7.60",
            Tax_1_Value="7.60",
            Total="52.60",
        )
    )
    assert discounts(made) == amounts("8.00", "2.00")
    assert (made.order.discounts, made.order.discount_codes) == (Decimal("10.00"), ("TEN",))
    assert made.is_even


def test_a_discount_on_a_line_stays_on_it() -> None:
    rows = two_lines(Subtotal="46.00", Discount_Amount="4.00", Taxes="8.74", Tax_1_Value="8.74", Total="59.74")
    made = mapped(rows[0], more(Lineitem_discount="4.00"))
    assert discounts(made) == amounts("0", "4.00")
    assert taxes(made) == amounts("7.60", "1.14", "0")


def test_shipping_given_free_has_its_price_and_its_discount_whether_the_column_is_before_or_after() -> None:
    after = mapped(first(Shipping="0.00", Discount_Amount="5.00", Total="47.60")).order
    before = mapped(first(Shipping="5.00", Discount_Amount="5.00", Total="47.60")).order
    for order in (after, before):
        (shipping,) = order.shipping_lines
        assert (shipping.price, shipping.discount) == (Decimal("5.00"), Decimal("5.00"))
        assert order.shipping == 0
        assert worth(order) == Decimal("47.60")


def test_a_tip_is_no_product() -> None:
    tip = more(Lineitem_name="Tip", Lineitem_price="3.00", Lineitem_sku="", Lineitem_requires_shipping="false")
    made = mapped(first(Total="55.60"), tip | {"Lineitem taxable": "false"})
    assert made.order.tip == Decimal("3.00")
    assert len(made.order.line_items) == 1
    assert made.is_even
    assert worth(made.order) == Decimal("55.60")


def test_a_gift_card_is_money_owed_and_bears_no_discount() -> None:
    card = more(Lineitem_name="Gift Card - 50", Lineitem_price="50.00", Lineitem_requires_shipping="false")
    sums = {"Subtotal": "86.00", "Discount_Amount": "4.00", "Taxes": "6.84", "Tax_1_Value": "6.84", "Total": "97.84"}
    made = mapped(first(**sums), card | {"Lineitem taxable": "false"})
    assert [line.is_gift_card for line in made.order.line_items] == [False, True]
    assert discounts(made) == amounts("4.00", "0")


def test_an_order_that_does_not_add_up_is_said_to() -> None:
    assert not mapped(first(Total="99.99")).is_even
    assert not mapped(first(Subtotal="60.00", Total="72.60")).is_even  # a line is missing


def test_refunds_without_a_day_are_marked_and_in_no_returns() -> None:
    order = mapped(first(Refunded_Amount="23.80", Financial_Status="partially_refunded")).order
    assert order.refunds_undated == Decimal("23.80")
    assert {row.action for row in sale_rows(order)} == {"order"}
    assert mapped(first()).order.refunds_undated is None


@pytest.mark.parametrize(("status", "refunded"), [("refunded", "52.60"), ("voided", "0.00")])
def test_a_cancelled_order_of_which_nothing_was_kept_comes_back_on_the_day_it_was_cancelled(
    status: str, refunded: str
) -> None:
    cancelled = "2024-05-04 08:00:00 +0200"
    order = mapped(first(Financial_Status=status, Refunded_Amount=refunded, Cancelled_at=cancelled)).order
    rows = sale_rows(order)
    back = [row for row in rows if row.action == "return"]
    assert order.refunds_undated is None
    assert {row.happened_at for row in back} == {datetime(2024, 5, 4, 6, 0, tzinfo=UTC)}
    assert sum((row.net + row.tax for row in rows), Decimal(0)) == 0
    assert sum(row.quantity for row in rows) == 0


def test_of_a_cancelled_order_that_was_paid_back_in_part_no_day_is_made_up() -> None:
    cancelled = "2024-05-04 08:00:00 +0200"
    changes = {"Financial_Status": "partially_refunded", "Refunded_Amount": "20.00", "Cancelled_at": cancelled}
    order = mapped(first(**changes)).order
    assert order.refunds_undated == Decimal("20.00")
    assert worth(order) == sum((row.net + row.tax for row in sale_rows(order)), Decimal(0))


def test_without_shipping_the_billing_address_says_where_an_order_went() -> None:
    cells = {"Shipping_Country": "", "Shipping_City": "", "Billing_Country": "FR", "Billing_Province": "IDF"}
    order = mapped(first(**cells)).order
    assert (order.country, order.province, order.city) == ("FR", "IDF", None)


@pytest.mark.parametrize("currency", ["", "US", "usd", "$", "Euro"])
def test_a_malformed_currency_is_refused(currency: str) -> None:
    assert refusal(first(Currency=currency)) == (
        "1.csv, line 2, column “Currency” is not the code of a currency such as USD; import the file as Shopify sent "
        "it."
    )


@pytest.mark.parametrize(
    ("column", "value", "problem"),
    [
        ("Id", "99999999999999999999", "is not the number of an order"),
        ("Id", "five", "is not the number of an order"),
        ("Created at", "2024-02-31 11:04:33 +0200", "is not a time such as 2024-05-02 11:04:33 +0200"),
        ("Cancelled at", "yesterday", "is not a time such as 2024-05-02 11:04:33 +0200"),
        ("Created at", "0001-01-01 00:00:00 +1400", "is not a time such as 2024-05-02 11:04:33 +0200"),
        ("Total", "", "is not an amount such as 12.50"),
        ("Taxes", "NaN", "is not an amount such as 12.50"),
        ("Refunded Amount", "-3.00", "is not an amount such as 12.50"),
        ("Lineitem quantity", "2.5", "is not a whole number"),
        ("Lineitem price", "twenty", "is not an amount such as 12.50"),
        ("Tax 1 Value", "7.60 EUR", "is not an amount such as 12.50"),
    ],
)
def test_a_wrong_cell_is_named_by_line_and_column_and_never_shown(column: str, value: str, problem: str) -> None:
    sentence = refusal(first() | {column: value}, more())
    assert sentence == f"1.csv, line 2, column “{column}” {problem}; import the file as Shopify sent it."


@pytest.mark.parametrize(
    ("column", "value"),
    [
        *(("Id", value) for value in ("5.00E+12", "5,00E+12", "5E12")),
        *(("Created at", value) for value in ("02/05/2024 11:04", "2.5.24 11:04", "2024-05-02", "5/2/24")),
        *(("Total", value) for value in ("1,234.50", "52,60", "$52.60", "1.234,50 €", "1 234,50", "1'234.50")),
        ("Paid at", "02/05/2024 11:04"),
        ("Tax 1 Value", "7,60"),
    ],
)
def test_a_cell_that_a_spreadsheet_program_rewrote_is_said_to_be(column: str, value: str) -> None:
    assert refusal(first() | {column: value}, more()) == (
        f"1.csv, line 2: a spreadsheet program has saved this file and changed “{column}”; export the orders from "
        "Shopify again, and import the file without opening it."
    )


def test_truth_in_capitals_as_spreadsheet_programs_write_it_is_the_same() -> None:
    made = mapped(*two_lines(Taxes="7.60", Tax_1_Value="7.60", Total="62.60")[:1], more(Lineitem_taxable="FALSE"))
    assert taxes(made) == amounts("7.60", "0", "0")
    shipped = mapped(first(Lineitem_name="Tip", Lineitem_sku="", Lineitem_requires_shipping="TRUE"))
    assert shipped.order.tip == 0, "it is goods of that name"


def test_an_amount_of_too_many_digits_is_refused() -> None:
    assert "column “Lineitem price” is not an amount" in refusal(first(Lineitem_price="9" * 14))
    whole = mapped(first(Lineitem_price="9" * 13 + ".999999", Lineitem_quantity="9" * 9))
    assert worth(whole.order) == whole.worth


def test_a_tip_that_another_language_names_is_known_by_the_total() -> None:
    tip = more(Lineitem_name="Trinkgeld", Lineitem_price="3.00", Lineitem_sku="", Lineitem_requires_shipping="false")
    made = mapped(first(Total="55.60"), tip | {"Lineitem taxable": "false"})
    assert (made.order.tip, made.is_even, len(made.order.line_items)) == (Decimal("3.00"), True, 1)
    service = mapped(first(Subtotal="43.00", Total="55.60"), tip | {"Lineitem taxable": "false"})
    assert (service.order.tip, service.is_even, len(service.order.line_items)) == (0, True, 2), (
        "it is in the subtotal"
    )


def test_a_tip_that_the_subtotal_holds_is_a_tip_and_the_order_even() -> None:
    tip = more(Lineitem_name="Tip", Lineitem_price="3.00", Lineitem_sku="", Lineitem_requires_shipping="false")
    made = mapped(first(Subtotal="43.00", Total="55.60"), tip | {"Lineitem taxable": "false"})
    assert (made.order.tip, made.is_even, len(made.order.line_items)) == (Decimal("3.00"), True, 1)


def test_duties_are_part_of_the_orders_total() -> None:
    made = mapped(first(Duties="3.98", Total="56.58"))
    assert (made.is_even, made.worth) == (True, Decimal("56.58"))
    assert worth(made.order) == Decimal("56.58")


def test_an_order_that_does_not_add_up_counts_the_sum_of_its_lines() -> None:
    made = mapped(first(Total="99.99"))
    assert (made.order.total, made.worth) == (Decimal("99.99"), Decimal("52.60"))
    assert worth(made.order) == made.worth


def test_a_wrong_cell_of_a_later_row_is_named_by_its_own_line() -> None:
    assert refusal(first(), more(Lineitem_quantity="x")).startswith("1.csv, line 3, column “Lineitem quantity”")


cents = st.integers(0, 50_000).map(lambda number: Decimal(number) / 100)


@given(
    prices=st.lists(st.tuples(cents, st.integers(1, 9)), min_size=1, max_size=6),
    off=st.integers(0, 100),
    shipping=cents,
    rate=st.sampled_from(["0", "0.07", "0.19", "0.255"]),
    included=st.booleans(),
    named=st.booleans(),
)
def test_whatever_the_amounts_the_ledger_has_the_files_total(
    prices: list[tuple[Decimal, int]], off: int, shipping: Decimal, rate: str, included: bool, named: bool
) -> None:
    listed = sum((price * quantity for price, quantity in prices), Decimal(0))
    subtotal = listed - (listed * off / 100).quantize(Decimal("0.01"))
    charged = subtotal + shipping
    tax = (charged * Decimal(rate) / (1 + Decimal(rate) if included else 1)).quantize(Decimal("0.01"))
    head = {
        "Subtotal": subtotal,
        "Shipping": shipping,
        "Taxes": tax,
        "Total": charged if included else charged + tax,
        "Discount_Amount": listed - subtotal,
        "Tax_1_Name": f"VAT {Decimal(rate) * 100}%" if named else "VAT",
        "Tax_1_Value": tax,
    }
    (price, quantity), *others = prices
    rows = [first(Lineitem_price=str(price), Lineitem_quantity=str(quantity), **{k: str(v) for k, v in head.items()})]
    rows += [more(Lineitem_price=str(price), Lineitem_quantity=str(quantity)) for price, quantity in others]
    made = mapped(*rows)
    assert made.is_even
    assert worth(made.order) == made.order.total
    assert sum(taxes_of(made.order), Decimal(0)) == tax
    assert sum(discounts(made), Decimal(0)) == listed - subtotal


def taxes_of(order: Order) -> list[Decimal]:
    lines = [*order.line_items, *order.shipping_lines]
    return [tax.amount for line in lines for tax in line.taxes]
