"""Compared days as rows: written once a day was compared, or could not be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice

from sqlalchemy.dialects.postgresql import insert

from core.database import tenant_session
from core.database.models import DayCheck, DayState
from core.domain.periods import Period
from core.metrics import Scope, health
from core.metrics.health import DayFigures, NamedOrder
from core.stores import StoreView

MOST_NAMED = 100
"""Orders of one day that are stored by name."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A day's figures here and Shopify's. `total`, in the store's currency, is None where Shopify sends none."""

    day: date
    ours: DayFigures
    theirs: int
    total: Decimal | None

    @property
    def same_orders(self) -> bool:
        """Whether both sides count the same number of orders."""
        return self.ours.orders == self.theirs

    @property
    def same_total(self) -> bool:
        """Whether both totals are the same, or cannot be compared."""
        return not self.has_totals or self.ours.total_sales == self.total

    @property
    def has_totals(self) -> bool:
        """Whether the totals can be compared: Shopify sent one, and no order of the day is in another currency.
        Shopify's total may contain such orders; ours never does."""
        return self.total is not None and not self.ours.foreign

    @property
    def note(self) -> str | None:
        """Why the totals of the day are not compared although Shopify sends its own; None where they are."""
        if not self.ours.foreign:
            return None
        orders = "1 order is" if self.ours.foreign == 1 else f"{self.ours.foreign} orders are"
        return f"{orders} in another currency than the store's: orders are counted, totals are not compared."


def is_known_difference(store: StoreView, comparison: Comparison) -> bool:
    """Whether the totals differ just as they did after the last repair: another repair would change nothing."""
    with tenant_session(store.tenant_id) as session:
        row = session.get(DayCheck, (store.tenant_id, store.store_id, comparison.day))
        return (
            row is not None
            and (row.state, row.currency) == (DayState.DIFFERS, store.currency)
            and (row.ours, row.theirs) == (comparison.ours.orders, comparison.theirs)
            and (row.our_total, row.their_total) == (comparison.ours.total_sales, comparison.total)
        )


def note_comparison(
    store: StoreView, comparison: Comparison, state: DayState, orders: Iterable[NamedOrder] | None
) -> None:
    """Store the day's figures, its state and its orders that were repaired or differ.

    A repaired day that is equal now stays repaired, with its orders. With None as `orders`, the stored ones stay.
    """
    now = datetime.now(UTC)
    key = {**store.key.parameters, "day": comparison.day}
    figures = {
        "ours": comparison.ours.orders,
        "theirs": comparison.theirs,
        "our_total": comparison.ours.total_sales if comparison.has_totals else None,
        "their_total": comparison.total if comparison.has_totals else None,
        "currency": store.currency,
        "reason": comparison.note,
        "checked_at": now,
    }
    outcome = {
        "state": state,
        "orders": [asdict(order) for order in islice(orders or (), MOST_NAMED)],
        "repaired_at": now if state == DayState.REPAIRED else None,
    }
    with tenant_session(store.tenant_id) as session:
        before = session.get(DayCheck, (store.tenant_id, store.store_id, comparison.day))
        was_repaired = before is not None and before.state == DayState.REPAIRED
        stays = before is not None and (orders is None or (state == DayState.EQUAL and was_repaired))
        statement = insert(DayCheck).values(**key, **figures, **outcome)
        changes = figures if stays else figures | outcome
        session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=changes))


def note_uncompared(store: StoreView, day: date, theirs: int | None, reason: str) -> None:
    """Store that the day could not be compared. `theirs` is Shopify's count, where it sent at least that."""
    key = {**store.key.parameters, "day": day}
    with tenant_session(store.tenant_id) as session:
        scope = Scope(store.key)
        ours = health.day_figures(session, scope, Period(day, day, store.time_zone)).get(day, DayFigures())
        values = {
            "state": DayState.UNCOMPARED,
            "ours": ours.orders,
            "theirs": theirs,
            "our_total": None,
            "their_total": None,
            "currency": store.currency,
            "orders": [],
            "reason": reason,
            "checked_at": datetime.now(UTC),
            "repaired_at": None,
        }
        statement = insert(DayCheck).values(**key, **values)
        session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))
