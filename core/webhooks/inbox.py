"""Takes webhook deliveries in: verifies each with what its store's row says now, and keeps it with its job.

What is answered to Shopify depends on nothing else. What is remembered of a store between deliveries (sealed, as its
row has it) spares a journey to the database, and is believed by nobody: the statement that keeps a delivery does so
only if the row still says the same; if not, the row is asked anew.

A privacy request is about a shop and whoever has its data, also after they disconnected it: it is kept for each store
whose app has signed it. Nothing of that is remembered.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from core import logs
from core.errors import ConfigError, InvalidInput
from core.shopify import claims, webhooks
from core.shopify.webhooks import WebhookHeaders
from core.webhooks import inserts, signers
from core.webhooks.batches import Batches
from core.webhooks.inserts import Kept
from core.webhooks.signers import Signer

__all__ = ["Inbox", "Kept"]

log = logs.get(__name__)


class Inbox:
    """Where the threads of one process hand in what Shopify sent."""

    def __init__(self) -> None:
        self._remembered: dict[str, Signer] = {}
        self._batches = Batches()

    def take(self, headers: WebhookHeaders, body: bytes, now: datetime) -> Kept:
        """Keep the delivery if the shop it names has signed it; when this returns, that is durable.

        Raises:
            InvalidInput: the body is not of the topic or the shop that the headers name.
            DatabaseUnavailable: nothing is known to be kept.
            ConfigError: no key of ours opens the store's credentials.
        """
        if not webhooks.is_signature(headers.signature):
            return Kept.REFUSED
        if headers.topic in webhooks.COMPLIANCE:
            return _take_request(headers, body, now)
        signer = None
        for signer in self._signers(headers.shop):
            if signer.has_signed(body, headers.signature, now):
                _check(signer, headers, body)
                kept = self._batches.keep(signer, headers, body, now)
                if kept is not Kept.REFUSED:
                    return kept
        if signer is not None:
            ids = {"tenant_id": signer.tenant_id, "store_id": signer.store_id}
            log.warning("a delivery with a wrong signature was refused", **ids)
        return Kept.REFUSED

    def _signers(self, shop: str) -> Iterator[Signer]:
        """As remembered, and then, for whoever is not content with that, as the rows say."""
        remembered = self._remembered.get(shop)
        if remembered is not None:
            yield remembered
        found = signers.find(shop)
        if found is None:
            self._remembered.pop(shop, None)
        elif found != remembered:
            self._remembered[shop] = found
            yield found


def _check(signer: Signer, headers: WebhookHeaders, body: bytes) -> None:
    """Refuse a signed body that its headers contradict, because headers are not signed.

    Raises:
        InvalidInput: see `claims.check`.
    """
    try:
        claims.check(headers.topic, body, signer.shop, signer.shopify_id)
    except InvalidInput as error:
        ids = {"tenant_id": signer.tenant_id, "store_id": signer.store_id, "topic": headers.topic}
        log.warning("a signed body under headers that it does not fit was refused", reason=str(error), **ids)
        raise


def _take_request(headers: WebhookHeaders, body: bytes, now: datetime) -> Kept:
    """Keep a privacy request for every store whose app has signed it. Where one cannot be asked, or was changed right
    now, the others have it, and Shopify sends it again."""
    kept = []
    trouble: ConfigError | InvalidInput | None = None
    for signer in signers.holders(headers.shop):
        try:
            if signer.has_signed(body, headers.signature, now):
                _check(signer, headers, body)
                kept.append(inserts.keep(signer, headers, body, now))
        except ConfigError as error:
            log.warning("a privacy request cannot be verified", tenant_id=signer.tenant_id, store_id=signer.store_id)
            trouble = error
        except InvalidInput as error:
            # A domain may have been another shop's before.
            trouble = trouble or error
    if trouble is not None and not (kept and isinstance(trouble, InvalidInput)):
        raise trouble
    if not kept or Kept.REFUSED in kept:
        return Kept.REFUSED
    return Kept.NEW if Kept.NEW in kept else Kept.KNOWN
