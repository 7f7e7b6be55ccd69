"""The files of the What changed page: the terms of each split, the orders behind a term, and late changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from core.domain.periods import Period
from core.exports.files import Export
from core.metrics.bridges import late_changes, split_orders
from core.metrics.bridges.split_rows import Split
from core.metrics.bridges.splits import split_statement

_WORDS = {Split.CAUSE: "orders, returns and edits", Split.STEP: "gross sales, discounts and returns"}


def _files(split: Split) -> dict[str, Export]:
    return {
        f"changes-by-{split}": Export(
            split_statement(split),
            "key=text title=text current=amount earlier=amount change=amount currency=currency",
            title=f"Change by {_WORDS.get(split, split)}",
            row="term of the change",
            meanings={"title": "term"},
        ),
        f"orders-of-change-by-{split}": Export(
            partial(split_orders.split_orders_statement, split),
            """order_id=id name=text placed_at=time current=amount earlier=amount change=amount currency=currency
            time_zone=zone""",
            split_orders.LARGEST_FIRST,
            title=f"Orders of the change by {_WORDS.get(split, split)}",
            row="order",
        ),
    }


_LATE = Export(
    late_changes.late_changes_statement,
    """order_id=id name=text business_date=text_of_day kind=text line_type=text title=text changed_at=time
    then=amount now=amount change=amount total_change=amount currency=currency time_zone=zone""",
    late_changes.LARGEST_FIRST,
    title="Late changes",
    row="a line of an order whose money on a day changed",
    meanings={"kind": "late_kind", "change": "late_change"},
)
EXPORTS = {name: file for split in Split for name, file in _files(split).items()} | {"late-changes": _LATE}


def parameters(period: Period, filters: Mapping[str, str]) -> dict[str, object]:
    """Make the parameter `at`: the instant in "known", on the store's clock; by default the end of the period."""
    try:
        return {"at": datetime.fromisoformat(filters.get("known", "")).replace(tzinfo=period.zone)}
    except ValueError:
        return {"at": period.instants[1]}
