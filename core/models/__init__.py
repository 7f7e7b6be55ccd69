"""The tables, as SQLAlchemy models: access (who may see what), commerce (what was sold), operations (how it came)."""

from core.models.access import Membership, SignInAttempt, SignInTicket, Store, StoreRoute, Tenant, User, UserSession
from core.models.base import Base
from core.models.commerce import Customer, LineItem, Order, Product, Refund, RefundLine, Sale, ShippingLine, Variant
from core.models.operations import Deletion, Delivery, Import, ImportChunk, SyncRun

__all__ = [
    "Base",
    "Customer",
    "Deletion",
    "Delivery",
    "Import",
    "ImportChunk",
    "LineItem",
    "Membership",
    "Order",
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
