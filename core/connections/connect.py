"""Connects and disconnects a Shopify store: checks the credentials, keeps them sealed, subscribes to its webhooks."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from requests.adapters import BaseAdapter

from core import logs, stores
from core.accounts import Action, Actor, authorise
from core.config import settings
from core.connections import install, subscriptions
from core.database.models import Trigger
from core.errors import ShopifyDown, XenoError
from core.shopify import auth, reading, shops, webhooks
from core.stores.clients import open_client, store_client
from core.sync import runs

PATIENCE = 6.0
"""Seconds of waiting for Shopify in all, while a person looks at the page."""

log = logs.get(__name__)


def connect(
    actor: Actor,
    domain: str,
    credentials: auth.AdminToken | auth.ClientCredentials,
    now: datetime,
    trigger: Trigger = Trigger.CONNECT,
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
    shop = shops.normalise(domain)
    admin_url = settings().shopify_admin_url
    token = auth.access_token(shop, credentials, admin_url=admin_url, now=now, transport=transport)
    return _attach(actor, shop, credentials, token, now, trigger, transport)


def confirm(actor: Actor, claim: str, now: datetime, transport: BaseAdapter | None = None) -> stores.StoreView:
    """Connect the shop that installed the operator's app to the actor's tenant, as `connect` does.

    The claim is spent when this returns; when Shopify is away it can be tried again.

    Raises:
        NotAllowed: only owners connect stores, and only who began the installation.
        NotFound: nothing waits behind the claim, or not any more.
        AccessDenied, ShopUnavailable, Conflict, ShopifyTransient: as `connect`.
    """
    with install.claimed(actor, claim, now) as made:
        credentials = auth.InstalledApp(made.client_id)
        return _attach(actor, made.shop_domain, credentials, made.token, now, Trigger.CONNECT, transport)


def disconnect(actor: Actor, store_id: int, now: datetime, transport: BaseAdapter | None = None) -> None:
    """Stop the webhooks, forget the credentials; the data stays, and so does what Shopify's privacy requests about it
    are verified with. Works too when Shopify no longer lets us in.

    Raises:
        NotAllowed: only owners disconnect stores.
        NotFound: the tenant has no such store.
    """
    authorise(actor, Action.CONNECT)
    stores.find(actor.store_key(store_id))
    try:
        with store_client(actor.store_key(store_id), transport, _waiting(PATIENCE)) as client:
            webhooks.unsubscribe(client, settings().webhook_address)
    except XenoError as error:
        # Deliveries that still come find no route and are refused, after which Shopify ends the subscription.
        log.warning("webhooks could not be unsubscribed", store_id=store_id, reason=str(error))
    stores.delete_credentials(actor.store_key(store_id), now)


def _attach(
    actor: Actor,
    domain: str,
    credentials: auth.Credentials,
    token: auth.AccessToken,
    now: datetime,
    trigger: Trigger,
    transport: BaseAdapter | None,
) -> stores.StoreView:
    kept = None if isinstance(credentials, auth.AdminToken) else token
    with open_client(domain, token.value, transport, _waiting(PATIENCE)) as client:
        shop = reading.shop(client)
        store = stores.save(actor.tenant_id, shop, credentials, now, kept)
        subscriptions.renew(client, actor.tenant_id, store.store_id, now)
    runs.request(store.key, trigger, now)
    return stores.find(actor.store_key(store.store_id))


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
