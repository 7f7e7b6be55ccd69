"""The tables, as SQLAlchemy models: access (who may see what), commerce (what was sold), operations (how it came)."""

from core.models.access import (
    FormerRoute,
    InstallState,
    Invitation,
    Membership,
    PendingConnection,
    RateLimit,
    SignInAttempt,
    SignInTicket,
    Store,
    StoreRoute,
    StoreToken,
    Tenant,
    User,
    UserSession,
)
from core.models.base import Base
from core.models.checkouts import Cart, Checkout, CheckoutLine
from core.models.checks import Arrival, CheckRun, DayCheck
from core.models.commerce import (
    Customer,
    LineItem,
    Order,
    Product,
    Refund,
    RefundLine,
    ShippingLine,
    Variant,
)
from core.models.improving import Improvement
from core.models.inventory import InventoryLevel, Location
from core.models.ledger import Sale
from core.models.operations import (
    BackfillSlice,
    Deletion,
    Delivery,
    Import,
    ImportChunk,
    OrderToRead,
    SyncRun,
    UnreadableRecord,
)
from core.models.realtime import CustomerMerge, Erasure, PrivacyRequest, Redaction, UnsettledOrder

__all__ = [
    "Arrival",
    "BackfillSlice",
    "Base",
    "Cart",
    "CheckRun",
    "Checkout",
    "CheckoutLine",
    "Customer",
    "CustomerMerge",
    "DayCheck",
    "Deletion",
    "Delivery",
    "Erasure",
    "FormerRoute",
    "Import",
    "ImportChunk",
    "Improvement",
    "InstallState",
    "InventoryLevel",
    "Invitation",
    "LineItem",
    "Location",
    "Membership",
    "Order",
    "OrderToRead",
    "PendingConnection",
    "PrivacyRequest",
    "Product",
    "RateLimit",
    "Redaction",
    "Refund",
    "RefundLine",
    "Sale",
    "ShippingLine",
    "SignInAttempt",
    "SignInTicket",
    "Store",
    "StoreRoute",
    "StoreToken",
    "SyncRun",
    "Tenant",
    "UnreadableRecord",
    "UnsettledOrder",
    "User",
    "UserSession",
    "Variant",
]
