"""Fills the demo as a merchant would: registers a user with a business, and connects the simulator's shop.

Nothing bypasses the product: the user registers, the shop is connected with its token, and the worker syncs. A second
run changes nothing.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import UTC, datetime

from core import accounts, logs, stores
from core.config import DEMO_PASSWORD, DEMO_SECRET, DEMO_SHOP, DEMO_TOKEN, DEMO_USER, settings
from core.connections import connect
from core.errors import Conflict, XenoError
from core.shopify.auth import AdminToken

DEMO_BUSINESS = "Demo Goods"


def seed(now: datetime) -> None:
    """Create the missing parts of the demo.

    Raises:
        ShopifyTransient: the simulator does not answer.
    """
    with suppress(Conflict):
        accounts.register("Demo Merchant", DEMO_USER, DEMO_PASSWORD, DEMO_BUSINESS, now)
    user = accounts.find_user(DEMO_USER)
    tenant = accounts.tenants_of(user.user_id)[0]
    domains = {store.shop_domain for store in stores.list_stores(tenant.tenant_id)}
    if DEMO_SHOP not in domains:
        actor = accounts.Actor(user.user_id, tenant.tenant_id)
        connect.connect(actor, DEMO_SHOP, AdminToken(DEMO_TOKEN, DEMO_SECRET), now)


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
