"""A tenant's stores as rows: connected, renewed, disconnected, and never with their secrets in sight."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core import stores
from core.config import settings
from core.database import StoreKey, tenant_session
from core.database.models import Order, Store
from core.errors import ConfigError, CredentialsRefused, NotFound
from core.shopify.auth import AdminToken, ClientCredentials
from core.shopify.pages import ShopInfo
from tests.cast import NOW, Cast
from tests.factories import order
from tests.stored import row, rows, write

SHOP = ShopInfo(
    shopify_id=548380009,
    name="Initech Shop",
    domain="initech.myshopify.com",
    currency="USD",
    time_zone="America/Chicago",
    taxes_included=False,
    created_at=datetime(2024, 3, 1, tzinfo=UTC),
    plan="Basic",
    scopes=("read_orders", "read_products"),
)
TOKEN = AdminToken("shpat_0123456789", "shpss_0123456789")
LATER = NOW + timedelta(days=1)


def save(cast: Cast, shop: ShopInfo = SHOP, now: datetime = NOW) -> stores.StoreView:
    return stores.save(cast.dana.tenant_id, shop, TOKEN, now)


def complete_until(cast: Cast, store_id: int) -> datetime | None:
    return stores.find(StoreKey(cast.dana.tenant_id, store_id)).complete_until


def synced(cast: Cast, store_id: int) -> None:
    with tenant_session(cast.dana.tenant_id) as session:
        store = session.get(Store, (cast.dana.tenant_id, store_id))
        assert store is not None
        store.complete_until = NOW


def test_a_saved_store_has_the_shops_details(cast: Cast) -> None:
    store = save(cast)

    assert (store.shop_domain, store.name, store.currency) == ("initech.myshopify.com", "Initech Shop", "USD")
    assert store.time_zone == ZoneInfo("America/Chicago")
    assert (store.scopes, store.missing_scopes) == (("read_orders", "read_products"), ("read_customers",))
    assert (store.state, store.connected_at, store.shop_created_at) == ("connected", NOW, SHOP.created_at)
    assert (store.revision, store.last_ingest_at, store.complete_until) == (0, None, None)
    assert stores.list_stores(cast.dana.tenant_id) == (store,)
    assert stores.find(store.key) == store


def test_a_store_shows_nothing_of_its_secrets_and_the_table_holds_them_sealed(cast: Cast) -> None:
    store = save(cast)

    assert "0123456789" not in repr(store)
    with tenant_session(cast.dana.tenant_id) as session:
        kept = session.get(Store, (cast.dana.tenant_id, store.store_id))
        assert kept is not None
        assert "0123456789" not in str(kept.sealed_credentials)
        assert stores.open_credentials(session, store.key) == TOKEN


@pytest.mark.parametrize("credentials", [TOKEN, ClientCredentials("client", "shpss-secret")])
def test_credentials_of_either_kind_open_unchanged(cast: Cast, credentials: AdminToken | ClientCredentials) -> None:
    store = stores.save(cast.dana.tenant_id, SHOP, credentials, NOW)

    with tenant_session(cast.dana.tenant_id) as session:
        assert stores.open_credentials(session, store.key) == credentials


def test_after_the_key_was_changed_the_old_one_still_opens(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    store = save(cast)
    old = settings().secret_key.get_secret_value()

    def opened() -> object:
        settings.cache_clear()
        try:
            with tenant_session(cast.dana.tenant_id) as session:
                return stores.open_credentials(session, store.key)
        finally:
            settings.cache_clear()

    with monkeypatch.context() as environment:
        environment.setenv("SECRET_KEY", "another key of at least thirty-two characters")
        with pytest.raises(ConfigError, match="SECRET_KEY_PREVIOUS"):
            opened()
        environment.setenv("SECRET_KEY_PREVIOUS", old)
        assert opened() == TOKEN
    settings.cache_clear()


def test_connecting_again_renews_the_store_and_keeps_its_number_and_its_data(cast: Cast) -> None:
    write(cast.acme, order())
    renewed = stores.save(
        cast.acme.tenant_id, replace(SHOP, domain=cast.acme.shop_domain, name="Acme 2"), TOKEN, LATER
    )

    assert (renewed.store_id, renewed.name, renewed.connected_at) == (cast.acme.store_id, "Acme 2", LATER)
    assert renewed.revision == 1
    assert row(cast.acme, Order)["name"] == "#1001"


def test_connecting_again_with_the_same_scopes_goes_on_where_the_last_sync_ended(cast: Cast) -> None:
    store = save(cast)
    synced(cast, store.store_id)

    save(cast, replace(SHOP, scopes=("read_products",)), LATER)

    assert complete_until(cast, store.store_id) == NOW


def test_connecting_again_with_more_scopes_reads_everything_again(cast: Cast) -> None:
    """Customers that could not be read before would be missing for ever, where only what changed is asked for."""
    store = save(cast)
    synced(cast, store.store_id)

    save(cast, replace(SHOP, scopes=(*SHOP.scopes, "read_customers")), LATER)

    assert complete_until(cast, store.store_id) is None


def test_disconnecting_keeps_the_data_and_deletes_credentials_and_route(cast: Cast) -> None:
    write(cast.acme, order())

    stores.delete_credentials(cast.acme.key, LATER)

    store = stores.find(cast.acme.key)
    assert store.state == "disconnected"
    assert store.state_reason == "Disconnected; connect it again to receive new orders."
    assert row(cast.acme, Store)["disconnected_at"] == LATER
    assert stores.find_owner(cast.acme.shop_domain) is None
    assert len(rows(cast.acme, Order)) == 1
    with tenant_session(cast.acme.tenant_id) as session, pytest.raises(CredentialsRefused, match="connect it again"):
        stores.open_credentials(session, cast.acme.key)


def test_a_disconnected_store_that_is_connected_again_is_whole(cast: Cast) -> None:
    store = save(cast)
    stores.delete_credentials(store.key, LATER)

    again = save(cast, now=LATER)

    assert (again.store_id, again.state, again.state_reason) == (store.store_id, "connected", None)
    assert stores.find_owner(SHOP.domain) == store.key


def test_refused_credentials_are_noted_with_the_cure(cast: Cast) -> None:
    stores.mark_reconnect(cast.acme.key, "Connect the store again.")

    store = stores.find(cast.acme.key)
    assert (store.state, store.state_reason) == ("reconnect", "Connect the store again.")
    assert stores.find_owner(cast.acme.shop_domain) is not None, "its deliveries are still kept"


def test_a_note_about_webhooks_stays_until_it_is_repaired(cast: Cast) -> None:
    for note in ("Not subscribed.", None):
        stores.note_webhooks(cast.acme.key, note)
        assert stores.find(cast.acme.key).webhook_note == note


def test_a_store_of_another_tenant_is_not_found(cast: Cast) -> None:
    tenant_id, foreign = cast.acme.tenant_id, cast.globex.store_id
    for attempt in (
        lambda: stores.find(StoreKey(tenant_id, foreign)),
        lambda: stores.delete_credentials(StoreKey(tenant_id, foreign), NOW),
        lambda: stores.note_webhooks(StoreKey(tenant_id, foreign), "x"),
    ):
        with pytest.raises(
            NotFound, match=r"^There is no such store here; choose one on the Stores page, or connect it\.$"
        ):
            attempt()
    with tenant_session(tenant_id) as session, pytest.raises(NotFound):
        stores.open_credentials(session, StoreKey(tenant_id, foreign))
    stores.mark_reconnect(StoreKey(tenant_id, foreign), "x")
    assert stores.find(StoreKey(cast.globex.tenant_id, foreign)).state == "connected"


def test_the_revision_grows_with_every_write_that_changed_something(cast: Cast) -> None:
    def revision() -> int:
        return stores.find(cast.acme.key).revision

    assert revision() == 0
    write(cast.acme, order())
    assert revision() == 1
    write(cast.acme, order())
    assert revision() == 1


def test_the_schedule_sees_every_connected_shop_of_the_installation(cast: Cast) -> None:
    stores.delete_credentials(cast.acme.key, NOW)

    assert stores.list_connected() == (cast.globex.key,)
    assert stores.find_owner("nobody.myshopify.com") is None


def test_a_business_without_a_store_has_none(cast: Cast) -> None:
    assert stores.list_stores(cast.dana.tenant_id) == ()
