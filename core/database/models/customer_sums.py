"""What is kept of customers, so that no page looks back over all orders. Triggers on `orders` write it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKeyConstraint, Integer
from sqlalchemy.orm import Mapped, mapped_column

from core.database.models.base import Base, ShopifyKey, StoreId, TenantId

NO_DATE = date.min
"""In a key, which cannot be empty: the customer has no earlier order."""


def _of_store() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["tenant_id", "store_id"], ["stores.tenant_id", "stores.store_id"], ondelete="CASCADE"
    )


class CustomerOrder(Base):
    """A counted order's place in the history of its customer, by `processed_at`, then `order_id`.

    A counted order is neither a test nor deleted. `previous_date` and `next_date` are the days of the customer's
    orders before and after it in the same currency, None where there is none.
    """

    __tablename__ = "customer_orders"
    __table_args__ = (_of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    order_id: Mapped[ShopifyKey]
    customer_key: Mapped[str]
    currency: Mapped[str]
    business_date: Mapped[date]
    number: Mapped[int] = mapped_column(Integer)
    """The running number among the customer's orders of any currency; 1 is a new customer's."""
    currency_number: Mapped[int] = mapped_column(Integer)
    """The running number among the customer's orders of this currency."""
    previous_date: Mapped[date | None]
    next_date: Mapped[date | None]
    first_date: Mapped[date | None]
    """The day of the customer's first order; None where the first order was in another currency only. A customer of
    one currency is not new in another."""


class CustomerDay(Base):
    """Counts of a day's orders by the day of the customer's previous order in this currency (`NO_DATE`: none).

    The customers of the days from a to b are the orders in them whose previous day is before a.
    """

    __tablename__ = "customer_days"
    __table_args__ = (_of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    currency: Mapped[str] = mapped_column(primary_key=True)
    business_date: Mapped[date] = mapped_column(primary_key=True)
    previous_date: Mapped[date] = mapped_column(primary_key=True)
    orders: Mapped[int]
    firsts: Mapped[int]
    """Of these, the first orders of new customers."""
    seconds: Mapped[int]
    """Of these, the second orders of customers whose first order is in this currency."""


class CustomerMonth(Base):
    """As `CustomerDay`, by the month of the previous order (its first day): far fewer rows, for long periods."""

    __tablename__ = "customer_months"
    __table_args__ = (_of_store(),)

    tenant_id: Mapped[TenantId]
    store_id: Mapped[StoreId]
    currency: Mapped[str] = mapped_column(primary_key=True)
    business_date: Mapped[date] = mapped_column(primary_key=True)
    previous_month: Mapped[date] = mapped_column(primary_key=True)
    orders: Mapped[int]
    firsts: Mapped[int]
    seconds: Mapped[int]
