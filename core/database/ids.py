"""Filters a column by many ids at once."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, any_, literal
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import UserDefinedType


def among(column: ColumnElement[int] | InstrumentedAttribute[int], ids: Iterable[int]) -> ColumnElement[bool]:
    """Whether the column is one of the ids, however many there are: they are one parameter."""
    return column == any_(literal("{" + ",".join(map(str, ids)) + "}", _IdArray()))


class _IdArray(UserDefinedType[str]):
    """An array of ids, written as PostgreSQL reads it: the driver takes far longer to write a list."""

    cache_ok = True
    render_bind_cast = True

    def get_col_spec(self, **_: object) -> str:
        return "BIGINT[]"
