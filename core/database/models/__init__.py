"""The tables as SQLAlchemy models: access and stores, commerce, and operations (runs, deliveries, checks)."""

from core.database.models.access import (
    Invitation,
    Membership,
    PasswordReset,
    RateLimit,
    RegistrationLink,
    Role,
    SignInAttempt,
    SignInTicket,
    Tenant,
    Theme,
    User,
    UserSession,
)
from core.database.models.base import Base
from core.database.models.baskets import (
    BasketBuild,
    BasketProduct,
    FirstProduct,
    NextProduct,
    ProductPair,
    RecentSale,
    RecentStock,
)
from core.database.models.checkout_sums import CheckoutOrdersByDay, CheckoutsByDay
from core.database.models.checkouts import Cart, Checkout, CheckoutLine
from core.database.models.checks import Arrival, CheckRun, DayCheck, DayState
from core.database.models.commerce import Customer, Order, Product, Variant
from core.database.models.costs import Cost, CostBasis, CostKind, FormerUnitCost, UnitCost, UnitCostFile
from core.database.models.customer_sums import (
    CohortSum,
    CustomerDay,
    CustomerMonth,
    CustomerOrder,
    CustomerSalesByMonth,
    CustomerTotal,
)
from core.database.models.discount_sums import DiscountDay, StaleDiscountDay
from core.database.models.exchange import ExchangeRate, ReportCurrency
from core.database.models.former import FormerOrder, FormerSale
from core.database.models.intake import (
    BackfillSlice,
    Deletion,
    Import,
    ImportChunk,
    OrderToRead,
    SliceState,
    SyncRun,
    UnreadableRecord,
)
from core.database.models.inventory import InventoryLevel, Location, StockByDay
from core.database.models.later_sales import LaterSale
from core.database.models.ledger import OrderDiscount, Sale
from core.database.models.lines import LineItem, ShippingLine
from core.database.models.money_sums import (
    GoodsDay,
    GoodsOrderDay,
    GoodsOrderSpan,
    GoodsSpan,
    MoneyDay,
    StaleMoneyDay,
    TaxDay,
    WeekHourSpan,
)
from core.database.models.order_answers import OrderAnswer
from core.database.models.payments import Transaction
from core.database.models.profit_sums import OrderProfit, StaleProfitDay
from core.database.models.refunds import Refund, RefundLine
from core.database.models.remaps import Remap
from core.database.models.reports import SavedReport
from core.database.models.returns import ReturnLine
from core.database.models.rollups import (
    DeferredSums,
    PaymentsByDay,
    ProductSalesByDay,
    ProductSalesBySpan,
    RecordCount,
    RollupAudit,
    SalesByDay,
    SalesByOrigin,
    SalesByTime,
    VariantSalesBySpan,
)
from core.database.models.runs import RetriedRun, Run, RunState, Trigger
from core.database.models.segments import CustomerScore, SegmentBuild, SegmentSum
from core.database.models.stores import (
    FormerRoute,
    InstallState,
    PendingConnection,
    Store,
    StoreRoute,
    StoreState,
    StoreToken,
)
from core.database.models.targets import Target, TargetMetric
from core.database.models.visits import StoreVisit
from core.database.models.webhooks import (
    CustomerMerge,
    Delivery,
    DeliveryState,
    Erasure,
    PrivacyRequest,
    Redaction,
    UnsettledOrder,
)

__all__ = [
    "Arrival",
    "BackfillSlice",
    "Base",
    "BasketBuild",
    "BasketProduct",
    "Cart",
    "CheckRun",
    "Checkout",
    "CheckoutLine",
    "CheckoutOrdersByDay",
    "CheckoutsByDay",
    "CohortSum",
    "Cost",
    "CostBasis",
    "CostKind",
    "Customer",
    "CustomerDay",
    "CustomerMerge",
    "CustomerMonth",
    "CustomerOrder",
    "CustomerSalesByMonth",
    "CustomerScore",
    "CustomerTotal",
    "DayCheck",
    "DayState",
    "DeferredSums",
    "Deletion",
    "Delivery",
    "DeliveryState",
    "DiscountDay",
    "Erasure",
    "ExchangeRate",
    "FirstProduct",
    "FormerOrder",
    "FormerRoute",
    "FormerSale",
    "FormerUnitCost",
    "GoodsDay",
    "GoodsOrderDay",
    "GoodsOrderSpan",
    "GoodsSpan",
    "Import",
    "ImportChunk",
    "InstallState",
    "InventoryLevel",
    "Invitation",
    "LaterSale",
    "LineItem",
    "Location",
    "Membership",
    "MoneyDay",
    "NextProduct",
    "Order",
    "OrderAnswer",
    "OrderDiscount",
    "OrderProfit",
    "OrderToRead",
    "PasswordReset",
    "PaymentsByDay",
    "PendingConnection",
    "PrivacyRequest",
    "Product",
    "ProductPair",
    "ProductSalesByDay",
    "ProductSalesBySpan",
    "RateLimit",
    "RecentSale",
    "RecentStock",
    "RecordCount",
    "Redaction",
    "Refund",
    "RefundLine",
    "RegistrationLink",
    "Remap",
    "ReportCurrency",
    "RetriedRun",
    "ReturnLine",
    "Role",
    "RollupAudit",
    "Run",
    "RunState",
    "Sale",
    "SalesByDay",
    "SalesByOrigin",
    "SalesByTime",
    "SavedReport",
    "SegmentBuild",
    "SegmentSum",
    "ShippingLine",
    "SignInAttempt",
    "SignInTicket",
    "SliceState",
    "StaleDiscountDay",
    "StaleMoneyDay",
    "StaleProfitDay",
    "StockByDay",
    "Store",
    "StoreRoute",
    "StoreState",
    "StoreToken",
    "StoreVisit",
    "SyncRun",
    "Target",
    "TargetMetric",
    "TaxDay",
    "Tenant",
    "Theme",
    "Transaction",
    "Trigger",
    "UnitCost",
    "UnitCostFile",
    "UnreadableRecord",
    "UnsettledOrder",
    "User",
    "UserSession",
    "Variant",
    "VariantSalesBySpan",
    "WeekHourSpan",
]
