"""The accountant's figures, on orders small enough to be added up by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from core.domain import TaxLine, Transaction
from core.domain.periods import Grain
from core.metrics.money.finance import accounting_months, finance
from core.metrics.money.gift_cards import GiftCards, gift_cards
from core.metrics.money.taxes import TaxTotal, taxes
from tests import factories as made
from tests.core.metrics.conftest import Shop, headline
from tests.core.metrics.sales.test_headline import NOVEMBER, at, utc

VAT = Decimal("0.19")
STATE, CITY = TaxLine("State", Decimal("0.06"), Decimal("2.40")), TaxLine("City", Decimal("0.01"), Decimal("0.41"))


def test_a_tax_is_named_with_its_rate_and_what_was_taxed(acme: Shop) -> None:
    acme.receive(made.order())
    assert acme.ask(taxes, acme.days(*NOVEMBER)) == (TaxTotal("VAT", VAT, Decimal("40.00"), Decimal("7.60")),)


def test_a_refund_takes_its_tax_back_on_its_day(acme: Shop) -> None:
    acme.receive(made.order(refunds=(made.refund(),)))
    assert acme.ask(taxes, acme.days("2026-11-11")) == (TaxTotal("VAT", VAT, Decimal("-20.00"), Decimal("-3.80")),)


def test_two_taxes_of_a_line_are_apart_and_a_refund_is_split_without_losing_a_cent(acme: Shop) -> None:
    refund = made.refund(lines=(made.refund_line(tax="1.41"),))
    acme.receive(made.order(line_items=(made.line(taxes=(STATE, CITY)),), refunds=(refund,)))
    assert {tax.title: tax.tax for tax in acme.ask(taxes, acme.days("2026-11-02"))} == {
        "State": Decimal("2.40"),
        "City": Decimal("0.41"),
    }
    assert {tax.title: tax.tax for tax in acme.ask(taxes, acme.days("2026-11-11"))} == {
        "State": Decimal("-1.20"),
        "City": Decimal("-0.21"),
    }


def test_shipping_has_its_own_taxes_and_the_same_tax_is_one_row(acme: Shop) -> None:
    reduced = made.taxes("0.35", "0.07")
    acme.receive(made.order(shipping_lines=(made.shipping(taxes=(*reduced, *made.taxes("0.10"))),)))
    assert [(tax.rate, tax.tax) for tax in acme.ask(taxes, acme.days(*NOVEMBER))] == [
        (VAT, Decimal("7.70")),
        (Decimal("0.07"), Decimal("0.35")),
    ]


def test_all_taxes_come_to_the_figure_of_taxes(acme: Shop) -> None:
    kept = made.refund(adjustments=(made.adjustment("refund_discrepancy", "5.00", "0.95"),))
    acme.receive(made.order(line_items=(made.line(taxes=(STATE, CITY)),), refunds=(kept,)))
    november = acme.days(*NOVEMBER)
    listed = acme.ask(taxes, november)
    assert sum(tax.tax for tax in listed) == acme.ask(headline, november).taxes
    assert [tax.tax for tax in listed if tax.title is None] == [Decimal("0.95")]


def test_gift_cards_are_beside_the_sales_and_not_in_them(acme: Shop) -> None:
    card = made.line(12, "50.00", 1, "0", title="Gift card", is_gift_card=True)
    acme.receive(made.order(line_items=(made.line(), card)))
    report = acme.ask(finance, acme.days(*NOVEMBER), Grain.MONTH)
    assert (report.whole.gift_cards_sold, report.whole.net_sales) == (50, 40)
    assert [point.figures.gift_cards_sold for point in report.points] == [50]


def test_a_gift_card_is_owed_until_it_is_used(acme: Shop) -> None:
    """A card of 50.00 is sold in November. 30.00 are used in December, of which 10.00 go back to the card later."""
    card = made.line(12, "50.00", 1, "0", title="Gift card", is_gift_card=True)
    moved = [("sale", "30.00", utc(2026, 12, 5, 12)), ("refund", "10.00", utc(2026, 12, 7, 12))]
    used = tuple(
        Transaction(number, kind, "success", moment, Decimal(amount), "gift_card")
        for number, (kind, amount, moment) in enumerate(moved, 1)
    )
    acme.receive(made.order(line_items=(card,)), at(utc(2026, 12, 5, 12), 2, transactions=used))
    assert acme.ask(gift_cards, acme.days(*NOVEMBER)) == GiftCards(Decimal(50), Decimal(0), Decimal(50))
    december = ("2026-12-01", "2026-12-31")
    assert acme.ask(gift_cards, acme.days(*december)) == GiftCards(Decimal(0), Decimal(20), Decimal(30))
    cut = acme.days("2026-12-01", "2026-12-07", utc(2026, 12, 7, 11))
    assert acme.ask(gift_cards, cut) == GiftCards(Decimal(0), Decimal(30), Decimal(20))


def test_months_add_up_to_the_year_and_each_has_its_own(acme: Shop) -> None:
    acme.receive(made.order(), at(utc(2026, 10, 31, 22, 59), 2), at(utc(2026, 10, 31, 23, 1), 3))
    report = acme.ask(finance, acme.days("2026-01-01", "2026-12-31"), Grain.MONTH)
    assert [point.figures.orders for point in report.points] == [0] * 9 + [1, 2, 0]
    assert report.whole.net_sales == 120


def test_an_accountant_sees_whole_months_and_twelve_of_an_old_store(acme: Shop) -> None:
    def months(start: str, end: str, first: str | None) -> tuple[str, str]:
        found = accounting_months(acme.days(start, end), date.fromisoformat(first) if first else None)
        return str(found.start), str(found.end)

    assert months("2026-10-23", "2026-11-21", "2020-05-05") == ("2025-12-01", "2026-11-30")
    assert months("2026-11-01", "2026-11-21", "2026-09-15") == ("2026-09-01", "2026-11-30")
    assert months("2024-02-10", "2026-12-31", "2020-05-05") == ("2024-02-01", "2026-12-31")
    assert months("2026-02-10", "2026-02-11", None) == ("2026-02-01", "2026-02-28")
