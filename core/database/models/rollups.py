"""Roll-ups: sums of the ledger that triggers keep (see `core.database.migrations.kept_sums`). Nothing else writes
them.

Amounts are in the `currency` of their key, and named as in `core.metrics.formulas`. `sale_rows` counts the ledger's
rows in the sums.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from sqlalchemy import BigInteger, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database.models.base import Base, StoreId, TenantId, of_store

Amount = Annotated[Decimal, mapped_column(Numeric, server_default=text("0"))]
Count = Annotated[int, mapped_column(BigInteger, server_default=text("0"))]


class _Sums:
    """The key and the sums that every roll-up has."""

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    currency: Mapped[str] = mapped_column(primary_key=True)

    gross_sales: Mapped[Amount]
    discounts: Mapped[Amount]
    returns: Mapped[Amount]
    net_sales: Mapped[Amount]
    sale_rows: Mapped[Count]


class _Units:
    """Sums of quantities."""

    units_sold: Mapped[Count]
    units_returned: Mapped[Count]
    units_ordered: Mapped[Count]


class SalesByDay(_Sums, _Units, Base):
    """The sums of a store's day. `orders` and `cancelled_orders` count the orders placed on it."""

    __tablename__ = "sales_by_day"
    __table_args__ = (of_store(),)

    business_date: Mapped[date] = mapped_column(primary_key=True)
    shipping: Mapped[Amount]
    taxes: Mapped[Amount]
    duties: Mapped[Amount]
    fees: Mapped[Amount]
    tips: Mapped[Amount]
    gift_cards: Mapped[Amount]
    placed_value: Mapped[Amount]
    orders: Mapped[Count]
    cancelled_orders: Mapped[Count]


class SalesByTime(_Sums, Base):
    """The sums of a quarter of an hour from `starts_at` (UTC), by the store's day: every time zone's hours are whole
    quarters."""

    __tablename__ = "sales_by_time"
    __table_args__ = (of_store(),)

    business_date: Mapped[date] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    total_sales: Mapped[Amount]
    orders: Mapped[Count]


class _OfVariant(_Sums, _Units):
    """The sums of a variant; product and variant are 0 for goods without one, such as a custom line."""

    product_id: Mapped[int] = mapped_column(primary_key=True)
    variant_id: Mapped[int] = mapped_column(primary_key=True)


class ProductSalesByDay(_OfVariant, Base):
    """The sums of a variant on a store's day."""

    __tablename__ = "product_sales_by_day"
    __table_args__ = (
        of_store(),
        Index("ix_product_sales_by_day_product_id", "tenant_id", "store_id", "product_id", "business_date"),
    )

    business_date: Mapped[date] = mapped_column(primary_key=True)


class ProductSalesBySpan(_Sums, _Units, Base):
    """The sums of a product in a third of a month (named by its first day: the 1st, the 11th or the 21st), a month
    ("2026-03"), a quarter ("2026Q1") and a year ("2026")."""

    __tablename__ = "product_sales_by_span"
    __table_args__ = (of_store(),)

    span: Mapped[str] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(primary_key=True)


class VariantSalesBySpan(_OfVariant, Base):
    """The sums of a variant in each span of `ProductSalesBySpan`."""

    __tablename__ = "variant_sales_by_span"
    __table_args__ = (
        of_store(),
        Index("ix_variant_sales_by_span_product_id", "tenant_id", "store_id", "product_id", "span"),
    )

    span: Mapped[str] = mapped_column(primary_key=True)


class SalesByOrigin(Base):
    """Net sales of a day by a property of their orders: `dimension` is "country", "channel" or "customer" (whose
    values are "new", the first order of a customer, and "returning"). The value is empty where there is none."""

    __tablename__ = "sales_by_origin"
    __table_args__ = (
        of_store(),
        Index("ix_sales_by_origin_empty", "tenant_id", "store_id", postgresql_where=text("sale_rows = 0")),
    )

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    currency: Mapped[str] = mapped_column(primary_key=True)
    dimension: Mapped[str] = mapped_column(primary_key=True)
    business_date: Mapped[date] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    net_sales: Mapped[Amount]
    sale_rows: Mapped[Count]


class PaymentsByDay(Base):
    """Payments of a day by gateway, without tests and failures; `gateway` is empty where Shopify names none."""

    __tablename__ = "payments_by_day"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    currency: Mapped[str] = mapped_column(primary_key=True)
    business_date: Mapped[date] = mapped_column(primary_key=True)
    gateway: Mapped[str] = mapped_column(primary_key=True)
    received: Mapped[Amount]
    refunded: Mapped[Amount]
    payments: Mapped[Count]
    refunds: Mapped[Count]
    fees: Mapped[Amount]
    received_with_fees: Mapped[Amount]
    """Of the payments whose fees Shopify knows."""


class RecordCount(Base):
    """How many orders, products or customers (`kind`) are stored and not deleted; orders by their `source`."""

    __tablename__ = "record_counts"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    kind: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    records: Mapped[Count]


class RollupAudit(Base):
    """The last audit of a store's sums."""

    __tablename__ = "rollup_audits"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    audited_at: Mapped[datetime]
    differing: Mapped[int]
    """How many sums differed from the ledger; they were rebuilt."""


class DeferredSums(Base):
    """The sums of a store that a first load deferred, and how long their last rebuild took."""

    __tablename__ = "deferred_sums"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    since: Mapped[datetime | None]
    """When the first write since the last rebuild deferred them; None if the sums equal their rows."""
    rebuild_seconds: Mapped[Amount]
    deferrals: Mapped[Count]
    """How many transactions deferred the sums, ever: a rebuild sees by it whether one did meanwhile."""
