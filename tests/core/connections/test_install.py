"""An installation reaches only the business of the user who confirms it, in the browser that began it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

import psycopg
import pytest
from sqlalchemy import select

from core import accounts, stores
from core.accounts import Role
from core.config import settings
from core.connections import connect, install
from core.database import StoreKey, tenant_session
from core.database.models import Store, StoreToken
from core.errors import ConfigError, Conflict, InvalidInput, InvalidShop, NotAllowed, NotFound, XenoError
from core.sealing.seal import sealer
from core.shopify.auth import InstalledApp
from core.stores.clients import store_client
from core.sync import runs
from tests.cast import Cast
from tests.core.shopify.fakes import ScriptedShopify, reply
from tests.installs import CLIENT_ID, SECRET, SHOP, Merchant, claim_in


def now() -> datetime:
    return datetime.now(UTC)


def changed(address: str, **values: str) -> str:
    """The address with changed values in its query and the old signature."""
    parts = urlsplit(address)
    return parts._replace(query=urlencode(dict(parse_qsl(parts.query)) | values)).geturl()


def test_a_user_installs_the_app_and_the_store_is_theirs_once_they_confirm(merchant: Merchant, cast: Cast) -> None:
    claim = merchant.claim(cast.dana.actor)
    assert stores.list_stores(cast.dana.tenant_id) == (), "nothing is attached before the user says so"
    assert stores.find_owner(SHOP) is None
    assert install.waiting_shop(cast.dana.actor, claim, now()) == SHOP

    store = connect.confirm(cast.dana.actor, claim, now())

    assert (store.shop_domain, store.state, store.credential_kind) == (SHOP, "connected", "installed_app")
    assert (store.name, store.currency, store.missing_scopes) == ("Initech", "EUR", ())
    assert stores.find_owner(SHOP) == StoreKey(cast.dana.tenant_id, store.store_id)
    assert [run.trigger for run in runs.recent(store.key)] == ["connect"]


def test_started_from_shopifys_app_link_the_confirming_user_gets_the_store(merchant: Merchant, cast: Cast) -> None:
    link = "http://127.0.0.1:9/connect/start?" + urlencode(merchant.shop.oauth.signed({"host": "YWJj"}))
    answer = merchant.visit(merchant.approve(merchant.visit(link).headers["Location"]))
    store = connect.confirm(cast.charlie.actor, claim_in(answer), now())
    assert stores.find_owner(SHOP) == StoreKey(cast.charlie.tenant_id, store.store_id)


def test_a_merchant_who_opens_an_app_that_is_connected_comes_to_the_pages(merchant: Merchant, cast: Cast) -> None:
    merchant.install(cast.dana.actor)
    link = "http://127.0.0.1:9/connect/start?" + urlencode(merchant.shop.oauth.signed({}))
    assert merchant.visit(link).headers["Location"] == "http://127.0.0.1:8501/"


def test_a_claim_works_once(merchant: Merchant, cast: Cast) -> None:
    claim = merchant.claim(cast.dana.actor)
    connect.confirm(cast.dana.actor, claim, now())
    with pytest.raises(NotFound, match="was used or has expired"):
        connect.confirm(cast.dana.actor, claim, now())


def test_a_claim_expires_after_minutes(merchant: Merchant, cast: Cast) -> None:
    claim = merchant.claim(cast.dana.actor)
    with pytest.raises(NotFound, match="was used or has expired"):
        connect.confirm(cast.dana.actor, claim, now() + install.CLAIM_LIFE)
    assert install.purge_expired(now() + install.CLAIM_LIFE) == 1


def test_a_user_of_another_business_cannot_confirm_somebody_elses_installation(
    merchant: Merchant, cast: Cast
) -> None:
    claim = merchant.claim(cast.dana.actor)
    for attempt in (install.waiting_shop, connect.confirm, install.decline):
        with pytest.raises(NotAllowed, match="Another person started"):
            attempt(cast.charlie.actor, claim, now())
    assert stores.list_stores(cast.charlie.tenant_id)[0].shop_domain != SHOP
    assert connect.confirm(cast.dana.actor, claim, now()).state == "connected", "and it was not spent"


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ANALYST])
def test_a_user_who_may_not_connect_stores_can_neither_begin_nor_confirm(
    merchant: Merchant, cast: Cast, role: Role
) -> None:
    accounts.change_role(cast.alice.actor, cast.bob.user_id, role)
    with pytest.raises(NotAllowed):
        install.begin(cast.bob.actor, SHOP, now())
    link = "http://127.0.0.1:9/connect/start?" + urlencode(merchant.shop.oauth.signed({}))
    claim = claim_in(merchant.visit(merchant.approve(merchant.visit(link).headers["Location"])))
    with pytest.raises(NotAllowed):
        connect.confirm(cast.bob.actor, claim, now())
    with pytest.raises(NotAllowed):
        connect.confirm(accounts.Actor(cast.bob.user_id, cast.dana.tenant_id), claim, now())


def test_a_declined_installation_cannot_be_confirmed(merchant: Merchant, cast: Cast) -> None:
    claim = merchant.claim(cast.dana.actor)
    install.decline(cast.dana.actor, claim, now())
    with pytest.raises(NotFound):
        connect.confirm(cast.dana.actor, claim, now())


def test_a_shop_of_another_business_is_not_taken_from_it(merchant: Merchant, cast: Cast) -> None:
    store = merchant.install(cast.dana.actor)
    claim = merchant.claim(cast.charlie.actor)
    with pytest.raises(Conflict, match="another business"):
        connect.confirm(cast.charlie.actor, claim, now())
    assert stores.find_owner(SHOP) == StoreKey(cast.dana.tenant_id, store.store_id)


def test_somebody_elses_second_installation_does_not_lock_the_first_one_out(merchant: Merchant, cast: Cast) -> None:
    """Shopify revokes the first tokens, so the store gets the new ones even if nobody confirms."""
    store = merchant.install(cast.dana.actor)
    merchant.claim(cast.charlie.actor)
    with store_client(StoreKey(cast.dana.tenant_id, store.store_id)) as client:
        client.execute("shop")
    assert stores.find(StoreKey(cast.dana.tenant_id, store.store_id)).state == "connected"


def test_a_return_works_once(merchant: Merchant, cast: Cast) -> None:
    back = merchant.back(cast.dana.actor)
    claim_in(merchant.visit(back))
    again = merchant.visit(back)
    assert again.status_code == 400
    assert "was used or has expired" in again.text


def test_a_state_of_another_browser_is_refused_and_spent(merchant: Merchant, cast: Cast) -> None:
    """A link that would have a victim's shop installed for somebody else's user."""
    back = merchant.back(cast.dana.actor)
    foreign = merchant.another_browser()
    assert "another browser" in foreign.visit(back).text
    assert merchant.visit(back).status_code == 400


def test_a_started_state_does_not_start_in_another_browser(merchant: Merchant, cast: Cast) -> None:
    state = install.begin(cast.dana.actor, SHOP, now())
    start = f"http://127.0.0.1:9/connect/start?state={state}"
    assert merchant.visit(start).status_code == 302
    assert merchant.visit(start).status_code == 302, "clicking twice is no fault"
    assert merchant.another_browser().visit(start).status_code == 400


def test_a_state_expires_after_minutes(merchant: Merchant, cast: Cast) -> None:
    begun = now() - install.STATE_LIFE
    state = install.begin(cast.dana.actor, SHOP, begun)
    assert merchant.visit(f"http://127.0.0.1:9/connect/start?state={state}").status_code == 400
    assert install.purge_expired(now()) == 1


@pytest.mark.parametrize("state", ["", "0" * 64, "ü", "' OR 1=1 --"])
def test_an_invented_state_is_refused(merchant: Merchant, state: str) -> None:
    answer = merchant.visit("http://127.0.0.1:9/connect/start?" + urlencode({"state": state}))
    assert (answer.status_code, answer.headers.get("Location")) == (400, None)


def test_a_correctly_signed_return_with_an_invented_state_is_refused(merchant: Merchant, cast: Cast) -> None:
    merchant.to_shopify(cast.dana.actor)
    query = merchant.shop.oauth.signed({"code": "c", "state": "0" * 64})
    assert merchant.visit("http://127.0.0.1:9/connect/callback?" + urlencode(query)).status_code == 400


@pytest.mark.parametrize(
    "values",
    [
        {"hmac": "0" * 64},
        {"hmac": ""},
        {"code": "another"},
        {"state": "0" * 64},
        {"shop": "evil.myshopify.com"},
        {"shop": "169.254.169.254"},
        {"timestamp": "1337178173"},
        {"admin": "1"},
    ],
)
def test_a_return_that_was_changed_on_the_way_is_refused_and_spends_nothing(
    merchant: Merchant, cast: Cast, values: dict[str, str]
) -> None:
    back = merchant.back(cast.dana.actor)
    answer = merchant.visit(changed(back, **values))
    assert (answer.status_code, answer.headers.get("Location")) == (401, None)
    claim_in(merchant.visit(back))


def test_a_return_that_comes_late_is_refused(merchant: Merchant, cast: Cast) -> None:
    merchant.clock.ahead = timedelta(minutes=-20)
    answer = merchant.visit(merchant.back(cast.dana.actor))
    assert answer.status_code == 401
    assert "has expired" in answer.text


def test_a_return_of_another_shop_than_was_begun_is_refused(merchant: Merchant, cast: Cast) -> None:
    state = install.begin(cast.dana.actor, "another-shop", now())
    start = merchant.visit(f"http://127.0.0.1:9/connect/start?state={state}").headers["Location"]
    answer = merchant.visit(merchant.approve(start.replace("another-shop.myshopify.com", SHOP)))
    assert answer.status_code == 401
    assert "not on another-shop.myshopify.com" in answer.text


def test_an_unsigned_app_link_is_refused(merchant: Merchant) -> None:
    for query in ({"shop": SHOP, "timestamp": "1", "hmac": "0" * 64}, {"shop": SHOP, "timestamp": "1"}, {}):
        answer = merchant.visit("http://127.0.0.1:9/connect/start?" + urlencode(query))
        assert (answer.status_code in (400, 401), answer.headers.get("Location")) == (True, None)


def test_an_address_that_is_no_shop_makes_no_state(merchant: Merchant, cast: Cast) -> None:
    for domain in ("evil.com", "127.0.0.1", "initech.myshopify.com.evil.com"):
        with pytest.raises(InvalidShop):
            install.begin(cast.dana.actor, domain, now())


def test_without_an_app_of_the_operator_no_installation_begins(
    merchant: Merchant, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SHOPIFY_CLIENT_SECRET")
    settings.cache_clear()
    assert not settings().offers_install
    with pytest.raises(ConfigError, match="SHOPIFY_CLIENT_SECRET"):
        install.begin(cast.dana.actor, SHOP, now())


def test_a_code_that_shopify_refuses_says_to_begin_again(merchant: Merchant, cast: Cast) -> None:
    merchant.to_shopify(cast.dana.actor)
    location = merchant.to_shopify(cast.dana.actor)
    state = dict(parse_qsl(urlsplit(location).query))["state"]
    query = merchant.shop.oauth.signed({"code": "made-up", "state": state})
    answer = merchant.visit("http://127.0.0.1:9/connect/callback?" + urlencode(query))
    assert answer.status_code == 400
    assert "start again" in answer.text


def test_the_cookie_is_out_of_reach_of_scripts_and_survives_the_way_through_shopify(
    merchant: Merchant, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = install.begin(cast.dana.actor, SHOP, now())
    cookie = merchant.visit(f"/connect/start?state={state}").headers["Set-Cookie"]
    assert cookie.startswith("xeno-install=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    monkeypatch.setenv("PUBLIC_WEBHOOK_URL", "https://hooks.example.com/webhooks/shopify")
    settings.cache_clear()
    state = install.begin(cast.dana.actor, SHOP, now())
    answer = merchant.another_browser().visit(f"/connect/start?state={state}")
    assert answer.headers["Set-Cookie"].startswith("__Host-xeno-install=")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "redirect_uri=https%3A%2F%2Fhooks.example.com%2Fconnect%2Fcallback" in answer.headers["Location"]


def test_no_token_secret_or_code_is_in_an_address_a_page_or_readable_in_the_database(
    merchant: Merchant, cast: Cast, database_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    back = merchant.back(cast.dana.actor)
    answer = merchant.visit(back)
    shown = [answer.headers["Location"], answer.text, merchant.visit(back).text]
    store = connect.confirm(cast.dana.actor, claim_in(answer), now())
    with psycopg.connect(database_url) as owner:
        for table in ("stores", "store_tokens", "install_states", "pending_connections"):
            shown.append(str(owner.execute(f"SELECT * FROM {table}").fetchall()))
    with tenant_session(cast.dana.tenant_id) as session:
        row = session.scalars(select(StoreToken)).one()
        opened = sealer().open(row.tenant_id, row.sealed or "")
        assert stores.open_credentials(session, StoreKey(cast.dana.tenant_id, store.store_id)) == InstalledApp(
            CLIENT_ID
        )
        assert session.scalars(select(Store.store_id)).all() == [store.store_id]
    code = dict(parse_qsl(urlsplit(back).query))["code"]
    everything = "".join(shown) + "".join(capfd.readouterr())
    for secret in (opened["value"], opened["refresh_token"], SECRET, code):
        assert secret not in everything


def test_while_shopify_is_unavailable_the_claim_stays_valid(merchant: Merchant, cast: Cast) -> None:
    claim = merchant.claim(cast.dana.actor)
    with pytest.raises(XenoError):
        connect.confirm(cast.dana.actor, claim, now(), ScriptedShopify(reply({"errors": "Locked"}, 423)))
    assert connect.confirm(cast.dana.actor, claim, now()).state == "connected"


def test_begin_needs_a_member(merchant: Merchant, cast: Cast) -> None:
    with pytest.raises((NotAllowed, InvalidInput)):
        install.begin(accounts.Actor(cast.charlie.user_id, cast.dana.tenant_id), SHOP, now())
