"""Why customers sent goods back: units by reason, on the day of the request."""

from __future__ import annotations

from decimal import Decimal

from core.domain import ReturnLine
from core.metrics.returns.return_reasons import RequestedReturns, return_reasons
from tests.core.metrics.conftest import Shop
from tests.core.metrics.sales.test_headline import NOVEMBER, at, utc

SMALL = ReturnLine(1, 1, utc(2026, 11, 9, 9), "open", 1, "size_too_small", line_item_id=11)


def back(number: int, reason: str, status: str = "closed", day: int = 9, **fields: object) -> ReturnLine:
    return ReturnLine(number, number, utc(2026, 11, day, 9), status, 1, reason, **fields)  # type: ignore[arg-type]


def test_reasons_count_units_with_their_value_but_no_declined_return(acme: Shop) -> None:
    """Two shirts at 20.00 each; a line without a match has no value."""
    acme.receive(
        at(utc(2026, 10, 2, 9), 1, return_lines=(SMALL, back(2, "unwanted", line_item_id=11), back(3, "other"))),
        at(utc(2026, 11, 3, 9), 2, return_lines=(back(4, "size_too_small", line_item_id=11),)),
        at(utc(2026, 11, 4, 9), 3, return_lines=(back(5, "unwanted", "declined"), back(6, "unwanted", "canceled"))),
    )
    assert acme.ask(return_reasons, acme.days(*NOVEMBER)) == (
        RequestedReturns("size_too_small", 2, 2, Decimal("40.00"), "Shirt"),
        RequestedReturns("other", 1, 1, Decimal(0), None),
        RequestedReturns("unwanted", 1, 1, Decimal("20.00"), "Shirt"),
    )
    assert acme.ask(return_reasons, acme.days("2026-10-01", "2026-10-31")) == ()


def test_the_merchants_own_words_for_a_reason_come_before_shopifys(acme: Shop) -> None:
    acme.receive(at(utc(2026, 11, 2, 9), 1, return_lines=(back(1, "other", reason_name="Arrived late"),)))
    assert [row.reason for row in acme.ask(return_reasons, acme.days(*NOVEMBER))] == ["Arrived late"]
