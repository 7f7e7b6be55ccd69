"""The tables, as SQLAlchemy models: access (who may see what), commerce (what was sold), operations (how it came)."""

from core.database.models.access import (
    Invitation,
    Membership,
    PasswordReset,
    RateLimit,
    RegistrationLink,
    SignInAttempt,
    SignInTicket,
    Tenant,
    User,
    UserSession,
)
from core.database.models.base import Base
from core.database.models.checkouts import Cart, Checkout, CheckoutLine
from core.database.models.checks import Arrival, CheckRun, DayCheck
from core.database.models.commerce import (
    Customer,
    LineItem,
    Order,
    Product,
    Refund,
    RefundLine,
    ShippingLine,
    Variant,
)
from core.database.models.improving import Improvement
from core.database.models.inventory import InventoryLevel, Location
from core.database.models.ledger import Sale
from core.database.models.operations import (
    BackfillSlice,
    Deletion,
    Delivery,
    Import,
    ImportChunk,
    OrderToRead,
    SyncRun,
    UnreadableRecord,
)
from core.database.models.realtime import CustomerMerge, Erasure, PrivacyRequest, Redaction, UnsettledOrder
from core.database.models.stores import (
    FormerRoute,
    InstallState,
    PendingConnection,
    Store,
    StoreRoute,
    StoreState,
    StoreToken,
)

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
    "PasswordReset",
    "PendingConnection",
    "PrivacyRequest",
    "Product",
    "RateLimit",
    "Redaction",
    "Refund",
    "RefundLine",
    "RegistrationLink",
    "Sale",
    "ShippingLine",
    "SignInAttempt",
    "SignInTicket",
    "Store",
    "StoreRoute",
    "StoreState",
    "StoreToken",
    "SyncRun",
    "Tenant",
    "UnreadableRecord",
    "UnsettledOrder",
    "User",
    "UserSession",
    "Variant",
]
