"""The files of Profit and Finance: the page's sums, and blank where a figure is unknown."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core import costs
from core.costs import CostEntry, CostKind
from core.domain.periods import Grain, Period
from core.metrics.money.profit import profit
from tests import factories as made
from tests.cast import NOW, Cast
from tests.core.exports.downloads import download, total
from tests.core.metrics.conftest import Shop, shop_of


@pytest.fixture
def acme(cast: Cast) -> Shop:
    """Make a shop: two shirts of a known cost, a mug of an unknown one and a gift card, and took a shirt back."""
    shop = shop_of(cast.acme)
    mug = made.line(12, "60.00", 1, "0", title="=Mug", product_id=8, variant_id=81, sku="M-1")
    card = made.line(13, "50.00", 1, "0", title="Gift card", is_gift_card=True)
    shop.receive(
        made.product(variants=(made.variant(71, unit_cost=Decimal("8.00")),)),
        made.order(line_items=(made.line(), mug, card), refunds=(made.refund(),)),
    )
    return shop


@pytest.fixture
def november(acme: Shop) -> Period:
    return acme.days("2026-11-01", "2026-11-30")


def test_profit_over_time_adds_up_to_the_page_and_is_blank_where_costs_are_unknown(
    acme: Shop, november: Period, cast: Cast
) -> None:
    whole = acme.ask(profit, november, Grain.DAY).whole
    rows = download(acme, "profit-over-time", november)
    assert total(rows, "net_sales") == whole.net_sales
    assert total(rows, "gross_profit") == whole.gross_profit == 12
    (placed,) = [row for row in rows if row["start"].startswith("2026-11-02")]
    assert (placed["cost_coverage"], placed["payment_fees"], placed["net_profit"]) == ("0.4000", "", "")
    for kind in (CostKind.PAYMENT_FEES, CostKind.SHIPPING):
        costs.add_cost(cast.alice.actor, cast.acme.store_id, CostEntry(kind, Decimal(1)), NOW)
    known = download(acme, "profit-over-time", november)
    assert total(known, "net_profit") == acme.ask(profit, november, Grain.DAY).whole.net_profit == 12 + 5 - 1 - 1


def test_products_and_orders_have_their_profit(acme: Shop, november: Period) -> None:
    products = {row["title"]: row for row in download(acme, "profit-by-product", november)}
    assert (products["Shirt"]["gross_profit"], products["Shirt"]["gross_margin"]) == ("12.00", "0.6000")
    assert (products["'=Mug"]["gross_profit"], products["'=Mug"]["cost_coverage"]) == ("", "0.0000")
    (order,) = download(acme, "profit-by-order", november)
    assert (order["gross_profit"], order["shipping"], order["contribution"]) == ("12.00", "5.00", "")


def test_taxes_and_months_are_the_accountants(acme: Shop, november: Period) -> None:
    assert download(acme, "taxes", november) == [
        {"title": "VAT", "rate": "0.19", "tax": "3.80", "taxable": "20.00", "currency": "EUR"}
    ]
    (month,) = download(acme, "finance-months", november)
    assert (month["start"], month["net_sales"], month["gift_cards_sold"]) == ("2026-11-01 00:00:00", "80.00", "50.00")


def test_the_file_of_variants_without_a_cost_can_be_filled_in_and_uploaded(
    acme: Shop, november: Period, cast: Cast
) -> None:
    acme.receive(made.product(product_id=8, title="Mug", variants=(made.variant(81, sku="M-1"),)))
    (row,) = download(acme, "variants-without-cost", november)
    assert (row["variant_id"], row["sku"], row["net_sales"], row["unit_cost"]) == (
        "gid://shopify/ProductVariant/81",
        "M-1",
        "60.00",
        "",
    )
    filled = f"{','.join(row)}\n{','.join((row | {'unit_cost': '20'}).values())}\n"
    costs.store_file(cast.alice.actor, cast.acme.store_id, "filled.csv", filled.encode(), NOW)
    file = costs.pending_file(cast.acme.key)
    assert file is not None
    assert [(change.variant_id, change.unit_cost) for change in file.changes] == [(81, 20)]
    costs.apply_file(cast.alice.actor, cast.acme.store_id, file.file_id, NOW)
    assert download(acme, "variants-without-cost", november) == []
