"""Replaces child rows where they differ from what is stored; an equal row is not written.

Most orders are written several times with the same ledger: by webhook, by the re-fetch, at each fulfilment. A row
that is not written costs no trigger, and stays known since when it was.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Delete,
    FromClause,
    Select,
    Table,
    and_,
    any_,
    bindparam,
    delete,
    func,
    not_,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, Insert, insert
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.ingest.rows import Rows
from core.ingest.target import Target
from core.ingest.upsert import from_parameter, incoming, incoming_column, replace_children


class _Statements(NamedTuple):
    """The statements of a replacement; their parameters are a store's, and the ids `parents`."""

    differing: Select[Any]
    """The parents whose rows differ, each with whether it has surplus rows, and whether it has other changes."""
    delete_surplus: Delete
    write_changed: Insert


def replace_changed(
    session: Session, target: Target, parent: InstrumentedAttribute[int], parents: Collection[int], rows: Rows
) -> None:
    """Make `rows` the child rows of these parents, which are all that may have stored children."""
    if not parents or not rows.lines:
        return replace_children(session, target, parent, parents, rows)
    with incoming(session, target, rows) as (source, parameters):
        place = (rows.table, rows.columns, parent.key)
        statements = _given(*place) if parameters else _statements(source, *place)
        values = {**parameters, **target.store.parameters}
        differing = session.execute(statements.differing, {**values, "parents": sorted(parents)}).all()
        if surplus := [row.parent for row in differing if row.has_surplus]:
            session.execute(statements.delete_surplus, {**values, "parents": surplus})
        if changed := [row.parent for row in differing if row.has_changes]:
            session.execute(statements.write_changed, {**values, "parents": changed})


@lru_cache(maxsize=16)
def _given(table: Table, columns: tuple[str, ...], parent: str) -> _Statements:
    """Return the statements for rows that are a parameter, once: to build them takes as long as to run them."""
    return _statements(from_parameter(table, columns), table, columns, parent)


def _statements(source: Select[Any], table: Table, columns: tuple[str, ...], parent: str) -> _Statements:
    keys = [column.name for column in table.primary_key]
    others = [name for name in columns if name not in keys]
    new = source.subquery("new")
    old = select(*(table.c[name] for name in columns)).where(_of_parents(table, parent)).subquery("old")
    same = and_(*(new.c[name] == old.c[name] for name in keys))
    is_surplus, is_new = new.c[parent].is_(None), old.c[parent].is_(None)
    has_changed = or_(is_new, *(new.c[name].is_distinct_from(old.c[name]) for name in others))
    differing = (
        select(
            func.coalesce(new.c[parent], old.c[parent]).label("parent"),
            func.bool_or(is_surplus).label("has_surplus"),
            func.bool_or(and_(not_(is_surplus), has_changed)).label("has_changes"),
        )
        .select_from(new.join(old, same, full=True))
        .where(or_(is_surplus, has_changed))
        .group_by(func.coalesce(new.c[parent], old.c[parent]))
    )
    kept = select(1).select_from(new).where(and_(*(new.c[name] == table.c[name] for name in keys))).exists()
    delete_surplus = delete(table).where(_of_parents(table, parent), not_(kept))
    statement = insert(table)
    write_changed = statement.from_select(list(columns), select(*new.c).where(_among_parents(new, parent)))
    return _Statements(
        differing,
        delete_surplus,
        write_changed.on_conflict_do_update(
            index_elements=keys,
            set_={name: statement.excluded[name] for name in others},
            where=or_(*(incoming_column(name).is_distinct_from(table.c[name]) for name in others)),
        ),
    )


def _of_parents(table: FromClause, parent: str) -> ColumnElement[bool]:
    own = (table.c.tenant_id == bindparam("tenant_id"), table.c.store_id == bindparam("store_id"))
    return and_(*own, _among_parents(table, parent))


def _among_parents(table: FromClause, parent: str) -> ColumnElement[bool]:
    return table.c[parent] == any_(bindparam("parents", type_=ARRAY(BigInteger)))
