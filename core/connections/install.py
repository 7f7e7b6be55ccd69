"""Installations of the operator's app, from the click to the shop that waits for its user.

A user begins on the Stores page, or a merchant in Shopify. Either way the browser gets a nonce as its cookie and goes
to Shopify with a `state`; both are kept as hashes, and a state is good for one return, in that browser. The tokens
that Shopify then gives belong to nobody here yet: they wait, sealed, behind a claim that only that browser is given,
and `core.connections.connect.confirm` attaches the shop to the business of the signed-in user who says so.
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
from core.sealing.crypto import fingerprint, new_token, same
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
    """A shop that installed the app and waits for its user."""

    shop_domain: str
    client_id: str
    token: AccessToken = field(repr=False)


def begin(actor: Actor, domain: str, now: datetime) -> str:
    """Let the actor install the app on a shop; returns the state to start with. `domain` in any spelling.

    Raises:
        NotAllowed: only owners connect stores.
        InvalidShop: `domain` is not the address of a Shopify store.
        ConfigError: the operator has set no app.
    """
    authorise(actor, Action.CONNECT)
    apps.operators()
    return _new_state(shops.normalise(domain), now, user_id=actor.user_id)


def start(state: str, nonce: str, now: datetime) -> str:
    """Where the browser that holds `nonce` goes to install: once begun, a state belongs to one browser.

    Raises:
        InvalidInput: there is no such state, it is too old, or another browser has started with it.
    """
    mine = or_(InstallState.nonce_hash.is_(None), InstallState.nonce_hash == fingerprint(nonce))
    taken = (
        update(InstallState)
        .where(InstallState.state_hash == fingerprint(state), InstallState.expires_at > now, mine)
        .values(nonce_hash=fingerprint(nonce))
        .returning(InstallState.shop_domain)
    )
    with system_session() as session:
        shop = session.scalar(taken)
    if shop is None:
        raise _too_late()
    return _at_shopify(shop, state)


def start_from_shopify(query: Query, nonce: str, now: datetime) -> str:
    """Where the browser goes that Shopify sent to the app's address: to install it, or to the pages, if it is.

    Raises:
        SignatureError, InvalidShop: the query is not Shopify's.
        ConfigError: the operator has set no app.
    """
    app = apps.operators()
    shop = oauth.checked_shop(query, app.secrets, now)
    if stores.has_installed(shop, app.client_id):
        return f"{settings().public_url.rstrip('/')}/"
    return _at_shopify(shop, _new_state(shop, now, nonce=nonce))


def finish(query: Query, nonce: str, now: datetime, transport: BaseAdapter | None = None) -> str:
    """Take the browser back from Shopify: check all that its query says, get the tokens, and return the claim.

    A state is spent by the first return that Shopify has signed, the failed one too.

    Raises:
        SignatureError, InvalidShop: the query is not Shopify's, or not of this state's shop.
        InvalidInput: the state is unknown, spent, too old or another browser's, or Shopify does not take the code.
        ConfigError, ShopUnavailable, ShopifyTransient: as `oauth.exchange`.
    """
    pairs = list(query)
    app = apps.operators()
    shop = oauth.checked_shop(pairs, app.secrets, now)
    said = dict(pairs)
    user_id = _spend(said.get("state", ""), shop, nonce, now)
    token = oauth.exchange(
        shop, app, said.get("code", ""), admin_url=settings().shopify_admin_url, now=now, transport=transport
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
    stores.renew_installation(shop, app.client_id, token, now)
    return claim


def waiting(actor: Actor, claim: str, now: datetime) -> str:
    """The shop that waits behind a claim.

    Raises:
        NotFound: nothing waits there, or not any more.
        NotAllowed: another user began it.
    """
    with system_session() as session:
        return _pending(session.get(PendingConnection, fingerprint(claim)), actor, now).shop_domain


@contextmanager
def claimed(actor: Actor, claim: str, now: datetime) -> Iterator[Installation]:
    """What waits behind a claim, one caller at a time; gone when the block ends well. Raises as `waiting`."""
    query = select(PendingConnection).where(PendingConnection.claim_hash == fingerprint(claim)).with_for_update()
    with system_session() as session:
        row = _pending(session.scalars(query).one_or_none(), actor, now)
        token = AccessToken.from_json(sealer().open(NO_TENANT, row.sealed))
        yield Installation(row.shop_domain, row.client_id, token)
        session.delete(row)


def decline(actor: Actor, claim: str, now: datetime) -> None:
    """Forget what waits behind a claim. Raises as `waiting`."""
    with claimed(actor, claim, now):
        pass


def purge_expired(now: datetime) -> int:
    """Delete the states and claims that are too old; returns how many."""
    with system_session() as session:
        states = delete(InstallState).where(InstallState.expires_at <= now).returning(InstallState.state_hash)
        claims = delete(PendingConnection).where(PendingConnection.expires_at <= now)
        gone = [*session.scalars(states), *session.scalars(claims.returning(PendingConnection.claim_hash))]
    return len(gone)


def _new_state(shop: str, now: datetime, user_id: int | None = None, nonce: str | None = None) -> str:
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


def _at_shopify(shop: str, state: str) -> str:
    return oauth.authorize_url(
        shop,
        apps.operators(),
        state=state,
        redirect_uri=settings().receiver_address + CALLBACK_PATH,
        scopes=settings().shopify_scopes,
        admin_url=settings().shopify_admin_url,
    )


def _spend(state: str, shop: str, nonce: str, now: datetime) -> int | None:
    """Who began with this state, or None where Shopify did; the state is gone after this."""
    taken = delete(InstallState).where(InstallState.state_hash == fingerprint(state)).returning(InstallState)
    with system_session() as session:
        row = session.scalars(taken).one_or_none()
    if row is None or row.expires_at <= now:
        raise _too_late()
    if row.nonce_hash is None or not nonce or not same(row.nonce_hash, fingerprint(nonce)):
        raise InvalidInput("This installation was begun in another browser; begin again on the Stores page")
    if row.shop_domain != shop:
        raise SignatureError(f"The app was installed on {shop}, not on {row.shop_domain}; begin again with it")
    return row.user_id


def _pending(row: PendingConnection | None, actor: Actor, now: datetime) -> PendingConnection:
    authorise(actor, Action.CONNECT)
    if row is None or row.expires_at <= now:
        raise NotFound("This installation was connected already or waited too long; install the app again")
    if row.user_id is not None and row.user_id != actor.user_id:
        raise NotAllowed("Somebody else began this installation; sign in as them, or install the app yourself")
    return row


def _too_late() -> InvalidInput:
    return InvalidInput("This installation was finished already or took too long; begin again on the Stores page")
