"""The stored targets. Each change adds a row, so that nobody wonders later what the target was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from core import stores
from core.accounts import Action, Actor, authorise
from core.database import StoreKey, tenant_session
from core.database.models import Target, TargetMetric, User
from core.database.store_lock import lock_store
from core.domain.money import minor_digits
from core.domain.periods import local_day
from core.errors import InvalidInput

MOST_MONTHS_BACK, MOST_MONTHS_AHEAD = 12, 24
_LARGEST = Decimal(10) ** 12


@dataclass(frozen=True, slots=True)
class TargetView:
    """The target of a month, with the currency that it was set in."""

    month: date
    metric: TargetMetric
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a target: `amount` is None where it was removed, `by` where the member has no account now."""

    month: date
    metric: TargetMetric
    amount: Decimal | None
    currency: str
    at: datetime
    by: str | None


def set_target(
    actor: Actor, store_id: int, month: date, metric: TargetMetric, amount: Decimal, now: datetime
) -> TargetView:
    """Set the target of a month; a second click with the same amount changes nothing.

    The amount is rounded to the minor unit of the store's currency, and orders to a whole number.

    Raises:
        NotAllowed: the actor is no owner.
        StoreNotFound: the business has no such store.
        InvalidInput: the amount is not above zero, or the month is too far away.
    """
    authorise(actor, Action.PLAN)
    store = stores.find(actor.store_key(store_id))
    _check_month(month, local_day(now, store.time_zone))
    clean = _clean_amount(amount, metric, store.currency)
    _add(store.key, month, metric, clean, store.currency, actor, now)
    return TargetView(month, metric, clean, store.currency)


def remove_target(actor: Actor, store_id: int, month: date, metric: TargetMetric, now: datetime) -> None:
    """Remove the target of a month, if it has one.

    Raises:
        NotAllowed: the actor is no owner.
        StoreNotFound: the business has no such store.
    """
    authorise(actor, Action.PLAN)
    store = stores.find(actor.store_key(store_id))
    _add(store.key, month, metric, None, store.currency, actor, now)


def list_targets(store: StoreKey) -> tuple[TargetView, ...]:
    """List the targets that count, the latest month first."""
    newest = (
        select(Target)
        .where(store.owns(Target))
        .ext(distinct_on(Target.month, Target.metric))
        .order_by(Target.month.desc(), Target.metric, Target.target_id.desc())
    )
    with tenant_session(store.tenant_id) as session:
        rows = session.scalars(newest).all()
    return tuple(
        TargetView(row.month, row.metric, row.amount, row.currency) for row in rows if row.amount is not None
    )


def history(store: StoreKey, limit: int = 50) -> tuple[Change, ...]:
    """List the changes of targets, the newest first."""
    query = (
        select(Target, User.name.label("by"))
        .outerjoin(User, User.user_id == Target.set_by)
        .where(store.owns(Target))
        .order_by(Target.target_id.desc())
        .limit(limit)
    )
    with tenant_session(store.tenant_id) as session:
        return tuple(
            Change(row.month, row.metric, row.amount, row.currency, row.set_at, by)
            for row, by in session.execute(query)
        )


def _add(
    key: StoreKey,
    month: date,
    metric: TargetMetric,
    amount: Decimal | None,
    currency: str,
    actor: Actor,
    now: datetime,
) -> None:
    with tenant_session(key.tenant_id) as session:
        # Two clicks at once: the second waits here, and then sees the row of the first.
        lock_store(session, key)
        current = _newest(session, key, month, metric)
        same = (current.amount, current.currency) == (amount, currency) if current else amount is None
        if same or (current and current.amount is None and amount is None):
            return
        session.add(
            Target(
                **key.parameters,
                month=month,
                metric=metric,
                amount=amount,
                currency=currency,
                set_at=now,
                set_by=actor.user_id,
            )
        )


def _newest(session: Session, key: StoreKey, month: date, metric: TargetMetric) -> Target | None:
    query = select(Target).where(key.owns(Target), Target.month == month, Target.metric == metric)
    return session.scalars(query.order_by(Target.target_id.desc()).limit(1)).first()


def _check_month(month: date, today: date) -> None:
    ahead = (month.year - today.year) * 12 + month.month - today.month
    if month.day != 1 or not -MOST_MONTHS_BACK <= ahead <= MOST_MONTHS_AHEAD:
        raise InvalidInput(
            f"Choose a month from {MOST_MONTHS_BACK} months ago to {MOST_MONTHS_AHEAD} months from now."
        )


def _clean_amount(amount: Decimal, metric: TargetMetric, currency: str) -> Decimal:
    if not amount.is_finite() or not 0 < amount <= _LARGEST:
        raise InvalidInput("Type a target above zero; to have none, remove it.")
    digits = 0 if metric is TargetMetric.ORDERS else minor_digits(currency)
    rounded = amount.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    if not rounded:
        raise InvalidInput("Type a target above zero; to have none, remove it.")
    return rounded
