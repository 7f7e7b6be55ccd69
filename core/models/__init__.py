"""The tables, as SQLAlchemy models: access (who may see what), commerce (what was sold), operations (how it came)."""

from core.models.access import Membership, SignInAttempt, SignInTicket, Store, StoreRoute, Tenant, User, UserSession
from core.models.base import Base
from core.models.commerce import (
    Checkout,
    CheckoutLine,
    Customer,
    LineItem,
    Order,
    Product,
    Refund,
    RefundLine,
    Sale,
    ShippingLine,
    Variant,
)
from core.models.operations import BackfillSlice, Deletion, Delivery, Import, ImportChunk, OrderToRead, SyncRun

__all__ = [
    "BackfillSlice",
    "Base",
    "Checkout",
    "CheckoutLine",
    "Customer",
    "Deletion",
    "Delivery",
    "Import",
    "ImportChunk",
    "LineItem",
    "Membership",
    "Order",
    "OrderToRead",
    "Product",
    "Refund",
    "RefundLine",
    "Sale",
    "ShippingLine",
    "SignInAttempt",
    "SignInTicket",
    "Store",
    "StoreRoute",
    "SyncRun",
    "Tenant",
    "User",
    "UserSession",
    "Variant",
]
