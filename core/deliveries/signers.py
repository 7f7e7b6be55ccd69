"""Who may sign a shop's deliveries: the store that the shop's route leads to, with its credentials, still sealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.credentials import signing_secrets
from core.db import at_once
from core.shopify import webhooks


@dataclass(frozen=True, slots=True)
class Signer:
    """A shop's route and what its store's row said, at some time, of what signs for it."""

    shop: str
    tenant_id: int
    store_id: int
    sealed_credentials: str
    sealed_previous_secret: str | None
    previous_secret_until: datetime | None

    def has_signed(self, body: bytes, signature: str | None, now: datetime) -> bool:
        """Whether a secret that is good now has signed these bytes.

        Raises:
            ConfigError: no key of ours opens the credentials, or the store installed an app that is not the
                operator's any more.
        """
        return webhooks.verify(body, signature, signing_secrets(self, now))


def find(shop: str) -> Signer | None:
    """As the rows say now; None for a shop that nobody has connected.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    (routes,) = at_once(None, [(_ROUTE, {"shop": shop})])
    if not routes:
        return None
    ((tenant_id, store_id),) = routes
    (rows,) = at_once(tenant_id, [(_SEALED, {"tenant_id": tenant_id, "store_id": store_id})])
    return Signer(shop, tenant_id, store_id, *rows[0]) if rows else None


_ROUTE = "SELECT tenant_id, store_id FROM store_routes WHERE shop_domain = %(shop)s"
_SEALED = """
    SELECT sealed_credentials, sealed_previous_secret, previous_secret_until FROM stores
    WHERE tenant_id = %(tenant_id)s AND store_id = %(store_id)s AND sealed_credentials IS NOT NULL
"""
