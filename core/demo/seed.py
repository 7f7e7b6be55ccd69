"""Fills the demo as a merchant would: registers a user with a business, and connects the simulator's shops.

Nothing bypasses the product: the user registers, each shop is connected with its token, and the worker syncs. A later
run connects only a shop that is new to the demo.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal

from core import accounts, costs, logs, stores
from core.config import DEMO_PASSWORD, DEMO_SECRET, DEMO_TOKENS, DEMO_USER, settings
from core.connections import connect
from core.errors import Conflict, XenoError
from core.shopify.auth import AdminToken

DEMO_BUSINESS = "Demo Goods"
COSTS = (
    costs.CostEntry(costs.CostKind.PAYMENT_FEES, Decimal("0.30"), percent=Decimal("2.9")),
    costs.CostEntry(costs.CostKind.SHIPPING, Decimal("4.20")),
    costs.CostEntry(costs.CostKind.PACKAGING, Decimal("0.80")),
    costs.CostEntry(costs.CostKind.ADVERTISING, Decimal(1200), costs.CostBasis.MONTH, name="Meta"),
    costs.CostEntry(costs.CostKind.ADVERTISING, Decimal(600), costs.CostBasis.MONTH, name="Google"),
    costs.CostEntry(costs.CostKind.OTHER, Decimal(79), costs.CostBasis.MONTH, name="Shopify plan"),
)
"""The costs of each store of the demo, in its currency: without them, the page Profit ends with gross profit."""


def seed(now: datetime) -> None:
    """Create the missing parts of the demo.

    Raises:
        ShopifyTransient: the simulator does not answer.
    """
    with suppress(Conflict):
        accounts.register("Demo Merchant", DEMO_USER, DEMO_PASSWORD, DEMO_BUSINESS, now)
    user = accounts.find_user(DEMO_USER)
    tenant = accounts.tenants_of(user.user_id)[0]
    actor = accounts.Actor(user.user_id, tenant.tenant_id)
    domains = {store.shop_domain for store in stores.list_stores(tenant.tenant_id)}
    for domain, token in DEMO_TOKENS.items():
        if domain not in domains:
            with suppress(Conflict):  # a visitor has connected it to a business of their own
                store = connect.connect(actor, domain, AdminToken(token, DEMO_SECRET), now)
                for entry in COSTS:
                    costs.add_cost(actor, store.store_id, entry, now)


def main() -> int:
    try:
        logs.configure(settings().log_format)
        seed(datetime.now(UTC))
    except XenoError as error:
        print(f"The demo was not filled: {str(error).rstrip('.')}.", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
