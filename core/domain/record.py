"""The normalised shapes of commerce: what every source of a store's data becomes before it is written.

GraphQL nodes, webhook bodies and the demo all end here (see `core.shopify.mapping`), so that
`core.ingest` and `core.domain.ledger` know one shape only. Conventions that hold in every record:

* ids are Shopify's legacy ids, as int (they exceed 2**53: never a float);
* money is `Decimal` in the shop's currency, the code of which is `currency` of the enclosing record;
* instants are timezone-aware datetimes in UTC;
* None means "Shopify did not say", which is not the same as zero or empty.

They are frozen structs: a first load makes millions of them, and a frozen dataclass takes ten times as long. What
nothing can be put into later has no circles, so the collector of garbage need not know of them (`gc=False`).
"""

from __future__ import annotations

from core.domain import tips
from core.domain.catalog import Cart, Checkout, CheckoutLine, Customer, InventoryLevel, Product, Variant
from core.domain.changes import Deleted, Kind, Merged, Reread, Unreadable
from core.domain.orders import (
    Agreement,
    AgreementSale,
    LineItem,
    Order,
    Refund,
    RefundAdjustment,
    RefundLine,
    ShippingLine,
    TaxLine,
)
from core.domain.source import Source
from core.domain.version import MAPPING_VERSION
from core.domain.withheld import Withheld, withheld

__all__ = [
    "MAPPING_VERSION",
    "Agreement",
    "AgreementSale",
    "Cart",
    "Checkout",
    "CheckoutLine",
    "Customer",
    "Deleted",
    "InventoryLevel",
    "Kind",
    "LineItem",
    "Merged",
    "Order",
    "Product",
    "Record",
    "Refund",
    "RefundAdjustment",
    "RefundLine",
    "Reread",
    "ShippingLine",
    "Source",
    "TaxLine",
    "Unreadable",
    "Variant",
    "Withheld",
    "tips",
    "withheld",
]

Record = (
    Order | Refund | Customer | Product | InventoryLevel | Checkout | Cart | Deleted | Merged | Reread | Unreadable
)
