"""Sales by country, channel, and new and returning customers: each sale counts by its order, on its own day."""

from __future__ import annotations

from decimal import Decimal

from msgspec.structs import replace

from core.domain import Journey, Visit
from core.domain.periods import Grain
from core.metrics.sales.origins import KindSales, Origin, OriginSales, sales_by_kind, sales_by_origin
from core.metrics.sales.overview import report
from tests import factories as made
from tests.core.metrics.conftest import Shop
from tests.core.metrics.sales.test_headline import NOVEMBER, at, utc


def by(shop: Shop, origin: Origin, *days: str) -> dict[str | None, Decimal]:
    rows = shop.ask(sales_by_origin, shop.days(*(days or NOVEMBER)), origin)
    return {row.value: row.net_sales for row in rows}


def test_sales_of_each_country_are_those_of_its_orders_less_their_returns(acme: Shop) -> None:
    """Two shirts at 20.00 each; one of the German ones came back on the 11th."""
    acme.receive(
        at(utc(2026, 11, 2, 9), 1, country="DE", refunds=(made.refund(order_id=1),)),
        at(utc(2026, 11, 3, 9), 2, country="FR"),
        at(utc(2026, 11, 4, 9), 3, country="FR"),
        at(utc(2026, 11, 5, 9), 4),
    )
    rows = acme.ask(sales_by_origin, acme.days(*NOVEMBER), Origin.COUNTRY)
    assert rows == (OriginSales("FR", Decimal(80)), OriginSales(None, Decimal(40)), OriginSales("DE", Decimal(20)))
    assert by(acme, Origin.COUNTRY, "2026-11-11") == {"DE": -20}, "a return counts on its own day"
    assert by(acme, Origin.COUNTRY, "2026-11-12") == {}


def test_sales_by_channel_are_those_of_the_orders_source(acme: Shop) -> None:
    acme.receive(
        at(utc(2026, 11, 2, 9), 1, source_name="web"),
        at(utc(2026, 11, 3, 9), 2, source_name="pos"),
        at(utc(2026, 11, 4, 9), 3, source_name="pos"),
    )
    assert by(acme, Origin.CHANNEL) == {"pos": 80, "web": 40}


def test_an_order_whose_country_changes_takes_its_sales_along(acme: Shop) -> None:
    acme.receive(made.order(order_id=1, country="DE"))
    acme.receive(made.order(order_id=1, country="AT", updated_at=utc(2026, 11, 3, 9)))
    assert by(acme, Origin.COUNTRY) == {"AT": 40}


def test_sales_by_source_and_campaign_are_those_of_the_last_visit_and_follow_it(acme: Shop) -> None:
    tagged = Visit(source="Google", utm_source="Newsletter", utm_campaign="may")
    acme.receive(
        at(utc(2026, 11, 2, 9), 1, journey=Journey(first=Visit(source="direct"), last=Visit(source="Google"))),
        at(utc(2026, 11, 3, 9), 2, journey=Journey(first=tagged, last=tagged)),
        at(utc(2026, 11, 4, 9), 3),
    )
    assert by(acme, Origin.SOURCE) == {"google": 40, "newsletter": 40, None: 40}
    assert by(acme, Origin.CAMPAIGN) == {"may": 40, None: 80}
    found = Journey(last=Visit(source="direct"))
    acme.receive(replace(at(utc(2026, 11, 4, 9), 3, journey=found), updated_at=utc(2026, 11, 5, 9)))
    assert by(acme, Origin.SOURCE) == {"google": 40, "newsletter": 40, "direct": 40}


def test_the_first_order_of_a_customer_is_new_and_every_later_one_returning(acme: Shop) -> None:
    acme.receive(
        at(utc(2026, 10, 2, 9), 1, customer_id=81),
        at(utc(2026, 11, 3, 9), 2, customer_id=81),
        at(utc(2026, 11, 3, 10), 3, customer_id=82),
        at(utc(2026, 11, 4, 9), 4, customer_id=82),
        at(utc(2026, 11, 4, 9), 5, email="guest@example.com"),
    )
    kinds = acme.ask(sales_by_kind, acme.days("2026-11-03", "2026-11-05"), Grain.DAY)
    assert kinds.whole == KindSales(Decimal(80), Decimal(80))
    assert [(point.figures.new_sales, point.figures.returning_sales) for point in kinds.points] == [
        (40, 40),
        (40, 40),
        (0, 0),
    ]


def test_a_return_lowers_the_sales_of_the_kind_of_its_order(acme: Shop) -> None:
    acme.receive(at(utc(2026, 11, 2, 9), 1, customer_id=81, refunds=(made.refund(order_id=1),)))
    acme.receive(at(utc(2026, 11, 5, 9), 2, customer_id=81))
    kinds = acme.ask(sales_by_kind, acme.days("2026-11-05", "2026-11-30"), Grain.DAY)
    assert kinds.whole == KindSales(Decimal(-20), Decimal(40))


def test_an_older_order_that_arrives_later_makes_the_next_one_returning(acme: Shop) -> None:
    acme.receive(at(utc(2026, 11, 5, 9), 2, customer_id=81))
    acme.receive(at(utc(2026, 11, 2, 9), 1, customer_id=81))
    kinds = acme.ask(sales_by_kind, acme.days("2026-11-05"), Grain.DAY)
    assert kinds.whole == KindSales(Decimal(0), Decimal(40))


def test_all_parts_add_up_to_net_sales_also_of_a_day_that_is_not_over(acme: Shop) -> None:
    acme.receive(
        at(utc(2026, 11, 20, 9), 1, customer_id=81, country="DE", source_name="web"),
        at(utc(2026, 11, 21, 9), 2, customer_id=81, country="AT", source_name="pos"),
        at(utc(2026, 11, 21, 12), 3, customer_id=82, country="AT"),
    )
    period = acme.days("2026-11-20", "2026-11-21", utc(2026, 11, 21, 11))
    net = acme.ask(report, period, Grain.DAY).whole.net_sales
    kinds = acme.ask(sales_by_kind, period, Grain.DAY).whole
    assert net == kinds.new_sales + kinds.returning_sales == 80
    for origin in Origin:
        assert sum(row.net_sales for row in acme.ask(sales_by_origin, period, origin)) == net


def test_sales_in_another_currency_are_in_none_of_them(acme: Shop) -> None:
    acme.receive(at(utc(2026, 11, 2, 9), 1, country="US", currency="USD", customer_id=81))
    acme.receive(at(utc(2026, 11, 3, 9), 2, country="DE", customer_id=81))
    assert by(acme, Origin.COUNTRY) == {"DE": 40}
    kinds = acme.ask(sales_by_kind, acme.days(*NOVEMBER), Grain.DAY).whole
    assert kinds == KindSales(Decimal(0), Decimal(40)), "the customer had ordered before, in dollars"
