"""Rows of orders that PostgreSQL has received ahead of their write, in temporary tables of the same transaction.

One connection receives the rows of a batch while another one merges the batch before it. A batch stays one
transaction: a killed process leaves all of it or nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Select, Table, TableClause, select, text
from sqlalchemy.orm import Session

from core.database.ids import among
from core.ingest.copy import copy_rows
from core.ingest.rows import Rows

_LONGEST_WAIT = "30min"
"""The limit for a transaction that waits until the batch before it is written, and until sums are rebuilt."""


@dataclass(frozen=True, slots=True)
class Staged:
    """The ids of orders whose rows are staged, and the temporary tables, by the name of the table they are for."""

    order_ids: frozenset[int]
    tables: Mapping[str, TableClause]

    def source(self, table: Table, order_ids: Collection[int]) -> Select[tuple[object, ...]] | None:
        """Return the query of the staged rows of these orders; None if they are not all staged."""
        temporary = self.tables.get(table.name)
        if temporary is None or not self.order_ids.issuperset(order_ids):
            return None
        rows = select(*temporary.columns)
        return rows if len(order_ids) == len(self.order_ids) else rows.where(among(temporary.c.order_id, order_ids))


NONE_STAGED = Staged(frozenset(), {})


def stage(session: Session, order_ids: Iterable[int], tables: Iterable[Rows], least: int) -> Staged:
    """Send the rows of all these orders; a table with fewer than `least` rows is left out.

    The session's transaction takes no lock of the store, and has to write the orders itself.
    """
    large = [rows for rows in tables if len(rows.lines) >= least]
    if not large:
        return NONE_STAGED
    session.execute(text(f"SET LOCAL idle_in_transaction_session_timeout = '{_LONGEST_WAIT}'"))
    return Staged(frozenset(order_ids), {rows.table.name: copy_rows(session, rows, "staged") for rows in large})
