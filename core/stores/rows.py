"""The stores of a tenant, as rows: list, find, save, disconnect. No network here (see `core.connections.connect`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.database import StoreKey, system_session, tenant_session
from core.database.models import FormerRoute, Store, StoreRoute, StoreState
from core.domain import MAPPING_VERSION
from core.errors import Conflict, NotFound
from core.sealing.seal import sealer
from core.shopify import auth
from core.shopify.auth import AccessToken, Credentials, InstalledApp
from core.shopify.reading import ShopInfo
from core.stores import tokens
from core.stores.credentials import for_compliance, last_secret, note_scopes, opened, read_anew


@dataclass(frozen=True, slots=True)
class StoreView:
    """A store as pages and jobs see it: everything but its secrets."""

    tenant_id: int
    store_id: int
    shop_domain: str
    name: str
    currency: str
    time_zone: ZoneInfo
    credential_kind: str
    state: StoreState
    state_reason: str | None
    scopes: tuple[str, ...]
    missing_scopes: tuple[str, ...]
    webhook_note: str | None
    connected_at: datetime
    shop_created_at: datetime | None
    revision: int
    last_ingest_at: datetime | None
    complete_until: datetime | None
    withheld_fields: tuple[str, ...] = ()
    refused_entities: tuple[str, ...] = ()
    order_currencies: tuple[str, ...] = ()
    webhooks_missed_at: datetime | None = None

    @property
    def key(self) -> StoreKey:
        return StoreKey(self.tenant_id, self.store_id)

    @property
    def is_live(self) -> bool:
        """Whether new orders come in by webhooks, as far as anybody knows."""
        return self.webhook_note is None and self.webhooks_missed_at is None

    @property
    def currencies(self) -> tuple[str, ...]:
        """Every currency that it has figures in: its own of now first."""
        return (self.currency, *(each for each in self.order_currencies if each != self.currency))

    def may_read(self, what: str) -> bool:
        """Whether the app was granted what it takes to read this of `auth.READ_BY`."""
        return auth.may_read(self.scopes, what)


def list_stores(tenant_id: int) -> tuple[StoreView, ...]:
    """The tenant's stores, those once connected too, in the order they were first connected."""
    with tenant_session(tenant_id) as session:
        rows = session.scalars(select(Store).where(Store.tenant_id == tenant_id).order_by(Store.store_id))
        return tuple(_view(row) for row in rows)


def find(store: StoreKey) -> StoreView:
    """One store of the tenant.

    Raises:
        NotFound: the tenant has no such store.
    """
    with tenant_session(store.tenant_id) as session:
        return _view(_row(session, store))


def find_owner(shop_domain: str) -> StoreKey | None:
    """Which tenant and store a shop belongs to, or None."""
    with system_session() as session:
        row = session.get(StoreRoute, shop_domain)
        return StoreKey(row.tenant_id, row.store_id) if row else None


def list_connected() -> tuple[StoreKey, ...]:
    """Every connected store of the installation: asked by the scheduler."""
    with system_session() as session:
        rows = session.scalars(select(StoreRoute).order_by(StoreRoute.tenant_id, StoreRoute.store_id))
        return tuple(StoreKey(row.tenant_id, row.store_id) for row in rows)


def list_receiving() -> tuple[StoreKey, ...]:
    """Every store that deliveries may come for: the connected ones, and those whose data Shopify's privacy requests
    are still about."""
    with system_session() as session:
        former = session.scalars(select(FormerRoute).order_by(FormerRoute.tenant_id, FormerRoute.store_id))
        disconnected = tuple(StoreKey(row.tenant_id, row.store_id) for row in former)
    return list_connected() + disconnected


def open_credentials(session: Session, store: StoreKey) -> Credentials:
    """The store's credentials, opened.

    Raises:
        NotFound: the tenant has no such store.
        CredentialsRefused: it is disconnected, so there are none.
    """
    return opened(_row(session, store))


def save(
    tenant_id: int,
    shop: ShopInfo,
    credentials: Credentials,
    now: datetime,
    token: AccessToken | None = None,
) -> StoreView:
    """Attach a shop to the tenant, or renew what is known of it: its data and its id stay when it is reconnected.
    Where more may be read of it than before, or Shopify kept something back that it may have approved by now, the
    store is read from the start.

    `token` is the one that the credentials just bought, where it ends some time. If the app's secret is another than
    before, the one before stays good for as long as Shopify may sign with it.

    Raises:
        Conflict: the shop belongs to another tenant of this installation.
    """
    values = {
        "shopify_id": shop.shopify_id,
        "name": shop.name,
        "currency": shop.currency,
        "time_zone": shop.time_zone,
        "shop_created_at": shop.created_at,
        "state": StoreState.CONNECTED,
        "state_reason": None,
        "credential_kind": credentials.to_json()["kind"],
        "sealed_credentials": sealer().seal(tenant_id, credentials.to_json()),
        "sealed_compliance": None,
        "scopes": list(shop.scopes),
        "missing_scopes": list(auth.missing_scopes(shop.scopes)),
        "withheld_fields": [],
        "refused_entities": [],
        "connected_at": now,
        "disconnected_at": None,
    }
    with tenant_session(tenant_id) as session:
        query = select(Store).where(Store.tenant_id == tenant_id, Store.shop_domain == shop.domain)
        before = session.scalars(query.with_for_update(key_share=True)).one_or_none()
        values |= last_secret(before, credentials, now)
        if before is not None:
            if before.withheld_fields or before.refused_entities:
                read_anew(session, before, now)
            note_scopes(session, before, shop.scopes, now)
            session.flush()
        statement = (
            insert(Store)
            .values(tenant_id=tenant_id, shop_domain=shop.domain, mapping_version=MAPPING_VERSION, **values)
            .on_conflict_do_update(index_elements=["tenant_id", "shop_domain"], set_=values)
            .returning(Store)
        )
        row = session.scalars(statement, execution_options={"populate_existing": True}).one()
        key = StoreKey(tenant_id, row.store_id)
        _claim(session, shop.domain, key)
        tokens.keep(session, key, token, now)
        return _view(row)


def has_installed(shop_domain: str, client_id: str) -> bool:
    """Whether a connected store has this app installed and working."""
    owner = find_owner(shop_domain)
    if owner is None:
        return False
    with tenant_session(owner.tenant_id) as session:
        row = _row(session, owner)
        return row.state == StoreState.CONNECTED and opened(row) == InstalledApp(client_id)


def renew_installation(shop_domain: str, client_id: str, token: AccessToken, now: datetime) -> bool:
    """Where a connected store installed this app before, keep the tokens of its new installation: Shopify has ended
    the ones before them, whether or not somebody goes on to connect the store anew. Whether there is one."""
    owner = find_owner(shop_domain)
    if owner is None:
        return False
    with tenant_session(owner.tenant_id) as session:
        row = _row(session, owner)
        if row.sealed_credentials is None or opened(row) != InstalledApp(client_id):
            return False
        tokens.keep(session, owner, token, now)
        return True


def note_webhooks(store: StoreKey, note: str | None) -> None:
    """Remember why webhooks do not all arrive, as a sentence; None when they do.

    Raises:
        NotFound: the tenant has no such store.
    """
    with tenant_session(store.tenant_id) as session:
        _row(session, store).webhook_note = note


def mark_reconnect(store: StoreKey, reason: str, connected_at: datetime | None = None) -> None:
    """The credentials no longer work: the data stays, syncs stop, and the page says why. A disconnected store has
    none, and stays disconnected; the first reason stays.

    With `connected_at` it is about the credentials of that connection: not about newer ones.
    """
    connected = update(Store).where(store.owns(Store), Store.state == StoreState.CONNECTED)
    if connected_at is not None:
        connected = connected.where(Store.connected_at == connected_at)
    with tenant_session(store.tenant_id) as session:
        session.execute(connected.values(state=StoreState.RECONNECT, state_reason=reason))


def note_withheld(store: StoreView, fields: Iterable[str], entities: Iterable[str]) -> None:
    """Note the fields that Shopify withheld, and the entities it refused, from a client of this very connection.

    A newer connection may be granted more, so nothing is noted on it.
    """
    withheld, refused = {*store.withheld_fields, *fields}, {*store.refused_entities, *entities}
    if withheld == set(store.withheld_fields) and refused == set(store.refused_entities):
        return
    same_connection = (store.key.owns(Store), Store.connected_at == store.connected_at)
    noted = {"withheld_fields": sorted(withheld), "refused_entities": sorted(refused)}
    with tenant_session(store.tenant_id) as session:
        session.execute(update(Store).where(*same_connection).values(noted))


def delete_credentials(store: StoreKey, now: datetime) -> None:
    """Disconnect: the data stays, the credentials and the route go. What tells a privacy request of Shopify's from a
    forged one stays with the data: whoever asks to be forgotten means it, too.

    Raises:
        NotFound: the tenant has no such store.
    """
    with tenant_session(store.tenant_id) as session:
        row = _row(session, store)
        row.sealed_compliance = for_compliance(row)
        row.state, row.disconnected_at = StoreState.DISCONNECTED, now
        row.state_reason = "Disconnected; connect it again to receive new orders."
        row.sealed_credentials = row.sealed_previous_secret = row.webhook_note = None
        tokens.keep(session, store, None, now)
        session.execute(delete(StoreRoute).where(store.owns(StoreRoute)))
        if row.sealed_compliance is not None:
            former = insert(FormerRoute).values(shop_domain=row.shop_domain, **store.parameters)
            session.execute(former.on_conflict_do_nothing())


def _claim(session: Session, shop_domain: str, store: StoreKey) -> None:
    """Take the shop's route, unless it is somebody else's: one that was disconnected is in nobody's way."""
    session.execute(delete(FormerRoute).where(store.owns(FormerRoute)))
    statement = (
        insert(StoreRoute)
        .values(shop_domain=shop_domain, **store.parameters)
        .on_conflict_do_update(
            index_elements=["shop_domain"],
            set_={"store_id": store.store_id},
            where=StoreRoute.tenant_id == store.tenant_id,
        )
        .returning(StoreRoute.shop_domain)
    )
    if session.execute(statement).first() is None:
        raise Conflict(f"{shop_domain} is connected to another business here; disconnect it there first.")


def _row(session: Session, store: StoreKey) -> Store:
    row = session.get(Store, (store.tenant_id, store.store_id))
    if row is None:
        raise NotFound("There is no such store here.")
    return row


def _view(row: Store) -> StoreView:
    stored = {each.name: getattr(row, each.name) for each in fields(StoreView)}
    lists = {name: tuple(value) for name, value in stored.items() if isinstance(value, list)}
    return StoreView(**stored | lists | {"time_zone": ZoneInfo(row.time_zone)})
