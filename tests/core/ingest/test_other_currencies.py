"""An order in another currency than the store's, by every path: kept as it is, in no figure, counted and named."""

from __future__ import annotations

import json
import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core import ingest, stores
from core.database import tenant_session
from core.database.models import Order
from core.domain import Source
from core.domain.periods import Period
from core.metrics import Scope
from core.metrics.currencies import LeftOut, left_out
from core.metrics.sales.overview import Headline, report
from core.shopify.mapping import nodes
from core.webhooks import apply
from tests.cast import NOW, Business, Cast
from tests.core.shopify import nodes as made
from tests.factories import line as made_line
from tests.factories import order, product, refund, refund_line
from tests.shopify_sends import deliveries, store_delivery
from tests.stored import row, rows, write

CASES = Path(__file__).parents[2] / "payloads" / "cases"
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30), ZoneInfo("America/New_York"))


def deliver(business: Business, name: str) -> None:
    """The deliveries of a file of cases, applied in their order."""
    for each in json.loads((CASES / name).read_text()):
        store_delivery(business, each["topic"], each["body"])
        apply.apply_pending(business.key, NOW)
    assert {each.state for each in deliveries(business)} == {"applied"}


def figures(business: Business, currency: str | None = None) -> Headline:
    with tenant_session(business.tenant_id) as session:
        scope = Scope(business.key, currency)
        return report(session, scope, NOVEMBER, NOVEMBER.grain).whole


def others(business: Business) -> tuple[LeftOut, ...]:
    with tenant_session(business.tenant_id) as session:
        return left_out(session, Scope(business.key), NOVEMBER)


def is_left_out(business: Business) -> None:
    assert (figures(business).orders, figures(business).total_sales) == (0, 0)
    assert others(business) == (LeftOut("EUR", 1),)
    assert stores.find(business.key).currencies == ("USD", "EUR")


def test_w17_an_order_of_the_former_currency_by_webhook(cast: Cast) -> None:
    deliver(cast.globex, "W17_order_of_the_former_currency.json")
    is_left_out(cast.globex)
    kept = row(cast.globex, Order)
    assert (kept["total"], kept["currency"]) == (Decimal("9.00"), "EUR")
    assert figures(cast.globex, "EUR").total_sales == Decimal("9.00")


def test_an_order_of_another_currency_by_the_api(cast: Cast) -> None:
    line = made.line(1, price="9.00", originalUnitPriceSet=made.bag("9.00", "EUR"))
    node = made.order(1, lineItems=made.connection([line]), currencyCode="EUR", processedAt="2026-11-02T10:00:00Z")
    write(cast.globex, nodes.order(node))
    is_left_out(cast.globex)


@pytest.mark.parametrize("copy_from", [1, 1000], ids=["copied", "in rows"])
def test_an_order_of_another_currency_among_many(cast: Cast, copy_from: int) -> None:
    """As a first load and a page of a sync write them."""
    records = [order(order_id=1, currency="EUR"), order(order_id=2, currency="USD")]
    with tenant_session(cast.globex.tenant_id) as session:
        ingest.write(session, cast.globex.key, records, NOW, copy_from)
    assert (figures(cast.globex).orders, figures(cast.globex).gross_sales) == (1, Decimal(40))
    assert others(cast.globex) == (LeftOut("EUR", 1),)


def test_a_refund_of_an_order_of_another_currency_is_in_no_returns(cast: Cast) -> None:
    """Also one that comes before its order does."""
    write(cast.globex, refund(31, order_id=1))
    write(cast.globex, order(order_id=1, currency="EUR"))
    write(cast.globex, order(order_id=2, currency="EUR"))
    write(cast.globex, refund(32, order_id=2))
    assert figures(cast.globex).returns == 0
    assert figures(cast.globex, "EUR").returns == Decimal(40)
    assert others(cast.globex) == (LeftOut("EUR", 2),)


def change_currency(business: Business, currency: str) -> None:
    store_delivery(business, "shop/update", {"currency": currency}, NOW + timedelta(hours=1))
    apply.apply_pending(business.key, NOW)


def test_a_store_that_changes_its_currency_keeps_its_past_as_it_was(cast: Cast) -> None:
    write(cast.globex, product(), order(order_id=1, currency="USD"))
    change_currency(cast.globex, "EUR")
    write(cast.globex, order(order_id=2, currency="EUR", processed_at=datetime(2026, 11, 21, tzinfo=UTC)))

    assert (figures(cast.globex).orders, figures(cast.globex).gross_sales) == (1, Decimal(40))
    assert figures(cast.globex, "USD").total_sales == Decimal("52.60"), "what was sold for dollars stays dollars"
    assert others(cast.globex) == (LeftOut("USD", 1),)
    assert [each["currency"] for each in rows(cast.globex, Order)] == ["USD", "EUR"]
    assert stores.find(cast.globex.key).currencies == ("EUR", "USD")


def test_a_store_that_changes_back_has_its_first_figures_again(cast: Cast) -> None:
    write(cast.globex, order(order_id=1, currency="USD"))
    for currency in ("EUR", "USD"):
        change_currency(cast.globex, currency)
    assert (figures(cast.globex).total_sales, others(cast.globex)) == (Decimal("52.60"), ())


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_comes_by_whichever_path_each_currency_adds_up_for_itself(cast: Cast, seed: int) -> None:
    """Orders by webhook, API and file, refunds before and after them, and a store that keeps changing its mind."""
    chance = random.Random(seed)
    expected: dict[str, Decimal] = {}
    for number in range(1, 31):
        currency = chance.choice(["USD", "EUR", "JPY"])
        source = chance.choice(list(Source))
        price = Decimal(chance.randint(1, 90))
        line = made_line(price=str(price), quantity=1, tax="0")
        sold = order(
            order_id=number,
            name=f"#{number}",
            currency=currency,
            source=source,
            line_items=(line,),
            shipping_lines=(),
        )
        back = refund(number, order_id=number, lines=(refund_line(quantity=1, subtotal=str(price), tax="0"),))
        is_returned = chance.random() < 0.3
        records = [sold, *([back] if is_returned else [])]
        for record in chance.sample(records, len(records)):
            write(cast.globex, record)
        expected[currency] = expected.get(currency, Decimal(0)) + (0 if is_returned else price)
        if chance.random() < 0.2:
            change_currency(cast.globex, chance.choice(["USD", "EUR", "JPY"]))
    of_store = stores.find(cast.globex.key)
    assert {currency: figures(cast.globex, currency).net_sales for currency in of_store.currencies} == expected
    assert figures(cast.globex) == figures(cast.globex, of_store.currency)
    assert sum(each.orders for each in others(cast.globex)) + figures(cast.globex).orders == 30
