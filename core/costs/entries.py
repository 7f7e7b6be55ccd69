"""Costs by kind: payment fees, shipping, packaging, advertising and others, each valid from a day on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from core.accounts import Action, Actor, authorise
from core.database import StoreKey, tenant_session
from core.database.models import Cost, CostBasis, CostKind, Store, User
from core.domain.periods import EARLIEST, LATEST
from core.errors import InvalidInput, NotFound, StoreNotFound

MOST = 500
"""Costs of a store that count at the same time."""
SINGLE = frozenset({CostKind.PAYMENT_FEES, CostKind.SHIPPING, CostKind.PACKAGING})
"""Kinds that may have one cost at a time: a second one is meant as a correction, and would double the first."""
NAMES = {
    CostKind.PAYMENT_FEES: "Payment fees",
    CostKind.SHIPPING: "Shipping cost",
    CostKind.PACKAGING: "Packaging",
    CostKind.ADVERTISING: "Advertising",
    CostKind.OTHER: "Other cost",
}
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class CostEntry:
    """A cost as it is entered, in the store's currency. `percent` is of the totals of paid orders.

    `valid_from` is None from the first order on, `valid_to` without an end.
    """

    kind: CostKind
    amount: Decimal
    basis: CostBasis = CostBasis.ORDER
    percent: Decimal = Decimal(0)
    name: str = ""
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class CostView:
    """A stored cost; `entered_by` is a name, None if the user was deleted."""

    cost_id: int
    entry: CostEntry
    currency: str
    entered_at: datetime
    entered_by: str | None
    replaced_at: datetime | None = None
    replaced_by: str | None = None


def costs(store: StoreKey) -> tuple[CostView, ...]:
    """List the costs that count, by kind and first day."""
    return _views(store, Cost.replaced_at.is_(None))


def cost_history(store: StoreKey) -> tuple[CostView, ...]:
    """List the costs that were changed or removed, the latest first; a hundred at most."""
    views = _views(store, Cost.replaced_at.is_not(None))
    return tuple(sorted(views, key=lambda view: (view.replaced_at, view.cost_id), reverse=True)[:100])


def add_cost(actor: Actor, store_id: int, entry: CostEntry, now: datetime) -> None:
    """Enter a cost.

    Raises:
        NotAllowed: the actor is no owner.
        StoreNotFound: the tenant has no such store.
        InvalidInput: the cost is incomplete, or doubles one of the same kind and days.
    """
    authorise(actor, Action.ENTER_COSTS)
    with tenant_session(actor.tenant_id) as session:
        _add(session, actor, lock_store(session, actor.store_key(store_id)), checked(entry), now)


def replace_cost(actor: Actor, store_id: int, cost_id: int, entry: CostEntry, now: datetime) -> None:
    """Change a cost. The former one stays in the history.

    Raises:
        NotAllowed: the actor is no owner.
        NotFound: there is no such cost, or it was changed meanwhile.
        InvalidInput: as for `add_cost`.
    """
    authorise(actor, Action.ENTER_COSTS)
    with tenant_session(actor.tenant_id) as session:
        store = lock_store(session, actor.store_key(store_id))
        _end(session, actor, store, cost_id, now)
        _add(session, actor, store, checked(entry), now)


def remove_cost(actor: Actor, store_id: int, cost_id: int, now: datetime) -> None:
    """Remove a cost from all figures. It stays in the history.

    Raises:
        NotAllowed: the actor is no owner.
        NotFound: there is no such cost, or it was changed meanwhile.
    """
    authorise(actor, Action.ENTER_COSTS)
    with tenant_session(actor.tenant_id) as session:
        _end(session, actor, lock_store(session, actor.store_key(store_id)), cost_id, now)


def checked(entry: CostEntry) -> CostEntry:
    """Return the cost with a clean name.

    Raises:
        InvalidInput: the cost is incomplete or contradicts itself.
    """
    name = " ".join(entry.name.split())
    if len(name) > _LONGEST_NAME or not name.isprintable():
        raise InvalidInput(f"Shorten the name to at most {_LONGEST_NAME} ordinary characters.")
    if entry.kind is CostKind.OTHER and not name:
        raise InvalidInput("Type what the cost is for, such as rent.")
    if entry.kind in SINGLE and entry.basis is not CostBasis.ORDER:
        raise InvalidInput(f"Enter {NAMES[entry.kind].lower()} per order.")
    if entry.percent and entry.kind is not CostKind.PAYMENT_FEES:
        raise InvalidInput("Only payment fees have a percentage; enter an amount.")
    if not 0 <= entry.percent <= 100:
        raise InvalidInput("Type a percentage between 0 and 100.")
    if entry.amount < 0:
        raise InvalidInput("Type a cost as a positive amount.")
    for day in (entry.valid_from, entry.valid_to):
        if day and not EARLIEST <= day <= LATEST:
            raise InvalidInput(f"Choose days between {EARLIEST.year} and {LATEST.year}.")
    if entry.valid_from and entry.valid_to and entry.valid_to < entry.valid_from:
        raise InvalidInput("The last day is before the first one; swap them.")
    return CostEntry(entry.kind, entry.amount, entry.basis, entry.percent, name, entry.valid_from, entry.valid_to)


def lock_store(session: Session, store: StoreKey) -> Store:
    """Lock the store's row, so that two changes follow each other.

    Raises:
        StoreNotFound: the tenant has no such store.
    """
    row = session.scalar(select(Store).where(store.owns(Store)).with_for_update(key_share=True))
    if row is None:
        raise StoreNotFound
    return row


def _add(session: Session, actor: Actor, store: Store, entry: CostEntry, now: datetime) -> None:
    current = [store.key.owns(Cost), Cost.replaced_at.is_(None)]
    if (session.scalar(select(func.count()).select_from(Cost).where(*current)) or 0) >= MOST:
        raise InvalidInput(f"A store has at most {MOST} costs; remove one first.")
    valid_from = entry.valid_from or EARLIEST
    if entry.kind in SINGLE:
        overlaps = [Cost.kind == entry.kind, or_(Cost.valid_to.is_(None), Cost.valid_to >= valid_from)]
        if entry.valid_to:
            overlaps.append(Cost.valid_from <= entry.valid_to)
        if session.scalar(select(Cost.cost_id).where(*current, *overlaps).limit(1)):
            name = NAMES[entry.kind]
            raise InvalidInput(f"{name}: these days have a cost already; change it, or give it a last day.")
    session.add(
        Cost(
            tenant_id=store.tenant_id,
            store_id=store.store_id,
            kind=entry.kind,
            name=entry.name,
            basis=entry.basis,
            amount=entry.amount,
            percent=entry.percent,
            currency=store.currency,
            valid_from=valid_from,
            valid_to=entry.valid_to,
            entered_at=now,
            entered_by=actor.user_id,
        )
    )
    store.revision += 1


def _end(session: Session, actor: Actor, store: Store, cost_id: int, now: datetime) -> None:
    ended = (
        update(Cost)
        .where(store.key.owns(Cost), Cost.cost_id == cost_id, Cost.replaced_at.is_(None))
        .values(replaced_at=now, replaced_by=actor.user_id)
        .returning(Cost.cost_id)
    )
    if session.scalar(ended) is None:
        raise NotFound("This cost was changed or removed meanwhile; reload the page.")
    store.revision += 1


def _views(store: StoreKey, *where: object) -> tuple[CostView, ...]:
    entered, replaced = (select(User.user_id, User.name).subquery() for _ in range(2))
    query = (
        select(Cost, entered.c.name, replaced.c.name)
        .outerjoin(entered, entered.c.user_id == Cost.entered_by)
        .outerjoin(replaced, replaced.c.user_id == Cost.replaced_by)
        .where(store.owns(Cost), *where)  # type: ignore[arg-type]
        .order_by(Cost.kind, Cost.valid_from, Cost.cost_id)
    )
    with tenant_session(store.tenant_id) as session:
        return tuple(_view(*row) for row in session.execute(query))


def _view(row: Cost, entered_by: str | None, replaced_by: str | None) -> CostView:
    valid_from = row.valid_from if row.valid_from > EARLIEST else None
    entry = CostEntry(row.kind, row.amount, row.basis, row.percent, row.name, valid_from, row.valid_to)
    return CostView(row.cost_id, entry, row.currency, row.entered_at, entered_by, row.replaced_at, replaced_by)
