"""Who may sign a shop's deliveries: the store that the shop's route leads to, with its credentials, still sealed.

And of privacy requests, but of nothing else, every store that holds data of the shop, disconnected ones too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import LiteralString

from psycopg.rows import TupleRow

from core.database import at_once
from core.shopify import webhooks
from core.shopify.auth import Credentials
from core.stores.credentials import compliance_secrets, opened, secrets_of, signing_secrets


@dataclass(frozen=True, slots=True)
class Signer:
    """A shop's route and what its store's row said, at some time, of what signs for it.

    Without credentials the store is disconnected, and `sealed_compliance` is for privacy requests alone.
    """

    shop: str
    tenant_id: int
    store_id: int
    sealed_credentials: str | None
    sealed_previous_secret: str | None
    previous_secret_until: datetime | None
    sealed_compliance: str | None
    shopify_id: int
    """Shopify's number of the shop, by which some bodies name it."""

    @property
    def is_former(self) -> bool:
        """Whether it signs privacy requests and nothing else."""
        return self.sealed_credentials is None

    def has_signed(self, body: bytes, signature: str | None, now: datetime) -> bool:
        """Whether a secret that is good now has signed these bytes.

        Raises:
            ConfigError: no key of ours opens the credentials, or the store installed an app that is not the
                operator's any more.
        """
        return webhooks.verify(body, signature, self._secrets(now))

    def _secrets(self, now: datetime) -> tuple[str, ...]:
        if self.is_former:
            return compliance_secrets(self)
        if self.previous_secret_until is not None and self.previous_secret_until > now:
            return signing_secrets(self, now)
        return secrets_of(_opened(self))


_OPENED = 4096
"""Of how many stores the opened credentials are remembered: to open one costs more than to verify a signature."""


@lru_cache(maxsize=_OPENED)
def _opened(signer: Signer) -> Credentials:
    return opened(signer)


def find(shop: str) -> Signer | None:
    """As the rows say now; None for a shop that nobody has connected.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    (routes,) = at_once(None, [(_ROUTE, {"shop": shop})])
    found = _signers(shop, routes, _CONNECTED)
    return found[0] if found else None


def holders(shop: str) -> tuple[Signer, ...]:
    """Who may sign the privacy requests of a shop, as the rows say now: each that holds data of it, of any tenant.
    Each is asked for its own app's signature, so that none has another's data erased.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    (routes,) = at_once(None, [(_ROUTES, {"shop": shop})])
    return _signers(shop, routes, _HOLDER)


def _signers(shop: str, routes: Sequence[TupleRow], sealed: LiteralString) -> tuple[Signer, ...]:
    found = []
    for tenant_id, store_id in routes:
        (rows,) = at_once(tenant_id, [(sealed, {"tenant_id": tenant_id, "store_id": store_id})])
        found += [Signer(shop, tenant_id, store_id, *row) for row in rows]
    return tuple(found)


_ROUTE: LiteralString = "SELECT tenant_id, store_id FROM store_routes WHERE shop_domain = %(shop)s"
_ROUTES: LiteralString = f"""
    {_ROUTE} UNION SELECT tenant_id, store_id FROM former_routes WHERE shop_domain = %(shop)s ORDER BY 1, 2
"""  # noqa: S608
_SEALED: LiteralString = """
    SELECT sealed_credentials, sealed_previous_secret, previous_secret_until, sealed_compliance, shopify_id
    FROM stores
    WHERE tenant_id = %(tenant_id)s AND store_id = %(store_id)s
"""
_CONNECTED: LiteralString = f"{_SEALED} AND sealed_credentials IS NOT NULL"
_HOLDER: LiteralString = f"{_SEALED} AND (sealed_credentials IS NOT NULL OR sealed_compliance IS NOT NULL)"
