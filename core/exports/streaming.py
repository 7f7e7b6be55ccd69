"""Stream the file of a table or chart from PostgreSQL: all rows of the page's statement."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import partial

from core.domain.periods import Period
from core.exports.csv_file import csv_pieces
from core.exports.selection import select
from core.exports.snapshot import Pieces
from core.stores import StoreView


def stream(
    store: StoreView,
    name: str,
    period: Period,
    filters: Mapping[str, str],
    compared: Period | None = None,
    today: date | None = None,
    now: datetime | None = None,
) -> Pieces:
    """Stream the file `name`; its statement runs when the first piece is read.

    The arguments and the errors are those of `core.exports.selection.select`.
    """
    selection = select(store, name, period, filters, compared, today, now)
    write = partial(csv_pieces, selection.export, selection.statement)
    return Pieces(store.tenant_id, selection.parameters, write)


def filename(store: StoreView, name: str, period: Period) -> str:
    """Name the file on the merchant's disk: store, table or chart, first and last day."""
    handle = re.sub(r"[^a-z0-9-]", "", store.shop_domain.removesuffix(".myshopify.com"))
    return f"{handle}-{name}-{period.start.isoformat()}-{period.end.isoformat()}.csv"
