"""The stores of a tenant, as rows: list, find, save, disconnect. Calls to Shopify are in `core.connections`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.database import StoreKey, jobs, system_session, tenant_session
from core.database.models import FormerRoute, Store, StoreRoute, StoreState
from core.domain import MAPPING_VERSION
from core.errors import Conflict, StoreNotFound
from core.sealing.seal import sealer
from core.shopify import auth
from core.shopify.auth import AccessToken, Credentials, InstalledApp
from core.shopify.credential_kind import CredentialKind
from core.shopify.pages import ShopInfo
from core.stores import tokens
from core.stores.credentials import compliance_seal, note_scopes, opened, previous_secret_columns, restart_first_load
from core.stores.view import StoreView, view_of


def list_stores(tenant_id: int) -> tuple[StoreView, ...]:
    """List the tenant's stores, disconnected ones included, in the order of their first connection."""
    with tenant_session(tenant_id) as session:
        rows = session.scalars(select(Store).where(Store.tenant_id == tenant_id).order_by(Store.store_id))
        return tuple(view_of(row) for row in rows)


def find(store: StoreKey) -> StoreView:
    """Return one store of the tenant.

    Raises:
        StoreNotFound: the tenant has no such store.
    """
    with tenant_session(store.tenant_id) as session:
        return view_of(_get_row(session, store))


def find_owner(shop_domain: str) -> StoreKey | None:
    """Return the store that a shop is connected as; None if it is connected nowhere here."""
    with system_session() as session:
        route = session.get(StoreRoute, shop_domain)
        return StoreKey.of(route) if route else None


def list_connected() -> tuple[StoreKey, ...]:
    """List the connected stores of all tenants, for the scheduler."""
    with system_session() as session:
        routes = session.scalars(select(StoreRoute).order_by(StoreRoute.tenant_id, StoreRoute.store_id))
        return tuple(StoreKey.of(route) for route in routes)


def list_receiving() -> tuple[StoreKey, ...]:
    """List every store that may receive deliveries: the connected ones, then disconnected ones whose data is here.

    Shopify sends privacy requests about the latter.
    """
    with system_session() as session:
        routes = session.scalars(select(FormerRoute).order_by(FormerRoute.tenant_id, FormerRoute.store_id))
        disconnected = tuple(StoreKey.of(route) for route in routes)
    return list_connected() + disconnected


def open_credentials(session: Session, store: StoreKey) -> Credentials:
    """Open the store's credentials.

    Raises:
        StoreNotFound: the tenant has no such store.
        CredentialsRefused: it is disconnected, so there are none.
    """
    return opened(_get_row(session, store))


def save(
    tenant_id: int,
    shop: ShopInfo,
    credentials: Credentials,
    now: datetime,
    token: AccessToken | None = None,
) -> StoreView:
    """Connect a shop to the tenant, or update it: a store that is connected again keeps its data and its id.

    The first load runs again where the app may read more than before, or where Shopify withheld something that it may
    have approved since. `token` is the one just fetched with the credentials, if it expires. A changed secret of the
    app leaves the one before valid for as long as Shopify may sign with it.

    Raises:
        Conflict: the shop belongs to another tenant of this installation.
    """
    values = _columns(tenant_id, shop, credentials, now)
    with tenant_session(tenant_id) as session:
        query = select(Store).where(Store.tenant_id == tenant_id, Store.shop_domain == shop.domain)
        previous = session.scalars(query.with_for_update(key_share=True)).one_or_none()
        values |= previous_secret_columns(previous, credentials, now)
        if previous is not None:
            if previous.withheld_fields or previous.refused_entities:
                restart_first_load(session, previous, now)
            note_scopes(session, previous, shop.scopes, now)
            session.flush()
        statement = (
            insert(Store)
            .values(tenant_id=tenant_id, shop_domain=shop.domain, mapping_version=MAPPING_VERSION, **values)
            .on_conflict_do_update(index_elements=["tenant_id", "shop_domain"], set_=values)
            .returning(Store)
        )
        row = session.scalars(statement, execution_options={"populate_existing": True}).one()
        _take_route(session, shop.domain, row.key)
        tokens.store_token(session, row.key, token, now)
        return view_of(row)


def has_installed(shop_domain: str, client_id: str) -> bool:
    """Whether a connected store has this app installed and working."""
    owner = find_owner(shop_domain)
    if owner is None:
        return False
    with tenant_session(owner.tenant_id) as session:
        row = _get_row(session, owner)
        return row.state == StoreState.CONNECTED and opened(row) == InstalledApp(client_id)


def renew_installation(shop_domain: str, client_id: str, token: AccessToken, now: datetime) -> bool:
    """Store the token of a new installation where a connected store had this app before; return whether one had.

    Shopify ended the earlier tokens at the installation, even if nobody goes on to connect the store again.
    """
    owner = find_owner(shop_domain)
    if owner is None:
        return False
    with tenant_session(owner.tenant_id) as session:
        row = _get_row(session, owner)
        if row.sealed_credentials is None or opened(row) != InstalledApp(client_id):
            return False
        tokens.store_token(session, owner, token, now)
        return True


def note_webhooks(store: StoreKey, note: str | None) -> None:
    """Note why webhooks do not all arrive, as a sentence; None when they do.

    Raises:
        StoreNotFound: the tenant has no such store.
    """
    with tenant_session(store.tenant_id) as session:
        _get_row(session, store).webhook_note = note


def mark_reconnect(store: StoreKey, reason: str, connected_at: datetime | None = None) -> None:
    """Mark a connected store whose credentials no longer work: syncs stop, and the page shows `reason`.

    Its data stays. A store in another state keeps its state and reason. With `connected_at` nothing changes if the
    store was connected again since: its newer credentials may work.
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


def keep_scopes(store: StoreView, scopes: Sequence[str]) -> None:
    """Keep the scopes that Shopify names for this very connection, where they differ: their webhook may be late, or
    lost. They decide which topics can be subscribed to, so a change queues the check of the subscriptions."""
    same_connection = (store.key.owns(Store), Store.connected_at == store.connected_at)
    with tenant_session(store.tenant_id) as session:
        row = session.scalar(select(Store).where(*same_connection).with_for_update(key_share=True))
        if row is not None and set(row.scopes) != set(scopes):
            note_scopes(session, row, scopes, datetime.now(UTC))
            jobs.enqueue_once(session, jobs.Task.CHECK_SUBSCRIPTIONS, row.key)


def delete_credentials(store: StoreKey, now: datetime) -> None:
    """Disconnect a store: delete its credentials and its route; its data stays.

    The secret that verifies Shopify's privacy requests stays for as long as the data does, since those still come.

    Raises:
        StoreNotFound: the tenant has no such store.
    """
    with tenant_session(store.tenant_id) as session:
        row = _get_row(session, store)
        row.sealed_compliance = compliance_seal(row)
        row.state, row.disconnected_at = StoreState.DISCONNECTED, now
        row.state_reason = "Disconnected; connect it again to receive new orders."
        row.sealed_credentials = row.sealed_previous_secret = row.webhook_note = None
        tokens.store_token(session, store, None, now)
        session.execute(delete(StoreRoute).where(store.owns(StoreRoute)))
        if row.sealed_compliance is not None:
            former = insert(FormerRoute).values(shop_domain=row.shop_domain, **store.parameters)
            session.execute(former.on_conflict_do_nothing())


def _columns(tenant_id: int, shop: ShopInfo, credentials: Credentials, now: datetime) -> dict[str, object]:
    """Return the columns of a store that was connected just now."""
    return {
        "shopify_id": shop.shopify_id,
        "name": shop.name,
        "currency": shop.currency,
        "time_zone": shop.time_zone,
        "shop_created_at": shop.created_at,
        "state": StoreState.CONNECTED,
        "state_reason": None,
        "credential_kind": CredentialKind(credentials.to_json()["kind"]),
        "sealed_credentials": sealer().seal(tenant_id, credentials.to_json()),
        "sealed_compliance": None,
        "scopes": list(shop.scopes),
        "missing_scopes": list(auth.missing_scopes(shop.scopes)),
        "withheld_fields": [],
        "refused_entities": [],
        "connected_at": now,
        "disconnected_at": None,
    }


def _take_route(session: Session, shop_domain: str, store: StoreKey) -> None:
    """Give the shop's route to the store. Raises Conflict if another tenant holds it."""
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


def _get_row(session: Session, store: StoreKey) -> Store:
    row = session.get(Store, (store.tenant_id, store.store_id))
    if row is None:
        raise StoreNotFound
    return row
