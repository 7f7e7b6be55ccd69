"""Shopify's own figures of days: the orders of a day, their number, and total sales by its report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from core.domain.periods import Period
from core.errors import QueryRefused
from core.shopify.client import ShopifyClient
from core.shopify.listing import Place, narrowed, stamp
from core.shopify.mapping.fields import Fields
from core.shopify.wire import Json

AT_ONCE = 10
"""Days counted in one request."""
_PAGE = 250


@dataclass(frozen=True, slots=True)
class Listed:
    """An order in Shopify's list of a day."""

    order_id: int
    name: str
    updated_at: datetime


def counts(client: ShopifyClient, days: Sequence[Period]) -> dict[date, int]:
    """Count the orders placed on each day, by the day, with test orders.

    Raises:
        ShopifyError, ShopifyTransient: see `ShopifyClient.execute`.
    """
    order_counts: dict[date, int] = {}
    for first in range(0, len(days), AT_ONCE):
        batch = days[first : first + AT_ONCE]
        texts = [_placed_on(day) for day in batch]
        texts += texts[-1:] * (AT_ONCE - len(texts))
        data = client.execute("day_counts", {f"d{n}": text for n, text in enumerate(texts)})
        for n, day in enumerate(batch):
            order_counts[day.start] = data[f"d{n}"]["count"]
    return order_counts


def orders(client: ShopifyClient, day: Period) -> dict[int, Listed]:
    """List the orders placed on a day, by id. Raises as `counts`."""
    return {order.order_id: order for order in _listed(client, _placed_on(day))}


def total_sales(client: ShopifyClient, first: date, last: date) -> dict[date, Decimal]:
    """Read total sales of the days from `first` to `last` from Shopify's own report; a day that it omits had none.

    Raises:
        AccessDenied: the app may not read reports; and as `counts`.
        QueryRefused: the report cannot be read.
    """
    # Shopify's documents disagree on whether UNTIL includes its day; a surplus day does no harm.
    until = last + timedelta(days=1)
    report = f"FROM sales SHOW total_sales TIMESERIES day SINCE {first} UNTIL {until}"
    answer = client.execute("day_totals", {"report": report})["shopifyqlQuery"]
    if answer is None or answer["parseErrors"] or answer["tableData"] is None:
        problem = "; ".join((answer or {}).get("parseErrors") or ()) or "no table"
        raise QueryRefused(f"Shopify did not answer a report: {problem[:200]}")
    amounts = dict(_amounts(answer["tableData"]))
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return {day: amounts.get(day, Decimal(0)) for day in days}


def _placed_on(day: Period) -> str:
    """Write the search text of a day's orders. Its bounds are inclusive: for times, Shopify reads < and > as <= and
    >=."""
    start, end = day.instants
    return f"processed_at:>='{stamp(start)}' processed_at:<='{stamp(end - timedelta(seconds=1))}'"


def _listed(client: ShopifyClient, query: str) -> Iterator[Listed]:
    """List the orders that match; an order that changes meanwhile comes again, in its newer version."""
    place = Place()
    while True:
        variables = {"query": narrowed(query, place.since), "first": _PAGE, "after": place.after}
        page = client.execute("day_orders", variables)["orders"]
        listed = [_order(node) for node in page["nodes"]]
        yield from listed
        end_cursor = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"] or not end_cursor or not listed:
            return
        place = place.next(end_cursor, len(listed), stamp(listed[-1].updated_at))


def _order(node: Json) -> Listed:
    fields = Fields(node, "an order of the API")
    return Listed(fields.gid(), fields.text("name"), fields.time("updatedAt"))


def _amounts(table: Json) -> Iterator[tuple[date, Decimal]]:
    """Read the table's rows; each is an object by column, or in older answers a list in the columns' order."""
    try:
        names = [column["name"] for column in table["columns"]]
        for row in table["rows"]:
            cells = row if isinstance(row, dict) else dict(zip(names, row, strict=True))
            yield date.fromisoformat(str(cells["day"])[:10]), Decimal(str(cells["total_sales"] or 0))
    except (KeyError, TypeError, ValueError, InvalidOperation):
        raise QueryRefused("Shopify's report has other columns than were asked for; please report it.") from None
