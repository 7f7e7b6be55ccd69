"""Which checkouts were begun? The stored checkouts of a period, one by one, and all that is known of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.checkouts import CheckoutState
from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.checkouts.report import LIVE, STORED_COUNT, Aging
from core.metrics.scope import Scope
from core.metrics.searching import CUSTOMERS_FOUND, MOST_COUNTED, range_of
from core.metrics.sorting import Sort, order_by

ALL = ""
"""In place of a state: checkouts of every state."""


class CheckoutKey(StrEnum):
    """What a list of checkouts can be sorted by: what an index has in order."""

    STARTED = "started"
    TOTAL = "total"


NEWEST_FIRST = Sort(CheckoutKey.STARTED, is_descending=True)


@dataclass(frozen=True, slots=True)
class CheckoutRow:
    """A checkout in a list.

    `customer` is a name, else an address, else None: the app may not see customers, or the person was erased. `items`
    are titles with units. `ended_at` is when it was completed; `order_id`, `order_name` and `order_net` (net sales to
    date) are of its order where that is known.
    """

    checkout_id: int
    started_at: datetime
    state: CheckoutState
    customer: str | None
    customer_id: int | None
    email: str | None
    country: str | None
    items: str | None
    units: int
    total: Decimal
    currency: str
    ended_at: datetime | None
    order_id: int | None
    order_name: str | None
    order_net: Decimal | None


@dataclass(frozen=True, slots=True)
class CheckoutLine:
    """A line of a checkout; `total` is after discounts, for all units. `product_id` is None where the catalogue does
    not have the product."""

    title: str
    variant: str | None
    sku: str | None
    product_id: int | None
    quantity: int
    unit_price: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class CheckoutDetails:
    """A checkout with its lines. `recovery_path` is the customer's link without its host: keep it out of logs."""

    row: CheckoutRow
    discount_codes: tuple[str, ...]
    subtotal: Decimal
    discounts: Decimal
    tax: Decimal | None
    taxes_included: bool
    is_customer_withheld: bool
    recovery_path: str | None
    lines: tuple[CheckoutLine, ...]


def checkout_list(
    session: Session,
    scope: Scope,
    period: Period,
    aging: Aging,
    state: str = ALL,
    search: str = "",
    limit: int | None = None,
    offset: int = 0,
    sort: Sort[CheckoutKey] = NEWEST_FIRST,
) -> tuple[CheckoutRow, ...]:
    """List the checkouts that began in the period; `search` is the beginning of a customer's address or name."""
    parameters = {**_narrowed(scope, period, aging, state, search), "limit": limit, "offset": offset}
    statement = text(_statement(sort, _found(search)))
    return tuple(_row(dict(row)) for row in session.execute(statement, parameters).mappings())


def count_checkouts(
    session: Session, scope: Scope, period: Period, aging: Aging, state: str = ALL, search: str = ""
) -> int:
    """Count the `checkout_list` there is without a limit, from the kept sums; with a search, up to `MOST_COUNTED` and
    one more."""
    limited = f"SELECT count(*) FROM ({_found(search)} LIMIT {MOST_COUNTED + 1}) found"
    statement = limited if search.strip() else STORED_COUNT
    parameters = _narrowed(scope, period, aging, state, search)
    return session.execute(text(statement), parameters).scalar_one()


def checkout_details(session: Session, scope: Scope, aging: Aging, checkout_id: int) -> CheckoutDetails | None:
    """Find a checkout of the store; None if it is unknown or deleted."""
    parameters = {**scope.parameters, **aging.parameters, "checkout_id": checkout_id}
    row = session.execute(text(_ONE), parameters).mappings().one_or_none()
    if row is None:
        return None
    rest = (
        "discount_codes",
        "subtotal",
        "discounts",
        "tax",
        "taxes_included",
        "is_customer_withheld",
        "recovery_path",
    )
    details = {name: row[name] for name in rest} | {"discount_codes": tuple(row["discount_codes"])}
    lines = session.execute(text(_LINES), parameters).mappings()
    return CheckoutDetails(
        row=_row({name: value for name, value in row.items() if name not in rest}),
        lines=tuple(CheckoutLine(**line) for line in lines),
        **details,
    )


def _row(values: dict[str, object]) -> CheckoutRow:
    return CheckoutRow(**values | {"state": CheckoutState(values["state"])})  # type: ignore[arg-type]


def _narrowed(scope: Scope, period: Period, aging: Aging, state: str, search: str) -> dict[str, object]:
    return {**scope.within(period), **aging.parameters, "state": state, **range_of(search)}


_STATE = """CASE WHEN c.ended_after <= :step THEN 'completed' WHEN c.ended_after > :step THEN 'recovered'
                WHEN c.created_at > :settled_until THEN 'pending' ELSE 'abandoned' END"""

_OF_PERIOD = f"""
    SELECT c.* FROM (
        SELECT c.*, {_STATE} AS state FROM checkouts c
        WHERE {LIVE} AND c.currency = {f.CURRENCY} AND c.business_date BETWEEN :start AND :end
          AND (CAST(:until AS timestamptz) IS NULL OR c.created_at < :until)
    ) c
    WHERE :state IN ('', c.state)"""
_IN_FILE = f"{_OF_PERIOD} AND (:search = '' OR c.customer_id IN ({CUSTOMERS_FOUND}))"


def _found(search: str) -> str:
    """Select the rows of the list. With a search, PostgreSQL begins with the customers found."""
    return f"{_OF_PERIOD} AND c.customer_id IN ({CUSTOMERS_FOUND})" if search.strip() else _OF_PERIOD


_SORTED = {
    # The day is the first column after the store in the index: a page of any period reads its own rows only.
    CheckoutKey.STARTED: "found.business_date {}, found.created_at {}",
    CheckoutKey.TOTAL: "found.total {}",
}
_NEWEST = "found.business_date DESC, found.created_at DESC, found.checkout_id DESC"

_COLUMNS = f"""
    found.checkout_id, found.created_at AS started_at, found.state, coalesce({f.CUSTOMER_NAME}, c.email) AS customer,
    found.customer_id, c.email, found.country, goods.items, coalesce(goods.units, 0)::bigint AS units, found.total,
    found.currency, coalesce(found.completed_at, found.ordered_at) AS ended_at, found.order_id, o.name AS order_name,
    found.order_net"""
_JOINED = f"""
LEFT JOIN customers c ON {f.of_store("c")} AND c.customer_id = found.customer_id
LEFT JOIN orders o ON {f.of_store("o")} AND o.order_id = found.order_id
LEFT JOIN LATERAL (
    SELECT string_agg(concat_ws(' · ', l.title, l.variant_title)
                      || CASE WHEN l.quantity > 1 THEN ' × ' || l.quantity ELSE '' END,
                      ', ' ORDER BY l.checkout_line_id) AS items, sum(l.quantity) AS units
    FROM checkout_lines l WHERE {f.of_store("l")} AND l.checkout_id = found.checkout_id
) goods ON true"""


def list_statement(sort: Sort[CheckoutKey] = NEWEST_FIRST) -> str:
    """The SQL of `checkout_list` for a file, which may be searched or not."""
    return _statement(sort, _IN_FILE)


def _statement(sort: Sort[CheckoutKey], found: str) -> str:
    """The SQL of a list. Lines, customers and orders are looked up for the rows of the page only."""
    order = order_by(_SORTED, sort, _NEWEST)
    return f"""
SELECT {_COLUMNS}
FROM (SELECT * FROM ({found}) found {order} LIMIT :limit OFFSET :offset) found
{_JOINED}
{order}
"""


_ONE = f"""
SELECT {_COLUMNS}, found.discount_codes, found.subtotal, found.discounts, found.tax, found.taxes_included,
       coalesce(found.withheld ? 'customer', false) AS is_customer_withheld, found.recovery_path
FROM (SELECT c.*, {_STATE} AS state FROM checkouts c WHERE {LIVE} AND c.checkout_id = :checkout_id) found
{_JOINED}
"""

_LINES = f"""
SELECT coalesce(l.title, 'Unnamed item') AS title, l.variant_title AS variant, l.sku, p.product_id, l.quantity,
       l.unit_price, l.total
FROM checkout_lines l
LEFT JOIN products p ON {f.of_store("p")} AND p.product_id = l.product_id AND p.deleted_at IS NULL
WHERE {f.of_store("l")} AND l.checkout_id = :checkout_id
ORDER BY l.checkout_line_id
"""
