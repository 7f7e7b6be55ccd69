"""The shapes of commerce, the ledger, money and periods. Pure: no database, no network, no settings.

GraphQL nodes, webhook bodies, CSV files and the demo all become these records (see `core.shopify.mapping`), so
`core.ingest` and the ledger know one shape only. Conventions that hold in every record:

* ids are Shopify's legacy ids, as int (they exceed 2**53: never a float);
* money is `Decimal` in the shop's currency, the code of which is `currency` of the enclosing record;
* instants are timezone-aware datetimes in UTC;
* None means that the source does not say, which is not the same as zero or empty.

Records are frozen structs: a first load makes millions of them, and a frozen dataclass takes ten times as long.
Records that can hold no reference cycles are hidden from the garbage collector (`gc=False`).
"""

from core.domain import tips
from core.domain.answers import OrderAnswer
from core.domain.catalog import Cart, Checkout, CheckoutLine, Customer, InventoryLevel, Product, Variant
from core.domain.changes import Deleted, Kind, Merged, Reread, Unreadable
from core.domain.journeys import Journey, Visit
from core.domain.orders import (
    AdjustmentKind,
    Agreement,
    AgreementSale,
    Allocation,
    DiscountKind,
    LineItem,
    Order,
    Refund,
    RefundAdjustment,
    RefundLine,
    ShippingLine,
    TaxLine,
)
from core.domain.payments import Transaction
from core.domain.record import Record
from core.domain.refusal import Refusal
from core.domain.returns import ReturnLine
from core.domain.source import Source
from core.domain.version import DOCUMENTS_VERSION, MAPPING_VERSION
from core.domain.withheld import Withheld, withheld

__all__ = [
    "DOCUMENTS_VERSION",
    "MAPPING_VERSION",
    "AdjustmentKind",
    "Agreement",
    "AgreementSale",
    "Allocation",
    "Cart",
    "Checkout",
    "CheckoutLine",
    "Customer",
    "Deleted",
    "DiscountKind",
    "InventoryLevel",
    "Journey",
    "Kind",
    "LineItem",
    "Merged",
    "Order",
    "OrderAnswer",
    "Product",
    "Record",
    "Refund",
    "RefundAdjustment",
    "RefundLine",
    "Refusal",
    "Reread",
    "ReturnLine",
    "ShippingLine",
    "Source",
    "TaxLine",
    "Transaction",
    "Unreadable",
    "Variant",
    "Visit",
    "Withheld",
    "tips",
    "withheld",
]
