"""Sums of profit, taxes and orders by goods, which `core.rollups.money` keeps.

A day is kept or stale. Triggers mark a day as stale when a row changes that its sums are of, so no writer can forget
it; a question sums stale days from their rows. A job brings stale days up to date within minutes. Unlike the other
roll-ups they hold costs, which an entered unit cost changes for many past sales at once.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database.models.base import Base, StoreId, TenantId, of_store


class StaleMoneyDay(Base):
    """A store's day whose kept sums are stale or missing."""

    __tablename__ = "stale_money_days"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    business_date: Mapped[date] = mapped_column(primary_key=True)


class _GoodsSums:
    """Goods sold and returned, with their cost; see `core.metrics.money.unit_cost.goods`."""

    net_sales: Mapped[Decimal]
    net_sales_with_cost: Mapped[Decimal]
    lines: Mapped[int]
    lines_with_cost: Mapped[int]
    cost_of_goods: Mapped[Decimal]
    not_restocked: Mapped[Decimal]


class MoneyDay(_GoodsSums, Base):
    """What a store's day sold and cost, with the orders placed on it."""

    __tablename__ = "money_days"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    currency: Mapped[str] = mapped_column(primary_key=True)
    business_date: Mapped[date] = mapped_column(primary_key=True)
    shipping: Mapped[Decimal]
    total_sales: Mapped[Decimal]
    orders: Mapped[int]
    paid_orders: Mapped[int]
    paid_totals: Mapped[Decimal]
    sent_orders: Mapped[int]
    known_fees: Mapped[Decimal] = mapped_column(server_default=text("0"))
    """Of the orders of the day whose fees Shopify says; `paid_orders` and `paid_totals` are of the others."""
    known_fee_orders: Mapped[int] = mapped_column(server_default=text("0"))


class GoodsDay(_GoodsSums, Base):
    """A variant's day; product and variant are 0 for goods without one. `an_order` has a line of the product."""

    __tablename__ = "goods_days"
    __table_args__ = (
        of_store(),
        Index(None, "tenant_id", "store_id", "variant_id"),
        Index(
            "ix_goods_days_without_cost",
            *("tenant_id", "store_id", "currency", "business_date"),
            postgresql_where=text("lines > lines_with_cost OR net_sales <> net_sales_with_cost"),
        ),
    )

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    currency: Mapped[str] = mapped_column(primary_key=True)
    business_date: Mapped[date] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(primary_key=True)
    variant_id: Mapped[int] = mapped_column(primary_key=True)
    units: Mapped[int]
    an_order: Mapped[int | None]


class GoodsSpan(_GoodsSums, Base):
    """A product's third of a month, month, quarter or year (see `core.rollups.spans`): the sum of its days.

    It is right once none of its days is stale. Variants that were sold without a known cost have rows of their own,
    all others of a product are together under 0.
    """

    __tablename__ = "goods_spans"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    currency: Mapped[str] = mapped_column(primary_key=True)
    span: Mapped[str] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(primary_key=True)
    variant_id: Mapped[int] = mapped_column(primary_key=True)
    units: Mapped[int]
    an_order: Mapped[int | None]


class _GoodsOrders:
    """How many orders were placed with goods; see `core.metrics.explore.goods_orders`."""

    currency: Mapped[str] = mapped_column(primary_key=True)
    goods: Mapped[str] = mapped_column(primary_key=True)
    goods_id: Mapped[int] = mapped_column(primary_key=True)
    orders: Mapped[int]


class GoodsOrderDay(_GoodsOrders, Base):
    """Orders of a day by product, by variant, and of all goods."""

    __tablename__ = "goods_order_days"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    business_date: Mapped[date] = mapped_column(primary_key=True)


class GoodsOrderSpan(_GoodsOrders, Base):
    """The sum of a span's days, right once none of them is stale."""

    __tablename__ = "goods_order_spans"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    span: Mapped[str] = mapped_column(primary_key=True)


class WeekHourSpan(Base):
    """A span's orders and net sales by weekday (1 is Monday) and hour of the store's clock."""

    __tablename__ = "week_hour_spans"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    currency: Mapped[str] = mapped_column(primary_key=True)
    span: Mapped[str] = mapped_column(primary_key=True)
    weekday: Mapped[int] = mapped_column(primary_key=True)
    hour: Mapped[int] = mapped_column(primary_key=True)
    orders: Mapped[int]
    net_sales: Mapped[Decimal]


class TaxDay(Base):
    """A tax of a day by name and rate; an empty name is that of taxes which no line names, and their rate is -1."""

    __tablename__ = "tax_days"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    currency: Mapped[str] = mapped_column(primary_key=True)
    business_date: Mapped[date] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(primary_key=True)
    rate: Mapped[Decimal] = mapped_column(primary_key=True)
    taxable: Mapped[Decimal]
    tax: Mapped[Decimal]
