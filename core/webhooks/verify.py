"""Verifies who signed a shop's deliveries: the store that the shop's route leads to, by its sealed credentials.

A privacy request may be signed by every store that holds data of the shop, disconnected ones too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import LiteralString

from psycopg.rows import TupleRow

from core.database import run_at_once
from core.shopify import webhooks
from core.shopify.auth import Credentials
from core.stores.credentials import compliance_secrets, opened, secrets_of, signing_secrets


@dataclass(frozen=True, slots=True)
class Signer:
    """A shop's route, and the columns of its store's row that decide which secrets sign for it.

    A signer without credentials is a disconnected store; `sealed_compliance` then verifies its privacy requests.
    """

    shop: str
    tenant_id: int
    store_id: int
    sealed_credentials: str | None
    sealed_previous_secret: str | None
    previous_secret_until: datetime | None
    sealed_compliance: str | None
    shopify_id: int
    """Shopify's id of the shop; some bodies name their shop by it."""

    @property
    def is_former(self) -> bool:
        """Whether the store is disconnected, so that it signs privacy requests only."""
        return self.sealed_credentials is None

    def has_signed(self, body: bytes, signature: str | None, now: datetime) -> bool:
        """Whether one of the store's secrets that are valid now has signed these bytes.

        Raises:
            ConfigError: no encryption key opens the credentials, or the store installed an app that is no longer the
                operator's.
        """
        return webhooks.verify(body, signature, self._secrets(now))

    def _secrets(self, now: datetime) -> tuple[str, ...]:
        if self.is_former:
            return compliance_secrets(self)
        if self.previous_secret_until is not None and self.previous_secret_until > now:
            return signing_secrets(self, now)
        return secrets_of(_opened(self))


_OPENED = 4096
"""Stores whose opened credentials are cached: opening them costs more than verifying a signature."""


@lru_cache(maxsize=_OPENED)
def _opened(signer: Signer) -> Credentials:
    return opened(signer)


def find_signer(shop: str) -> Signer | None:
    """Read the signer of a connected shop; None if no store is connected to it.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    # The route first: until its tenant is known, row-level security shows no store.
    (routes,) = run_at_once(None, [(_ROUTE, {"shop": shop})])
    signers = _read_signers(shop, routes, _CONNECTED)
    return signers[0] if signers else None


def find_holders(shop: str) -> tuple[Signer, ...]:
    """Read the signers of a shop's privacy requests: every store of any tenant that holds its data.

    A request applies only to stores whose own app signed it, so that no tenant can erase another's data.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    (routes,) = run_at_once(None, [(_ROUTES, {"shop": shop})])
    return _read_signers(shop, routes, _HOLDER)


def _read_signers(shop: str, routes: Sequence[TupleRow], query: LiteralString) -> tuple[Signer, ...]:
    signers = []
    for tenant_id, store_id in routes:
        (rows,) = run_at_once(tenant_id, [(query, {"tenant_id": tenant_id, "store_id": store_id})])
        signers += [Signer(shop, tenant_id, store_id, *row) for row in rows]
    return tuple(signers)


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
