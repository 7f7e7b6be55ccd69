"""Connects and disconnects a Shopify store: checks the credentials, stores them sealed, subscribes to webhooks."""

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
from core.shopify import auth, pages, shops, webhooks
from core.stores.clients import open_client, store_client
from core.sync import runs

PATIENCE = 6.0
"""Seconds to wait for Shopify in total, because a person looks at the page meanwhile."""

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

    `domain` may be any spelling that a person would paste. Trouble with the webhooks alone does not undo the
    connection: the store has a note about it, and the scheduled sync brings the orders in meanwhile.

    Raises:
        NotAllowed: only owners connect stores.
        InvalidShop: `domain` is not the address of a Shopify store.
        CredentialsRefused, AccessDenied, ShopUnavailable: Shopify refuses; the message says what to do.
        Conflict: the shop belongs to another tenant here.
        ShopifyTransient: Shopify does not answer right now.
    """
    authorise(actor, Action.CONNECT)
    shop = shops.normalise(domain)
    admin_url = settings().shopify_admin_url
    token = auth.fetch_access_token(shop, credentials, admin_url=admin_url, now=now, transport=transport)
    return _attach(actor, shop, credentials, token, now, trigger, transport)


def confirm(actor: Actor, claim: str, now: datetime, transport: BaseAdapter | None = None) -> stores.StoreView:
    """Connect the shop that installed the operator's app to the actor's tenant, as `connect` does.

    The claim is spent when this returns. If Shopify is unavailable, the user can try again.

    Raises:
        NotAllowed: only owners connect stores, and only the user who began the installation.
        NotFound: the claim is unknown, spent or expired.
        AccessDenied, ShopUnavailable, Conflict, ShopifyTransient: as `connect`.
    """
    with install.spend_claim(actor, claim, now) as installation:
        credentials = auth.InstalledApp(installation.client_id)
        return _attach(
            actor, installation.shop_domain, credentials, installation.token, now, Trigger.CONNECT, transport
        )


def disconnect(actor: Actor, store_id: int, now: datetime, transport: BaseAdapter | None = None) -> None:
    """Unsubscribe from the webhooks and delete the credentials, even if Shopify refuses them already.

    The data stays, and so does the secret that verifies Shopify's privacy requests about it.

    Raises:
        NotAllowed: only owners disconnect stores.
        StoreNotFound: the tenant has no such store.
    """
    authorise(actor, Action.CONNECT)
    stores.find(actor.store_key(store_id))
    try:
        with store_client(actor.store_key(store_id), transport, _patient_wait()) as client:
            webhooks.unsubscribe(client, settings().webhook_address)
    except XenoError as error:
        # Later deliveries find no route and are refused, and then Shopify deletes the subscription.
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
    # An admin token does not expire: it is among the credentials already.
    expiring_token = None if isinstance(credentials, auth.AdminToken) else token
    with open_client(domain, token.value, transport, _patient_wait()) as client:
        shop = pages.shop(client)
        store = stores.save(actor.tenant_id, shop, credentials, now, expiring_token)
        subscriptions.repair(client, store.key, now)
    runs.request(store.key, trigger, now)
    return stores.find(actor.store_key(store.store_id))


def _patient_wait() -> Callable[[float], None]:
    """A function that waits for Shopify, in total not longer than PATIENCE."""
    waited = 0.0

    def wait(seconds: float) -> None:
        nonlocal waited
        waited += seconds
        if waited > PATIENCE:
            raise ShopifyDown("Shopify is not responding; try again in a minute.")
        time.sleep(seconds)

    return wait
