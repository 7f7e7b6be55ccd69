"""How a day compared, as a row: noted once it was compared, or when it could not be."""

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
"""Orders of one day that are noted by name."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is here of a day, and what Shopify counts; `total`, in the store's currency, is None where it does not
    say."""

    day: date
    ours: DayFigures
    theirs: int
    total: Decimal | None

    @property
    def same_orders(self) -> bool:
        """Whether as many orders are on both sides."""
        return self.ours.orders == self.theirs

    @property
    def same_total(self) -> bool:
        """Whether they came to the same; also where it cannot be said."""
        return not self.has_totals or self.ours.total_sales == self.total

    @property
    def has_totals(self) -> bool:
        """Whether the totals can be compared: Shopify sends one, and no order of the day is in another currency,
        which Shopify's total may hold and ours never does."""
        return self.total is not None and not self.ours.foreign

    @property
    def note(self) -> str | None:
        """Why the totals of the day are not compared although Shopify sends its own; None where they are."""
        if not self.ours.foreign:
            return None
        orders = "1 order is" if self.ours.foreign == 1 else f"{self.ours.foreign} orders are"
        return f"{orders} in another currency than the store's: orders are counted, totals are not compared."


def known_difference(store: StoreView, found: Comparison) -> bool:
    """Whether the totals differ just as they did after the last repair: reading it all again would change nothing."""
    with tenant_session(store.tenant_id) as session:
        row = session.get(DayCheck, (store.tenant_id, store.store_id, found.day))
        return (
            row is not None
            and (row.state, row.currency) == (DayState.DIFFERS, store.currency)
            and (row.ours, row.theirs) == (found.ours.orders, found.theirs)
            and (row.our_total, row.their_total) == (found.ours.total_sales, found.total)
        )


def compared(store: StoreView, found: Comparison, state: DayState, named: Iterable[NamedOrder] | None) -> None:
    """Note the day. One that was repaired before and is equal now stays repaired, with what was; with None as `named`
    the orders that were noted stay."""
    now = datetime.now(UTC)
    key = {**store.key.parameters, "day": found.day}
    values = {
        "ours": found.ours.orders,
        "theirs": found.theirs,
        "our_total": found.ours.total_sales if found.has_totals else None,
        "their_total": found.total if found.has_totals else None,
        "currency": store.currency,
        "reason": found.note,
        "checked_at": now,
    }
    told = {
        "state": state,
        "orders": [asdict(one) for one in islice(named or (), MOST_NAMED)],
        "repaired_at": now if state == DayState.REPAIRED else None,
    }
    with tenant_session(store.tenant_id) as session:
        before = session.get(DayCheck, (store.tenant_id, store.store_id, found.day))
        was_repaired = before is not None and before.state == DayState.REPAIRED
        stays = before is not None and (named is None or (state == DayState.EQUAL and was_repaired))
        statement = insert(DayCheck).values(**key, **values, **told)
        session.execute(
            statement.on_conflict_do_update(index_elements=list(key), set_=values if stays else values | told)
        )


def uncompared(store: StoreView, day: date, theirs: int | None, reason: str) -> None:
    """Note that the day could not be compared; `theirs` is what Shopify counts, where it sent at least that."""
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
