"""The stock of a day is kept once, as it was first seen on that day of the store."""

from __future__ import annotations

from datetime import timedelta

from core.database.models import StockByDay
from core.stores.stock_days import DAYS_KEPT, keep_stock_of_day
from tests.cast import NOW, Cast
from tests.factories import level
from tests.stored import rows, write


def test_a_day_keeps_the_stock_of_its_first_reading_and_the_next_day_has_its_own(cast: Cast) -> None:
    write(cast.acme, level(available=10))
    keep_stock_of_day(cast.acme.key, NOW)
    write(cast.acme, level(available=4, updated_at=NOW))
    keep_stock_of_day(cast.acme.key, NOW)
    keep_stock_of_day(cast.acme.key, NOW + timedelta(days=1))
    kept = {row["business_date"]: row["available"] for row in rows(cast.acme, StockByDay)}
    assert [kept[day] for day in sorted(kept)] == [10, 4]


def test_the_stock_of_400_days_is_kept(cast: Cast) -> None:
    write(cast.acme, level(available=10))
    for days in (0, 1, DAYS_KEPT):
        keep_stock_of_day(cast.acme.key, NOW + timedelta(days=days))
    assert len(rows(cast.acme, StockByDay)) == 2
