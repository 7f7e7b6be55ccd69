"""Connects and disconnects a Shopify store: checks the credentials, keeps them sealed, subscribes to its webhooks."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from requests.adapters import BaseAdapter

from core import logs, runs, stores
from core.accounts import Action, Actor, authorise
from core.clients import open_client, store_client
from core.config import settings
from core.errors import ShopifyDown, ShopifyError, TransientError, XenoError
from core.shopify import auth, reading, shops, webhooks
from core.shopify.client import ShopifyClient

PATIENCE = 6.0
"""Seconds of waiting for Shopify in all, while a person looks at the page."""

log = logs.get(__name__)


def connect(
    actor: Actor,
    domain: str,
    credentials: auth.Credentials,
    now: datetime,
    trigger: str = "connect",
    transport: BaseAdapter | None = None,
) -> stores.StoreView:
    """Connect a shop to the actor's tenant, or renew its connection, and start its first sync.

    `domain` may be any spelling a person would paste. What goes wrong with the webhooks alone does not undo the
    connection: it is noted on the store, and the scheduled sync brings the orders in meanwhile.

    Raises:
        NotAllowed: only owners connect stores.
        InvalidShop: `domain` is not the address of a Shopify store.
        CredentialsRefused, AccessDenied, ShopUnavailable: Shopify says no; the message says what to do.
        Conflict: the shop belongs to another tenant here.
        ShopifyTransient: Shopify does not answer right now.
    """
    authorise(actor, Action.CONNECT)
    with open_client(shops.normalise(domain), credentials, transport, _waiting(PATIENCE)) as client:
        shop = reading.shop(client)
        store = stores.save(actor.tenant_id, shop, credentials, auth.missing_scopes(shop.scopes), now)
        stores.note_webhooks(actor.tenant_id, store.store_id, _subscribe(client))
    runs.request(actor.tenant_id, store.store_id, trigger, now)
    return stores.find(actor.tenant_id, store.store_id)


def disconnect(actor: Actor, store_id: int, now: datetime, transport: BaseAdapter | None = None) -> None:
    """Stop the webhooks, forget the credentials; the data stays. Works too when Shopify no longer lets us in.

    Raises:
        NotAllowed: only owners disconnect stores.
        NotFound: the tenant has no such store.
    """
    authorise(actor, Action.CONNECT)
    stores.find(actor.tenant_id, store_id)
    try:
        with store_client(actor.tenant_id, store_id, transport, _waiting(PATIENCE)) as client:
            webhooks.unsubscribe(client, settings().webhook_address)
    except XenoError as error:
        # Deliveries that still come find no route and are refused, after which Shopify ends the subscription.
        log.warning("webhooks could not be unsubscribed", store_id=store_id, reason=str(error))
    stores.forget_credentials(actor.tenant_id, store_id, now)


def _waiting(longest: float) -> Callable[[float], None]:
    """How to wait for Shopify, all in all not longer than `longest` seconds."""
    waited = 0.0

    def wait(seconds: float) -> None:
        nonlocal waited
        waited += seconds
        if waited > longest:
            raise ShopifyDown("Shopify does not answer well right now; try again in a minute")
        time.sleep(seconds)

    return wait


def _subscribe(client: ShopifyClient) -> str | None:
    """Subscribe to every topic; returns a sentence about those that failed, or None."""
    address = settings().webhook_address
    if not address:
        return "No public address is set (PUBLIC_WEBHOOK_URL), so orders arrive with the scheduled sync only."
    try:
        failed = [outcome for outcome in webhooks.subscribe(client, address) if outcome.reason]
    except (ShopifyError, TransientError) as error:
        return f"Webhooks could not be subscribed, so orders arrive with the scheduled sync only: {error}"
    if not failed:
        return None
    topics = ", ".join(outcome.topic for outcome in failed)
    return f"Not subscribed to {topics}: {failed[0].reason}"
