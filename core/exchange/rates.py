"""The stored rates of a tenant, and the currency that its stores are summed in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, Date, and_, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from core.accounts import Action, Actor, authorise
from core.database import tenant_session
from core.database.ids import among
from core.database.models import ExchangeRate, ReportCurrency, User
from core.domain.amounts import parse_amount
from core.errors import InvalidInput
from core.exchange.conversion import MOST_AGE, RateTable
from core.exchange.files import MOST_DECIMALS, parse_rates
from core.stores import StoreView

_Rates = Mapping[tuple[str, date], Decimal] | Mapping[tuple[str, None], Decimal]
_CURRENT = ExchangeRate.replaced_at.is_(None)


@dataclass(frozen=True, slots=True)
class FixedRate:
    """What one unit of `currency` is in the report currency, on days without an uploaded rate."""

    currency: str
    rate: Decimal
    entered_at: datetime
    entered_by: str | None


@dataclass(frozen=True, slots=True)
class UploadedRates:
    """The uploaded rates of a currency: how many days, from the first to the last."""

    currency: str
    days: int
    first: date
    last: date
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class RateChange:
    """A fixed rate that was changed or removed; a name is None if the user was deleted."""

    currency: str
    into: str
    rate: Decimal
    entered_at: datetime
    entered_by: str | None
    replaced_at: datetime
    replaced_by: str | None


def report_currency(tenant_id: int, stores: Sequence[StoreView]) -> str:
    """The currency that the tenant sums its stores in: the chosen one, else the most frequent one.

    `stores` has at least one store.
    """
    with tenant_session(tenant_id) as session:
        chosen = session.scalar(select(ReportCurrency.currency).where(ReportCurrency.tenant_id == tenant_id))
    return chosen or Counter(store.currency for store in stores).most_common(1)[0][0]


def set_report_currency(actor: Actor, currency: str, now: datetime) -> None:
    """Choose the currency that the stores are summed in.

    Raises:
        NotAllowed: the actor is no owner.
        InvalidInput: it is no code of a currency.
    """
    authorise(actor, Action.SET_RATES)
    values = {"currency": _checked_code(currency), "set_at": now, "set_by": actor.user_id}
    statement = upsert(ReportCurrency).values(tenant_id=actor.tenant_id, **values)
    with tenant_session(actor.tenant_id) as session:
        session.execute(statement.on_conflict_do_update(index_elements=["tenant_id"], set_=values))


def parse_rate(text: str) -> Decimal:
    """Read a rate as people type it.

    Raises:
        InvalidInput: it is no number above zero, or could be read in two ways.
    """
    rate = parse_amount(text, "the rate", MOST_DECIMALS)
    if not rate:
        raise InvalidInput("Type a rate above zero, such as 0.92.")
    return rate


def set_fixed_rate(actor: Actor, currency: str, into: str, rate: Decimal, now: datetime) -> None:
    """Enter what one unit of `currency` is in `into`; a second click with the same rate changes nothing.

    Raises:
        NotAllowed: the actor is no owner.
        InvalidInput: the rate is not above zero, or a code is none of a currency.
    """
    authorise(actor, Action.SET_RATES)
    if not rate.is_finite() or rate <= 0:
        raise InvalidInput("Type a rate above zero, such as 0.92.")
    if _checked_code(currency) == _checked_code(into):
        raise InvalidInput("Choose two different currencies.")
    with tenant_session(actor.tenant_id) as session:
        _lock(session, actor.tenant_id)
        current = session.scalar(select(ExchangeRate.rate).where(*_fixed(actor.tenant_id, into, currency)))
        if current != rate:
            _end_fixed(session, actor, currency, into, now)
            _add(session, actor, into, {(currency, None): rate}, now)


def remove_fixed_rate(actor: Actor, currency: str, into: str, now: datetime) -> None:
    """Remove a fixed rate, if there is one. It stays in the history.

    Raises:
        NotAllowed: the actor is no owner.
    """
    authorise(actor, Action.SET_RATES)
    with tenant_session(actor.tenant_id) as session:
        _lock(session, actor.tenant_id)
        _end_fixed(session, actor, currency, into, now)


def save_file(actor: Actor, content: bytes, into: str, stores: Sequence[StoreView], now: datetime) -> int:
    """Save the rates of a CSV for the currencies of the stores. Returns how many were new or changed.

    Raises:
        NotAllowed: the actor is no owner.
        InvalidFile: the file cannot be used; nothing of it is saved.
    """
    authorise(actor, Action.SET_RATES)
    file_rates = parse_rates(content, into, frozenset(store.currency for store in stores)).rates
    with tenant_session(actor.tenant_id) as session:
        _lock(session, actor.tenant_id)
        query = select(ExchangeRate.rate_id, ExchangeRate.currency, ExchangeRate.day, ExchangeRate.rate)
        current = session.execute(query.where(*_uploaded(actor.tenant_id, into))).all()
        changed = [row for row in current if file_rates.get((row.currency, row.day), row.rate) != row.rate]
        same = {(row.currency, row.day) for row in current} - {(row.currency, row.day) for row in changed}
        _end(session, actor, [row.rate_id for row in changed], now)
        new = {(currency, day): rate for (currency, day), rate in file_rates.items() if (currency, day) not in same}
        _add(session, actor, into, new, now)
        return len(new)


def remove_uploaded_rates(actor: Actor, currency: str, into: str, now: datetime) -> None:
    """Remove the uploaded rates of a currency.

    Raises:
        NotAllowed: the actor is no owner.
    """
    authorise(actor, Action.SET_RATES)
    query = select(ExchangeRate.rate_id).where(*_uploaded(actor.tenant_id, into), ExchangeRate.currency == currency)
    with tenant_session(actor.tenant_id) as session:
        _lock(session, actor.tenant_id)
        _end(session, actor, session.scalars(query).all(), now)


def fixed_rates(tenant_id: int, into: str) -> dict[str, FixedRate]:
    """The fixed rates that count, by currency."""
    query = (
        select(ExchangeRate.currency, ExchangeRate.rate, ExchangeRate.entered_at, User.name)
        .outerjoin(User, User.user_id == ExchangeRate.entered_by)
        .where(*_of(tenant_id, into), _CURRENT, ExchangeRate.day.is_(None))
    )
    with tenant_session(tenant_id) as session:
        return {row.currency: FixedRate(*row) for row in session.execute(query)}


def uploaded_rates(tenant_id: int, into: str) -> dict[str, UploadedRates]:
    """How much of each currency is uploaded, by currency."""
    query = (
        select(
            ExchangeRate.currency,
            func.count(),
            func.min(ExchangeRate.day).cast(Date),
            func.max(ExchangeRate.day).cast(Date),
            func.max(ExchangeRate.entered_at),
        )
        .where(*_uploaded(tenant_id, into))
        .group_by(ExchangeRate.currency)
    )
    with tenant_session(tenant_id) as session:
        return {row[0]: UploadedRates(*row) for row in session.execute(query)}


def list_rate_changes(tenant_id: int, limit: int = 50) -> tuple[RateChange, ...]:
    """List the fixed rates that were changed or removed, the latest first."""
    entered, replaced = (select(User.user_id, User.name).subquery() for _ in range(2))
    query = (
        select(
            *(ExchangeRate.currency, ExchangeRate.into, ExchangeRate.rate, ExchangeRate.entered_at, entered.c.name),
            *(ExchangeRate.replaced_at, replaced.c.name.label("replaced_by")),
        )
        .outerjoin(entered, entered.c.user_id == ExchangeRate.entered_by)
        .outerjoin(replaced, replaced.c.user_id == ExchangeRate.replaced_by)
        .where(ExchangeRate.tenant_id == tenant_id, ExchangeRate.day.is_(None), ~_CURRENT)
        .order_by(ExchangeRate.replaced_at.desc(), ExchangeRate.rate_id.desc())
        .limit(limit)
    )
    with tenant_session(tenant_id) as session:
        return tuple(RateChange(*row) for row in session.execute(query))


def rate_tables(
    tenant_id: int, into: str, currencies: Collection[str], first: date, last: date
) -> dict[str, RateTable]:
    """The rates of each currency for the days from `first` to `last`, both included."""
    in_reach = and_(ExchangeRate.day >= first - MOST_AGE, ExchangeRate.day <= last)
    query = (
        select(ExchangeRate.currency, ExchangeRate.day, ExchangeRate.rate)
        .where(
            *_of(tenant_id, into),
            _CURRENT,
            ExchangeRate.currency.in_(currencies),
            in_reach | ExchangeRate.day.is_(None),
        )
        .order_by(ExchangeRate.day)
    )
    fixed, days = dict[str, Decimal](), dict[str, list[tuple[date, Decimal]]]()
    with tenant_session(tenant_id) as session:
        for currency, day, rate in session.execute(query):
            if day is None:
                fixed[currency] = rate
            else:
                days.setdefault(currency, []).append((day, rate))
    return {
        currency: RateTable(currency, into, fixed.get(currency), tuple(days.get(currency, ())))
        for currency in currencies
    }


def _of(tenant_id: int, into: str) -> tuple[ColumnElement[bool], ...]:
    return ExchangeRate.tenant_id == tenant_id, ExchangeRate.into == into


def _fixed(tenant_id: int, into: str, currency: str) -> tuple[ColumnElement[bool], ...]:
    return *_of(tenant_id, into), _CURRENT, ExchangeRate.day.is_(None), ExchangeRate.currency == currency


def _uploaded(tenant_id: int, into: str) -> tuple[ColumnElement[bool], ...]:
    return *_of(tenant_id, into), _CURRENT, ExchangeRate.day.is_not(None)


def _lock(session: Session, tenant_id: int) -> None:
    """Let two changes of a tenant's rates follow each other: the second sees the rows of the first."""
    name = f"exchange rates of {tenant_id}"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def _add(
    session: Session,
    actor: Actor,
    into: str,
    rates: _Rates,
    now: datetime,
) -> None:
    own = {"tenant_id": actor.tenant_id, "into": into, "entered_at": now, "entered_by": actor.user_id}
    rows = [{**own, "currency": currency, "day": day, "rate": rate} for (currency, day), rate in rates.items()]
    if rows:
        session.execute(insert(ExchangeRate), rows)


def _end_fixed(session: Session, actor: Actor, currency: str, into: str, now: datetime) -> None:
    query = select(ExchangeRate.rate_id).where(*_fixed(actor.tenant_id, into, currency))
    _end(session, actor, session.scalars(query).all(), now)


def _end(session: Session, actor: Actor, rate_ids: Sequence[int], now: datetime) -> None:
    session.execute(
        update(ExchangeRate)
        .where(ExchangeRate.tenant_id == actor.tenant_id, among(ExchangeRate.rate_id, rate_ids))
        .values(replaced_at=now, replaced_by=actor.user_id)
    )


def _checked_code(currency: str) -> str:
    if len(currency) != 3 or not currency.isascii() or not currency.isalpha() or not currency.isupper():
        raise InvalidInput("Write a currency as its code of three letters, such as EUR.")
    return currency
