"""Stores side by side, each beside its compared period, and their sum in one currency. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.domain.periods import Period, local_day
from core.exchange.conversion import Converted, RateTable, Sums, convert
from core.metrics.sales.overview import Headline, Report
from core.stores import StoreView


@dataclass(frozen=True, slots=True)
class StoreFigures:
    """A store's figures in its own currency, by day. `earlier` is None without a comparison, or if the store has no
    orders before the end of the compared period: its zeros would mean "not known"."""

    store: StoreView
    period: Period
    current: Report
    earlier: Report | None


@dataclass(frozen=True, slots=True)
class StoreRow:
    """A store with its figures in the report currency."""

    figures: StoreFigures
    converted: Converted
    converted_earlier: Converted | None

    @property
    def headline(self) -> Headline:
        """The figures in the store's own currency."""
        return self.figures.current.whole


@dataclass(frozen=True, slots=True)
class Together:
    """The sum of all stores. `current` is None where a store has days without a rate, `earlier` also without a
    comparison, or where a store has none."""

    rows: tuple[StoreRow, ...]
    current: Sums | None
    earlier: Sums | None


def sum_stores(stores: Sequence[StoreFigures], rates: Mapping[str, RateTable]) -> Together:
    """Convert each day of each store at its rate, and add up. `rates` has a table for each store's currency."""
    rows = tuple(
        StoreRow(
            figures,
            _converted(figures.current, figures, rates),
            _converted(figures.earlier, figures, rates) if figures.earlier else None,
        )
        for figures in stores
    )
    return Together(rows, _whole([row.converted for row in rows]), _whole([row.converted_earlier for row in rows]))


def _converted(report: Report, figures: StoreFigures, rates: Mapping[str, RateTable]) -> Converted:
    zone = figures.store.time_zone
    days = [(local_day(point.start, zone), point.figures) for point in report.points]
    return convert(days, rates[figures.store.currency])


def _whole(parts: Sequence[Converted | None]) -> Sums | None:
    """The sum of the parts; None if one is unknown."""
    known = [part.sums for part in parts if part is not None and not part.missing]
    return sum(known, Sums()) if len(known) == len(parts) else None
