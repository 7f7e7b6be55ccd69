"""Receives webhook deliveries: verifies each with its store's secret, and stores it with the job that applies it.

The inbox remembers each store's signer (sealed, as in its row) to save a round trip to the database. No answer
depends on that memory: the statement that stores a delivery does so only if the row still names the same signer.
Otherwise the row is read again.

A privacy request is about a shop and every store that holds its data, disconnected ones too. It is stored for each
store whose app has signed it, and always verified with the rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime

from core import logs
from core.errors import ConfigError, DatabaseUnavailable, InvalidInput
from core.shopify import body_identity, webhooks
from core.shopify.webhooks import WebhookHeaders
from core.webhooks import storage, verify
from core.webhooks.storage import Stored, VerifiedDelivery
from core.webhooks.verify import Signer

__all__ = ["Inbox", "Stored"]

log = logs.get(__name__)


class Inbox:
    """Receives the deliveries of all threads of one process."""

    def __init__(self) -> None:
        self._remembered: dict[str, Signer] = {}

    def receive(self, headers: WebhookHeaders, body: bytes, now: datetime) -> Stored:
        """Store the delivery if the shop it names has signed it; when this returns, it is durable.

        Raises:
            InvalidInput: the body is not of the topic or the shop that the headers name.
            DatabaseUnavailable: PostgreSQL does not answer; the delivery may not be stored.
            ConfigError: no encryption key opens the store's credentials.
        """
        # Before any statement: a flood of junk must not reach the database.
        if not webhooks.is_signature(headers.signature):
            return Stored.REFUSED
        if headers.topic in webhooks.COMPLIANCE:
            return _receive_privacy_request(headers, body, now)
        signer = None
        for signer in self._signers(headers.shop):
            if signer.has_signed(body, headers.signature, now):
                _check_identity(signer, headers, body)
                (outcome,) = storage.save(signer, [VerifiedDelivery(headers, body, now)])
                # Refused: the row changed after its signer was remembered, so the row's own signer is next.
                if outcome is not Stored.REFUSED:
                    return outcome
        if signer is not None:
            ids = {"tenant_id": signer.tenant_id, "store_id": signer.store_id}
            log.warning("a delivery with a wrong signature was refused", **ids)
        return Stored.REFUSED

    def receive_all(self, sent: Sequence[tuple[WebhookHeaders, bytes]], now: datetime) -> list[Stored | Exception]:
        """Receive deliveries that arrived together, with one statement for each store. One that fails, fails alone.

        Each has the outcome of `receive`, or the exception that `receive` would raise.
        """
        outcomes: dict[int, Stored | Exception] = {}
        for signer, places in self._signed_by_remembered(sent, now).items():
            deliveries = [VerifiedDelivery(*sent[place], now) for place in places]
            outcomes |= zip(places, storage.save_each(signer, deliveries), strict=True)
        unavailable = next((out for out in outcomes.values() if isinstance(out, DatabaseUnavailable)), None)
        for place, (headers, body) in enumerate(sent):
            if outcomes.get(place, Stored.REFUSED) is Stored.REFUSED:
                # Not tried one by one while the database is unavailable: each would wait for the timeout again.
                outcomes[place] = outcome = unavailable or self._try(headers, body, now)
                unavailable = outcome if isinstance(outcome, DatabaseUnavailable) else None
        return [outcomes[place] for place in range(len(sent))]

    def _signed_by_remembered(
        self, sent: Sequence[tuple[WebhookHeaders, bytes]], now: datetime
    ) -> dict[Signer, list[int]]:
        """The places of the deliveries that a remembered signer has signed. `receive` decides about the others."""
        places: dict[Signer, list[int]] = {}
        for place, (headers, body) in enumerate(sent):
            signer = self._remembered.get(headers.shop)
            if signer is None or headers.topic in webhooks.COMPLIANCE or not webhooks.is_signature(headers.signature):
                continue
            with suppress(ConfigError, InvalidInput):
                if signer.has_signed(body, headers.signature, now):
                    body_identity.check(headers.topic, body, signer.shop, signer.shopify_id)
                    places.setdefault(signer, []).append(place)
        return places

    def _try(self, headers: WebhookHeaders, body: bytes, now: datetime) -> Stored | Exception:
        try:
            return self.receive(headers, body, now)
        except Exception as error:
            return error

    def _signers(self, shop: str) -> Iterator[Signer]:
        """The remembered signer first. If that one did not sign, the signer of the row, which is then remembered."""
        remembered = self._remembered.get(shop)
        if remembered is not None:
            yield remembered
        current = verify.find_signer(shop)
        if current is None:
            self._remembered.pop(shop, None)
        elif current != remembered:
            self._remembered[shop] = current
            yield current


def _check_identity(signer: Signer, headers: WebhookHeaders, body: bytes) -> None:
    """Refuse a signed body that its headers contradict, because headers are not signed.

    Raises:
        InvalidInput: see `body_identity.check`.
    """
    try:
        body_identity.check(headers.topic, body, signer.shop, signer.shopify_id)
    except InvalidInput as error:
        ids = {"tenant_id": signer.tenant_id, "store_id": signer.store_id, "topic": headers.topic}
        log.warning("a signed body that contradicts its headers was refused", reason=str(error), **ids)
        raise


def _receive_privacy_request(headers: WebhookHeaders, body: bytes, now: datetime) -> Stored:
    """Store a privacy request for every store whose app has signed it. If one store cannot be verified now, the
    others have it stored, and the answer makes Shopify send it again."""
    outcomes = []
    trouble: ConfigError | InvalidInput | None = None
    for signer in verify.find_holders(headers.shop):
        try:
            if signer.has_signed(body, headers.signature, now):
                _check_identity(signer, headers, body)
                outcomes += storage.save(signer, [VerifiedDelivery(headers, body, now)])
        except ConfigError as error:
            log.warning("a privacy request cannot be verified", tenant_id=signer.tenant_id, store_id=signer.store_id)
            trouble = error
        except InvalidInput as error:
            # The domain may have belonged to another shop before.
            trouble = trouble or error
    if trouble is not None and not (outcomes and isinstance(trouble, InvalidInput)):
        raise trouble
    # A store that changed meanwhile is reached when Shopify sends the refused request again.
    if not outcomes or Stored.REFUSED in outcomes:
        return Stored.REFUSED
    return Stored.NEW if Stored.NEW in outcomes else Stored.DUPLICATE
