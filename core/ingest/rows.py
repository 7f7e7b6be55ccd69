"""Records as rows, in one format: a line of JSON for each row, which both an INSERT and a COPY take.

A `Layout` says which column of a table has which value. A row can be laid out before its transaction begins, and
costs its transaction no more than the bytes to send.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, TypeVar

from msgspec import Struct
from msgspec.json import Encoder
from sqlalchemy import Select, Table
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase

from core.ingest.target import Target

R = TypeVar("R", bound=Struct)
_KEY = ("tenant_id", "store_id")
_LARGEST = 1 << 63
_encode_json = Encoder().encode


class Place(NamedTuple):
    """Where a record stands: its store, the record that contains it (None for the outermost), and its position."""

    target: Target
    parent: Any
    position: int


Compute = Callable[[Place, R], Any]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one table: the names of their columns, and for each row its values in that order, as JSON without the
    outer brackets. No two have the same key."""

    table: Table
    columns: tuple[str, ...]
    lines: list[bytes]
    source: Select[Any] | None = None
    """The query of the same rows on the server, if they are staged there (see `core.ingest.staged`)."""


class Layout(Generic[R]):
    """How records of one type become rows of a table.

    `computed` has the columns that are computed from a record and its place. Every other column has the record's
    field of the same name, so a new field needs a column and nothing here. Triggers write columns that are kept.

    Raises:
        TypeError: a column has neither a field nor a computation.
    """

    def __init__(
        self,
        model: type[DeclarativeBase],
        record: type[R],
        computed: Mapping[str, Compute[R]] = MappingProxyType({}),
    ) -> None:
        self.table: Table = model.__table__  # type: ignore[assignment]
        lists = {column.name: write for column in self.table.c if (write := _list_writer(column.type))}
        fields = [name for name in record.__struct_fields__ if name in self.table.c and name not in computed]
        computations = dict(computed) | {name: _field(name) for name in fields if name in lists}
        plain = tuple(name for name in fields if name not in lists)
        kept = {column.name for column in self.table.c if column.computed is not None or column.info.get("is_kept")}
        if missing := {column.name for column in self.table.c} - kept - {*_KEY, *computations, *plain}:
            raise TypeError(f"{self.table.name}: {record.__name__} says nothing for the columns {sorted(missing)}")
        self.columns = (*_KEY, *computations, *plain)
        self._computations = [_as_text(compute, lists.get(name)) for name, compute in computations.items()]
        self._plain = _values_of(plain)

    def line(self, target: Target, record: R, parent: Any = None, position: int = 0) -> bytes:
        """Return the row of one record, which stands in `parent` at `position`."""
        place = Place(target, parent, position)
        store = target.store
        computed = [compute(place, record) for compute in self._computations]
        return _encode([store.tenant_id, store.store_id, *computed, *self._plain(record)])

    def rows(self, lines: Iterable[bytes], source: Select[Any] | None = None) -> Rows:
        """Return the rows that have these lines; `source` reads the same rows on the server."""
        return Rows(self.table, self.columns, list(lines), source)

    def rows_of(self, target: Target, records: Iterable[R]) -> Rows:
        """Return the rows of these records, which stand in no other."""
        return self.rows(self.line(target, record) for record in records)


def _values_of(names: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    if len(names) > 1:
        return attrgetter(*names)
    return lambda record: tuple(getattr(record, name) for name in names)


def _field(name: str) -> Compute[Any]:
    return lambda _, record: getattr(record, name)


def _as_text(compute: Compute[R], write: Callable[[Any], str] | None) -> Compute[R]:
    """Return the computation of a column that holds a list or JSON, with its value as PostgreSQL's text for it."""
    if write is None:
        return compute

    def computed(place: Place, record: R) -> str | None:
        value = compute(place, record)
        return None if value is None else write(value)

    return computed


def _list_writer(kind: Any) -> Callable[[Any], str] | None:
    if isinstance(kind, JSONB):
        return _json
    return _array if isinstance(kind, ARRAY) else None


def _json(value: Any) -> str:
    return "[]" if value == [] else _encoded(value).decode()


def _array(values: Sequence[Any]) -> str:
    return "{" + ",".join([quoted(str(value)) for value in values]) + "}"


def quoted(value: str) -> str:
    """Return a text in quotes, with quotes and backslashes escaped by a backslash."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _encode(values: list[Any]) -> bytes:
    return _encoded(values)[1:-1]


def _encoded(value: Any) -> bytes:
    try:
        line = _encode_json(value)
    except (UnicodeEncodeError, OverflowError):
        return _encode_json(storable(value))
    # PostgreSQL stores no NUL, not even an escaped one.
    return _encode_json(storable(value)) if b"\\u0000" in line else line


def storable(value: Any) -> Any:
    """Return the value without characters that PostgreSQL cannot store: a NUL in a name must not keep a sale out.

    A number that JSON cannot hold becomes a text, so that PostgreSQL names what is wrong with it.
    """
    if isinstance(value, str):
        if value.isascii() and "\0" not in value:
            return value
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {name: storable(item) for name, item in value.items()}
    return str(value) if type(value) is int and abs(value) >= _LARGEST else value
