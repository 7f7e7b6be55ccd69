"""Sums and order numbers of customers, so that no page reads all orders. Triggers on `orders` and `sales` keep them.

Only counted orders are in them, which are neither tests nor deleted. Net sales are those of the orders to date, in
the currency of the row.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database.models.base import Base, ShopifyKey, StoreId, TenantId, of_store, thousandths
from core.database.models.rollups import Amount, Count

NO_DATE = date.min
"""In a key, which cannot be empty: the customer has no earlier order."""


class CustomerOrder(Base):
    """An order's place in the history of its customer, by `processed_at`, then `order_id`.

    `previous_date` and `next_date` are the days of the customer's orders before and after it in the same currency,
    None where there is none.
    """

    __tablename__ = "customer_orders"
    __table_args__ = (
        of_store(),
        Index("ix_customer_orders_customer_key", "tenant_id", "store_id", "customer_key", "business_date"),
        Index("ix_customer_orders_business_date", "tenant_id", "store_id", "business_date"),
        Index(
            *("ix_customer_orders_net_sales", "tenant_id", "store_id", "net_sales_sorted", "order_id"),
            postgresql_include=["business_date", "processed_at"],
        ),
        Index(
            *("ix_customer_orders_negative", "tenant_id", "store_id", "customer_key"),
            postgresql_where=text("net_sales < 0"),
        ),
    )

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    order_id: Mapped[ShopifyKey]
    customer_key: Mapped[str]
    currency: Mapped[str]
    processed_at: Mapped[datetime]
    business_date: Mapped[date]
    net_sales: Mapped[Amount]
    net_sales_sorted: Mapped[int] = thousandths("net_sales")
    number: Mapped[int] = mapped_column(Integer)
    """The running number among the customer's orders of any currency; 1 is a new customer's."""
    currency_number: Mapped[int] = mapped_column(Integer)
    """The running number among the customer's orders of this currency."""
    previous_date: Mapped[date | None]
    next_date: Mapped[date | None]
    first_date: Mapped[date | None]
    """The day of the customer's first order; None where the first order was in another currency only. A customer of
    one currency is not new in another."""


class CustomerTotal(Base):
    """A customer's orders of one currency to date, as one. `first_date` is that of `CustomerOrder`."""

    __tablename__ = "customer_totals"
    __table_args__ = (
        of_store(),
        *(
            Index(f"ix_customer_totals_{name}", "tenant_id", "store_id", "currency", name, "customer_key")
            for name in ("net_sales", "orders", "first_order_at", "last_order_at")
        ),
        Index(
            *("ix_customer_totals_guest", "tenant_id", "store_id", "currency"),
            text('normalize("left"(substr(customer_key, 3), 120), NFD)'),
            postgresql_where=text("starts_with(customer_key, 'e:'::text)"),
        ),
    )

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    currency: Mapped[str] = mapped_column(primary_key=True)
    customer_key: Mapped[str] = mapped_column(primary_key=True)
    orders: Mapped[Count]
    net_sales: Mapped[Amount]
    first_order_at: Mapped[datetime]
    last_order_at: Mapped[datetime]
    last_date: Mapped[date]
    first_date: Mapped[date | None]


class CustomerSalesByMonth(Base):
    """A customer's orders placed in a month (its first day), with their net sales to date."""

    __tablename__ = "customer_sales_by_month"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    currency: Mapped[str] = mapped_column(primary_key=True)
    customer_key: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    net_sales: Mapped[Amount]
    orders: Mapped[Count]


class _Counts:
    """Counts of a day's orders; `firsts` are first orders of new customers, `seconds` their second orders."""

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    currency: Mapped[str] = mapped_column(primary_key=True)
    business_date: Mapped[date] = mapped_column(primary_key=True)

    orders: Mapped[Count]
    firsts: Mapped[Count]
    seconds: Mapped[Count]


class CustomerDay(_Counts, Base):
    """Counts of a day's orders by the day of the customer's previous order in this currency (`NO_DATE`: none).

    The customers of the days from a to b are the orders in them whose previous day is before a.
    """

    __tablename__ = "customer_days"
    __table_args__ = (of_store(),)

    previous_date: Mapped[date] = mapped_column(primary_key=True)


class CustomerMonth(_Counts, Base):
    """As `CustomerDay`, by the month of the previous order (its first day): far fewer rows, for long periods."""

    __tablename__ = "customer_months"
    __table_args__ = (of_store(),)

    previous_month: Mapped[date] = mapped_column(primary_key=True)


class CohortSum(Base):
    """What the new customers of one period, the cohort, ordered in another, by the width of both (week, month or
    quarter). `cohort` and `period` are first days; sums count in the period of the order.

    With the width `days`, the cohort is a day, and `period` is 0, 30, 60, 90, 180 or 365 days after it.
    `customers` of the cohort's own period is the cohort's size. `seconds` counts second orders of customers.
    """

    __tablename__ = "cohort_sums"
    __table_args__ = (of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    currency: Mapped[str] = mapped_column(primary_key=True)
    width: Mapped[str] = mapped_column(primary_key=True)
    cohort: Mapped[date] = mapped_column(primary_key=True)
    period: Mapped[date] = mapped_column(primary_key=True)
    net_sales: Mapped[Amount]
    customers: Mapped[Count]
    seconds: Mapped[Count]
    orders: Mapped[Count]
