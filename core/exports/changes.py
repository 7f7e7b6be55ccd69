"""The files of the What changed page: the terms of each split, and the orders behind a term."""

from __future__ import annotations

from functools import partial

from core.exports.files import Export
from core.metrics.bridges import split_orders
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


EXPORTS = {name: file for split in Split for name, file in _files(split).items()}
