"""The base of all tables: names of constraints, column types, and the tables that belong to no tenant."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from sqlalchemy import (
    BigInteger,
    Computed,
    DateTime,
    Dialect,
    ForeignKeyConstraint,
    Identity,
    Index,
    MetaData,
    Numeric,
    Text,
    TypeDecorator,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import DeclarativeBase, MappedColumn, mapped_column

OUTSIDE_POLICIES = frozenset(
    {"tenants", "users", "memberships", "user_sessions", "sign_in_tickets", "sign_in_attempts", "store_routes"}
    | {"install_states", "pending_connections", "former_routes", "rate_limits"}
    | {"password_resets", "registration_links"}
)
"""The narrow tables that are read before a tenant is known: by sign-in, by installation, and to find a shop's store.
Every other table of ours has row-level security; a test counts them."""

KEPT = {"is_kept": True}
"""The `info` of a column that a trigger keeps: `core.ingest` never writes it."""

Id = Annotated[int, mapped_column(BigInteger)]
TenantId = Annotated[int, mapped_column(BigInteger, primary_key=True)]
StoreId = Annotated[int, mapped_column(BigInteger, primary_key=True)]
ShopifyKey = Annotated[int, mapped_column(BigInteger, primary_key=True, autoincrement=False)]
NewId = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
Money = Annotated[Decimal, mapped_column(Numeric)]
Instant = Annotated[datetime, mapped_column(DateTime(timezone=True))]
Texts = Annotated[list[str], mapped_column(ARRAY(Text))]
Ids = Annotated[list[int], mapped_column(ARRAY(BigInteger))]


class EnumText(TypeDecorator[StrEnum]):
    """A text column that holds the values of a StrEnum: `Mapped[StoreState] = mapped_column(EnumText(StoreState))`.

    The column stays `text` with a CHECK constraint. A PostgreSQL enum type could not lose a value again, and adding
    one takes its own transaction.
    """

    impl = Text
    cache_ok = True

    def __init__(self, values: type[StrEnum]) -> None:
        super().__init__()
        self.values = values

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Check the value before it is sent: a misspelled state in a filter would match no row, silently."""
        return None if value is None else self.values(value).value

    def process_result_value(self, value: Any, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.values(value)


def thousandths(amount: str) -> MappedColumn[int]:
    """Thousandths of an amount, which PostgreSQL derives and sorts lists by: see `core.metrics.paging`."""
    largest = 9_000_000_000_000_000
    derived = f"(least(greatest({amount}, -{largest}), {largest}) * 1000)::bigint"
    return mapped_column(BigInteger, Computed(derived, persisted=True), deferred=True)


def of_store() -> ForeignKeyConstraint:
    """Let the rows of a table go with their store."""
    return ForeignKeyConstraint(
        ["tenant_id", "store_id"], ["stores.tenant_id", "stores.store_id"], ondelete="CASCADE"
    )


def of_order() -> ForeignKeyConstraint:
    """Let the rows of a table go with their order."""
    return ForeignKeyConstraint(
        ["tenant_id", "store_id", "order_id"],
        ["orders.tenant_id", "orders.store_id", "orders.order_id"],
        ondelete="CASCADE",
    )


def index_where_set(name: str, is_set: str, *columns: str, **options: Any) -> Index:
    """Index these columns behind tenant and store, of the rows that have a value of `is_set` only."""
    return Index(name, "tenant_id", "store_id", *columns, postgresql_where=text(f"{is_set} IS NOT NULL"), **options)


def index_of_late(table: str, instant: str) -> Index:
    """Index the rows that became known over an hour after their `instant`: few rows did."""
    is_late = text(f"known_at - {instant} > interval '1 hour'")
    return Index(
        f"ix_{table}_late", *("tenant_id", "store_id", "business_date", "known_at"), postgresql_where=is_late
    )


class Base(DeclarativeBase):
    """Money is `numeric` without a scale: currencies have 0 to 3 decimals, and none is rounded here."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(referred_table_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012  # read once by SQLAlchemy
        str: Text(),
        datetime: DateTime(timezone=True),
        Decimal: Numeric(),
        int: BigInteger(),
    }
