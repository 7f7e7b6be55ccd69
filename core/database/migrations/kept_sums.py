"""Sums that triggers keep: the SQL of their tables and triggers, for the migrations that create them.

Triggers keep a sum, so that no writer of its rows can forget to. Each handles all rows of a statement at once, in the
statement's transaction: what a page reads always equals the rows. `core.rollups` recomputes the sums to check them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from alembic import op

UNLESS_DEFERRED = "WHEN (current_setting('xeno.sums', true) IS DISTINCT FROM 'deferred')"
"""The condition of every trigger that keeps sums: see `core.rollups.deferral`."""
_OLD = "SELECT -1 AS sign, * FROM old_rows"
_NEW = "SELECT 1 AS sign, * FROM new_rows"
_STORE = ("tenant_id", "store_id")


@dataclass(frozen=True, slots=True)
class KeptSums:
    """Sums over the rows `r` of a table, in the columns of another table.

    `key` has the columns of the key behind tenant and store, each with its value of a row. `sums` has columns of
    sums, each with its amount of a row and the rows that count; `counts` has columns of counts, each with its rows.
    Only rows that match `rows` are in any of them. A row of sums is deleted when the columns `emptied_by` are all 0:
    those that count every row. `each` is a join by which a row counts in several sums, such as a month and a year.
    """

    table: str
    key: Mapping[str, str]
    sums: Mapping[str, tuple[str, str]]
    counts: Mapping[str, str]
    rows: str = "true"
    emptied_by: Sequence[str] = field(default=("sale_rows",))
    each: str = ""

    @property
    def _values(self) -> dict[str, str]:
        return {name: f"r.{name}" for name in _STORE} | dict(self.key)

    @property
    def _changed(self) -> tuple[str, ...]:
        return (*self.sums, *self.counts)

    @property
    def _keys(self) -> str:
        return ", ".join(self._values)

    def add(self, source: str) -> str:
        """Return the statement that adds the rows of `source`, each with its `sign`: 1, or -1 for one that left.

        Sorted by key, so that two transactions never wait for each other in a circle.
        """
        added = ", ".join(f"{name} = kept.{name} + excluded.{name}" for name in self._changed)
        any_changed = " OR ".join(f"{name} <> 0" for name in self._changed)
        return f"""
            INSERT INTO {self.table} AS kept ({self._keys}, {", ".join(self._changed)})
            SELECT * FROM ({self._deltas(source)}) deltas WHERE {any_changed} ORDER BY {self._keys}
            ON CONFLICT ({self._keys}) DO UPDATE SET {added};"""  # noqa: S608

    def take(self, source: str) -> str:
        """Return the statement that takes deleted rows away.

        Never an INSERT: the same statement may delete the store, to which a new row would refer. The deltas are
        summed first: the planner would sum them again for each stored row of a table that it takes for small.
        """
        added = ", ".join(f"{name} = kept.{name} + deltas.{name}" for name in self._changed)
        same = " AND ".join(f"kept.{name} = deltas.{name}" for name in self._values)
        return f"""
            WITH deltas AS MATERIALIZED ({self._deltas(source)})
            UPDATE {self.table} AS kept SET {added} FROM deltas WHERE {same};"""  # noqa: S608

    def prune(self) -> str:
        """Return the statement that deletes the sums of old rows if they are over no row now."""
        key = ", ".join(f"{value} AS {name}" for name, value in self._values.items())
        same = " AND ".join(f"kept.{name} = touched.{name}" for name in self._values)
        empty = " AND ".join(f"kept.{name} = 0" for name in self.emptied_by)
        return f"""
            WITH touched AS MATERIALIZED (SELECT DISTINCT {key} FROM old_rows r {self.each} WHERE {self.rows})
            DELETE FROM {self.table} AS kept USING touched WHERE {same} AND {empty};"""  # noqa: S608

    def _deltas(self, source: str) -> str:
        key = [f"{value} AS {name}" for name, value in self._values.items()]
        sums = [
            f"coalesce(sum(r.sign * ({amount})) FILTER (WHERE {rows}), 0) AS {name}"
            for name, (amount, rows) in self.sums.items()
        ]
        counts = [f"coalesce(sum(r.sign) FILTER (WHERE {rows}), 0) AS {name}" for name, rows in self.counts.items()]
        places = ", ".join(str(place + 1) for place in range(len(key)))
        columns = ", ".join([*key, *sums, *counts])
        return f"SELECT {columns} FROM ({source}) r {self.each} WHERE {self.rows} GROUP BY {places}"  # noqa: S608


def create_table(table: str, key: Mapping[str, str], columns: Mapping[str, str]) -> None:
    """Create a table of sums: `key` and `columns` have the types of its columns behind tenant and store."""
    typed = [f"{name} {kind} NOT NULL" for name, kind in (dict.fromkeys(_STORE, "BIGINT") | dict(key)).items()]
    sums = [f"{name} {kind} NOT NULL DEFAULT 0" for name, kind in columns.items()]
    # Room beside each row, so that a change of its sums touches no index.
    op.execute(f"""
        CREATE TABLE {table} (
            {", ".join([*typed, *sums])},
            PRIMARY KEY ({", ".join([*_STORE, *key])}),
            FOREIGN KEY (tenant_id, store_id) REFERENCES stores (tenant_id, store_id) ON DELETE CASCADE
        ) WITH (fillfactor = 80)
    """)


def fill(source: str, all_sums: Sequence[KeptSums]) -> None:
    """Sum the stored rows of the table `source`. Before `protect_table`, which hides the tables of sums."""
    # The policy of the source binds its owner, too, who is no superuser everywhere. Other sessions wait meanwhile.
    op.execute(f"ALTER TABLE {source} NO FORCE ROW LEVEL SECURITY")
    for sums in all_sums:
        op.execute(sums.add(f"SELECT 1 AS sign, * FROM {source}"))  # noqa: S608
    op.execute(f"ALTER TABLE {source} FORCE ROW LEVEL SECURITY")


def create_triggers(name: str, source: str, all_sums: Sequence[KeptSums]) -> None:
    """Have each change of the table `source` keep the sums; the triggers are called after `name` and the event."""
    changed = f"{_OLD} UNION ALL {_NEW}"
    _create_trigger(name, source, "insert", "NEW TABLE AS new_rows", [sums.add(_NEW) for sums in all_sums])
    _create_trigger(
        *(name, source, "update", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
        [sums.add(changed) + sums.prune() for sums in all_sums],
    )
    _create_trigger(
        *(name, source, "delete", "OLD TABLE AS old_rows"),
        [sums.take(_OLD) + sums.prune() for sums in all_sums],
    )


def drop_triggers(name: str) -> None:
    """Drop what `create_triggers` created."""
    for event in ("insert", "update", "delete"):
        op.execute(f"DROP FUNCTION {name}_on_{event}() CASCADE")


def _create_trigger(name: str, source: str, event: str, rows: str, statements: Sequence[str]) -> None:
    function = f"{name}_on_{event}"
    op.execute(f"""
        CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN {"".join(statements)} RETURN NULL; END $$
    """)
    op.execute(f"""
        CREATE TRIGGER {function} AFTER {event.upper()} ON {source} REFERENCING {rows}
        FOR EACH STATEMENT {UNLESS_DEFERRED} EXECUTE FUNCTION {function}()
    """)
