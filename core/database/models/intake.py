"""How it came in: sync runs, webhook deliveries and imported files."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Identity, Index, Integer, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, synonym

from core.database.models.base import Base, EnumText, ShopifyKey, StoreId, TenantId, Texts, of_store
from core.database.models.runs import RetriedRun, Run, RunState, Trigger
from core.database.store_key import StoreKey


class SyncRun(RetriedRun, Base):
    """One run of a store's sync, from the click (or the schedule) to its outcome.

    `cursors` is where each entity stands, committed with the data it speaks of, so a killed run goes on there.
    At most one run of a store is queued and one is running: unique indexes, so a double click is one run.
    """

    __tablename__ = "sync_runs"
    __table_args__ = (
        of_store(),
        CheckConstraint("state IN ('queued', 'running', 'succeeded', 'failed', 'canceled')", name="state"),
        CheckConstraint("trigger IN ('connect', 'button', 'schedule', 'command')", name="trigger"),
        Index(None, "tenant_id", "store_id", "requested_at"),
        *(
            Index(
                f"uq_sync_runs_{state}",
                "tenant_id",
                "store_id",
                unique=True,
                postgresql_where=text(f"state = '{state}'"),
            )
            for state in (RunState.QUEUED, RunState.RUNNING)
        ),
    )

    run_id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    trigger: Mapped[Trigger] = mapped_column(EnumText(Trigger))
    started_at: Mapped[datetime | None]
    since: Mapped[datetime | None]
    """Changes from this instant on are read; None for everything."""
    until: Mapped[datetime | None]
    """… up to this one: what the store is known complete until once the run succeeded."""
    cursors: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    records_done: Mapped[int] = mapped_column(server_default=text("0"))
    records_total: Mapped[int | None]
    orders_done: Mapped[int | None]
    """The orders among the records; None before the first, and for runs of older versions."""
    orders_new: Mapped[int | None]
    """Orders that were not stored before; None for a first load, which does not compare."""


class SliceState(StrEnum):
    """Whether a slice of a first load still has to be read."""

    PENDING = "pending"
    STARTED = "started"
    """Shopify runs its bulk operation."""
    DONE = "done"


class BackfillSlice(Base):
    """A part of a store's first load: one entity, and of orders those of one span of time.

    It is read by one bulk operation of Shopify's (`operation_id` once started). The slices are the store's, not a
    run's: a run that was canceled or failed leaves the done ones done, and the next goes on with the others.
    """

    __tablename__ = "backfill_slices"
    __table_args__ = (
        of_store(),
        CheckConstraint("entity IN ('orders', 'products', 'customers', 'inventory', 'checkouts')", name="entity"),
        CheckConstraint("state IN ('pending', 'started', 'done')", name="state"),
    )

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    slice_no: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    """The order in which they are read: the most recent orders first."""
    entity: Mapped[str]
    since: Mapped[datetime | None]
    until: Mapped[datetime | None]
    planned_at: Mapped[datetime]
    """When the store's first load was planned: what changed since is for the syncs after it."""
    state: Mapped[SliceState] = mapped_column(EnumText(SliceState), server_default=text("'pending'"))
    operation_id: Mapped[str | None]
    started_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    """How often Shopify did not bring it to an end."""
    loads: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    """How often a worker started to write its rows. Only the latest may go on: an older one lost its lease."""
    records_done: Mapped[int] = mapped_column(server_default=text("0"))
    finished_at: Mapped[datetime | None]

    @property
    def store_key(self) -> StoreKey:
        return StoreKey.of(self)


class OrderToRead(Base):
    """An order that the first load brought without its refunds and edits: it has yet to be read whole."""

    __tablename__ = "orders_to_read"
    __table_args__ = (
        of_store(),
        Index(None, "tenant_id", "store_id", "slice_no"),
    )

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    order_id: Mapped[ShopifyKey]
    slice_no: Mapped[int] = mapped_column(Integer)


class Deletion(Base):
    """The tombstone of an order, customer, product or checkout: a late webhook must not bring it back.

    Nothing restores a record that Shopify reported as deleted. An inferred deletion, of a record that Shopify did not
    return, ends when the API returns the record.
    """

    __tablename__ = "deletions"
    __table_args__ = (
        of_store(),
        CheckConstraint("kind IN ('order', 'customer', 'product', 'checkout')", name="kind"),
    )

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    kind: Mapped[str] = mapped_column(primary_key=True)
    shopify_id: Mapped[ShopifyKey]
    deleted_at: Mapped[datetime]
    is_inferred: Mapped[bool] = mapped_column(server_default=text("false"))
    followed_at: Mapped[datetime | None]
    """When it was last asked whose the orders of this customer are now; None for all else."""


class Import(Run, Base):
    """One import of Shopify's own orders CSV, of one or several files, from the click to its outcome.

    All files are checked before the first order is written, so a wrong file changes nothing. `orders_done` is
    committed with the orders it counts: an import that was killed goes on behind them.
    """

    __tablename__ = "imports"
    __table_args__ = (
        of_store(),
        CheckConstraint("state IN ('queued', 'running', 'succeeded', 'failed', 'canceled')", name="state"),
        Index(None, "tenant_id", "store_id", "import_id"),
    )

    import_id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    run_id: Mapped[int] = synonym("import_id")
    file_names: Mapped[Texts]
    started_at: Mapped[datetime | None]
    bytes_total: Mapped[int]
    """Of all files; each byte is read twice, once to check and once to write."""
    bytes_read: Mapped[int] = mapped_column(server_default=text("0"))
    orders_total: Mapped[int | None]
    """How many orders the files hold; None until they are checked."""
    orders_done: Mapped[int] = mapped_column(server_default=text("0"))
    orders_kept: Mapped[int] = mapped_column(server_default=text("0"))
    """… stored from Shopify itself, or deleted there: the file's version was skipped."""
    orders_uneven: Mapped[int] = mapped_column(server_default=text("0"))
    """… whose amounts do not add up in the file itself."""
    uneven: Mapped[list[dict[str, str]]] = mapped_column(JSONB, server_default=text("'[]'"))
    """The first uneven orders: name, total in the file, and total of the lines."""
    currency: Mapped[str]
    """The store's when the import was requested."""
    other_currencies: Mapped[Texts] = mapped_column(server_default=text("'{}'"))
    """The currencies of the store's orders at the request: orders in them are imported, too."""
    any_currency: Mapped[bool] = mapped_column(server_default=text("false"))
    """Whether orders in all other currencies are taken as well."""
    orders_skipped: Mapped[int] = mapped_column(server_default=text("0"))
    """Orders in a currency that is not imported; in none of the counts above."""
    skipped: Mapped[list[dict[str, str]]] = mapped_column(JSONB, server_default=text("'[]'"))
    """The first skipped orders: name and currency."""


class ImportChunk(Base):
    """A piece of an uploaded file, compressed, on its way from browser to worker; deleted after the import."""

    __tablename__ = "import_chunks"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "import_id"], ["imports.tenant_id", "imports.import_id"], ondelete="CASCADE"
        ),
    )

    tenant_id: Mapped[TenantId]
    import_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    file_no: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    chunk_no: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    data: Mapped[bytes]


class UnreadableRecord(Base):
    """A record at Shopify that could not be read the last time; deleted once it can."""

    __tablename__ = "unreadable_records"
    __table_args__ = (
        of_store(),
        CheckConstraint("kind IN ('order', 'customer', 'product', 'checkout', 'inventory item')", name="kind"),
    )

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    kind: Mapped[str] = mapped_column(primary_key=True)
    shopify_id: Mapped[ShopifyKey]
    """0 where the record lacks its id."""
    reason: Mapped[str]
    """What it lacks, in the words of `UnmappableError`: names of fields, never their values."""
    seen_at: Mapped[datetime]
