"""Installs the operator's app on a shop, from the click to the shop that waits for its user.

1. `begin`, by a user on the Stores page, or `start_from_shopify`, by a merchant in Shopify, makes a state.
2. `start` sends the browser to Shopify with that state, and gives it a nonce as a cookie.
3. `finish` takes the browser back: a state is good for one return, in the browser with its nonce.
4. The tokens belong to no tenant yet. They wait, sealed, behind a claim that only this browser gets, until
   `core.connections.connect.confirm` connects the shop to the tenant of the signed-in user.

States, nonces and claims are stored as hashes, so that a copy of the database opens no installation.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from requests.adapters import BaseAdapter
from sqlalchemy import delete, or_, select, update

from core import stores
from core.accounts import Action, Actor, authorise
from core.config import settings
from core.database import system_session
from core.database.models import InstallState, PendingConnection
from core.errors import InvalidInput, NotAllowed, NotFound, SignatureError
from core.sealing.crypto import fingerprint, is_equal, new_token
from core.sealing.seal import NO_TENANT, sealer
from core.shopify import oauth, shops
from core.shopify.auth import AccessToken
from core.stores import apps

STATE_LIFE = timedelta(minutes=10)
CLAIM_LIFE = timedelta(minutes=15)
CALLBACK_PATH = "/connect/callback"

Query = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Installation:
    """A shop that installed the app and waits for its user to confirm."""

    shop_domain: str
    client_id: str
    token: AccessToken = field(repr=False)


def begin(actor: Actor, domain: str, now: datetime) -> str:
    """Make a state for the actor to install the app on a shop; returns the state. `domain` in any spelling.

    Raises:
        NotAllowed: only owners connect stores.
        InvalidShop: `domain` is not the address of a Shopify store.
        ConfigError: the operator has set no app.
    """
    authorise(actor, Action.CONNECT)
    apps.operators()
    return _create_state(shops.normalise(domain), now, user_id=actor.user_id)


def start(state: str, nonce: str, now: datetime) -> str:
    """Bind the state to the browser that holds `nonce`; returns Shopify's address to install the app.

    Raises:
        InvalidInput: there is no such state, it is too old, or another browser has started with it.
    """
    # The same browser may start again, such as by reloading the page.
    is_free = or_(InstallState.nonce_hash.is_(None), InstallState.nonce_hash == fingerprint(nonce))
    statement = (
        update(InstallState)
        .where(InstallState.state_hash == fingerprint(state), InstallState.expires_at > now, is_free)
        .values(nonce_hash=fingerprint(nonce))
        .returning(InstallState.shop_domain)
    )
    with system_session() as session:
        shop = session.scalar(statement)
    if shop is None:
        raise _expired()
    return _authorize_url(shop, state)


def start_from_shopify(query: Query, nonce: str, now: datetime) -> str:
    """Start an installation from Shopify; returns Shopify's address, or ours if the shop has the app already.

    Raises:
        SignatureError, InvalidShop: the query is not Shopify's.
        ConfigError: the operator has set no app.
    """
    app = apps.operators()
    shop = oauth.checked_shop(query, app.secrets, now)
    if stores.has_installed(shop, app.client_id):
        return f"{settings().public_url.rstrip('/')}/"
    return _authorize_url(shop, _create_state(shop, now, nonce=nonce))


def finish(query: Query, nonce: str, now: datetime, transport: BaseAdapter | None = None) -> str:
    """Verify the query of a browser that returns from Shopify, fetch the tokens, and return the claim.

    The first return that Shopify has signed spends the state, even if it fails.

    Raises:
        SignatureError, InvalidShop: the query is not Shopify's, or not of this state's shop.
        InvalidInput: the state is unknown, spent, too old or another browser's, or Shopify does not take the code.
        ConfigError, ShopUnavailable, ShopifyTransient: as `oauth.exchange`.
    """
    pairs = list(query)
    app = apps.operators()
    shop = oauth.checked_shop(pairs, app.secrets, now)
    parameters = dict(pairs)
    user_id = _spend_state(parameters.get("state", ""), shop, nonce, now)
    token = oauth.exchange(
        shop, app, parameters.get("code", ""), admin_url=settings().shopify_admin_url, now=now, transport=transport
    )
    claim = new_token()
    with system_session() as session:
        session.add(
            PendingConnection(
                claim_hash=fingerprint(claim),
                shop_domain=shop,
                user_id=user_id,
                client_id=app.client_id,
                sealed=sealer().seal(NO_TENANT, token.to_json()),
                expires_at=now + CLAIM_LIFE,
            )
        )
    # Shopify revoked the tokens of an earlier installation, so a connected store needs the new ones at once.
    stores.renew_installation(shop, app.client_id, token, now)
    return claim


def waiting_shop(actor: Actor, claim: str, now: datetime) -> str:
    """The shop that waits behind a claim.

    Raises:
        NotFound: the claim is unknown, spent or expired.
        NotAllowed: another user began the installation.
    """
    with system_session() as session:
        return _checked(session.get(PendingConnection, fingerprint(claim)), actor, now).shop_domain


@contextmanager
def spend_claim(actor: Actor, claim: str, now: datetime) -> Iterator[Installation]:
    """Lock the installation behind a claim, and delete it when the block ends without an error.

    Raises:
        NotFound, NotAllowed: as `waiting_shop`.
    """
    query = select(PendingConnection).where(PendingConnection.claim_hash == fingerprint(claim)).with_for_update()
    with system_session() as session:
        row = _checked(session.scalars(query).one_or_none(), actor, now)
        token = AccessToken.from_json(sealer().open(NO_TENANT, row.sealed))
        yield Installation(row.shop_domain, row.client_id, token)
        session.delete(row)


def decline(actor: Actor, claim: str, now: datetime) -> None:
    """Delete the installation behind a claim. Raises as `waiting_shop`."""
    with spend_claim(actor, claim, now):
        pass


def purge_expired(now: datetime) -> int:
    """Delete the expired states and claims; returns how many."""
    with system_session() as session:
        states = delete(InstallState).where(InstallState.expires_at <= now).returning(InstallState.state_hash)
        claims = delete(PendingConnection).where(PendingConnection.expires_at <= now)
        hashes = [*session.scalars(states), *session.scalars(claims.returning(PendingConnection.claim_hash))]
    return len(hashes)


def _create_state(shop: str, now: datetime, user_id: int | None = None, nonce: str | None = None) -> str:
    # Hex, because Shopify's libraries disagree on how other characters are signed.
    state = secrets.token_hex(32)
    with system_session() as session:
        session.add(
            InstallState(
                state_hash=fingerprint(state),
                shop_domain=shop,
                user_id=user_id,
                nonce_hash=fingerprint(nonce) if nonce else None,
                expires_at=now + STATE_LIFE,
            )
        )
    return state


def _authorize_url(shop: str, state: str) -> str:
    return oauth.authorize_url(
        shop,
        apps.operators(),
        state=state,
        redirect_uri=settings().receiver_address + CALLBACK_PATH,
        scopes=settings().shopify_scopes,
        admin_url=settings().shopify_admin_url,
    )


def _spend_state(state: str, shop: str, nonce: str, now: datetime) -> int | None:
    """Delete the state; returns the user who began with it, or None if the merchant began in Shopify."""
    # Deleted before it is checked, so that a stolen state allows one try.
    statement = delete(InstallState).where(InstallState.state_hash == fingerprint(state)).returning(InstallState)
    with system_session() as session:
        row = session.scalars(statement).one_or_none()
    if row is None or row.expires_at <= now:
        raise _expired()
    if row.nonce_hash is None or not nonce or not is_equal(row.nonce_hash, fingerprint(nonce)):
        raise InvalidInput("This installation started in another browser; start again on the Stores page.")
    if row.shop_domain != shop:
        raise SignatureError(f"The app was installed on {shop}, not on {row.shop_domain}; start again with it.")
    return row.user_id


def _checked(row: PendingConnection | None, actor: Actor, now: datetime) -> PendingConnection:
    """The row, if this actor may confirm it now."""
    authorise(actor, Action.CONNECT)
    if row is None or row.expires_at <= now:
        raise NotFound("This installation was used or has expired; install the app again.")
    if row.user_id is not None and row.user_id != actor.user_id:
        raise NotAllowed("Another person started this installation; sign in as them, or start it again yourself.")
    return row


def _expired() -> InvalidInput:
    return InvalidInput("This installation was used or has expired; start again on the Stores page.")
