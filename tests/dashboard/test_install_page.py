"""The Stores page of an operator who owns an app: the way to Shopify, the question on return, and the way back in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.requests import Request
from streamlit.testing.v1 import AppTest

from core import accounts, stores
from core.accounts import Role
from core.config import settings
from core.connections import install
from core.stores.history import Cut
from dashboard.parts.stores import next_step
from dashboard.parts.stores.next_step import Cure
from dashboard.web import routes
from tests.cast import NOW, Cast, Person, sign_in
from tests.installs import NOWHERE, SHOP, Merchant
from tests.stores import seen

ENTRY = Path(__file__).parents[2] / "dashboard" / "streamlit_app.py"


def stores_page(person: Person, claim: str | None = None) -> AppTest:
    """The Stores page, as this person opens it."""
    app = AppTest.from_file(ENTRY, default_timeout=30)
    # The browser's cookie, which this kind of test has none of, ends here.
    app.session_state["session_token"] = sign_in(person)
    app.run()
    if claim:
        app.query_params["claim"] = claim
    app.switch_page("app_pages/stores.py").run()
    assert not app.exception
    return app


def page_text(app: AppTest) -> str:
    kinds = (app.subheader, app.markdown, app.caption, app.info, app.warning, app.error, app.success)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def redirect_of(app: AppTest) -> str:
    """Where the page sends the browser."""
    return "".join(str(element.proto.body) for element in app.main if element.type == "html")


def test_with_an_app_of_the_operators_nothing_has_to_be_copied(merchant: Merchant, cast: Cast) -> None:
    app = stores_page(cast.dana)
    assert "Install with Shopify" in labels(app)
    assert "Connect store" not in labels(app)


def test_without_one_the_page_asks_for_the_merchants_own(cast: Cast) -> None:
    app = stores_page(cast.dana)
    assert "Install with Shopify" not in labels(app)
    assert "Connect store" in labels(app)


def test_the_button_leads_to_shopify_by_way_of_the_receiver(merchant: Merchant, cast: Cast) -> None:
    app = stores_page(cast.dana)
    app.text_input(key="install-domain").set_value("https://admin.shopify.com/store/initech/orders")
    next(button for button in app.button if button.label == "Install with Shopify").click().run()
    page = redirect_of(app)
    assert "/connect/go?state=" in page
    state = page.split("state=")[1][:64]
    assert (
        merchant.visit(f"{NOWHERE}/connect/start?state={state}")
        .headers["Location"]
        .startswith(f"{merchant.simulator.url}/{SHOP}/admin/oauth/authorize?")
    )


def test_an_address_of_no_store_is_refused_with_a_sentence(merchant: Merchant, cast: Cast) -> None:
    app = stores_page(cast.dana)
    app.text_input(key="install-domain").set_value("shop.example.com")
    next(button for button in app.button if button.label == "Install with Shopify").click().run()
    assert "is not a" in app.error[0].value
    assert "/connect/go" not in redirect_of(app)


def test_a_merchant_back_from_shopify_is_asked_and_connects_with_one_click(merchant: Merchant, cast: Cast) -> None:
    app = stores_page(cast.dana, merchant.claim(cast.dana.actor))
    assert "Connect initech\\.myshopify\\.com?" in page_text(app)
    assert "members of **Initech**" in page_text(app)
    assert stores.list_stores(cast.dana.tenant_id) == ()

    app.button(key="confirm-install").click().run()

    (store,) = stores.list_stores(cast.dana.tenant_id)
    assert (store.shop_domain, store.state) == (SHOP, "connected")
    assert "is connected" in page_text(app)
    assert "claim" not in app.query_params


def test_declining_connects_nothing(merchant: Merchant, cast: Cast) -> None:
    app = stores_page(cast.dana, merchant.claim(cast.dana.actor))
    app.button(key="decline-install").click().run()
    assert "was not connected" in page_text(app)
    assert "claim" not in app.query_params
    assert stores.list_stores(cast.dana.tenant_id) == ()


def test_a_user_of_another_business_does_not_even_learn_the_shop(merchant: Merchant, cast: Cast) -> None:
    app = stores_page(cast.charlie, merchant.claim(cast.dana.actor))
    assert "Another person started" in app.warning[0].value
    assert "initech" not in page_text(app).lower()
    assert "Connect it" not in labels(app)


def test_an_old_address_says_what_to_do(merchant: Merchant, cast: Cast) -> None:
    app = stores_page(cast.dana, "made-up")
    assert "install the app again" in app.warning[0].value


def test_a_viewer_is_asked_to_ask_an_owner(merchant: Merchant, cast: Cast) -> None:
    accounts.change_role(cast.alice.actor, cast.bob.user_id, Role.VIEWER)
    app = stores_page(cast.bob, merchant.claim(cast.alice.actor))
    assert "ask an owner" in app.warning[0].value


def test_a_dead_store_says_so_keeps_its_data_and_installs_again_with_one_click(
    merchant: Merchant, cast: Cast
) -> None:
    store = merchant.install(cast.dana.actor)
    stores.mark_reconnect(store.key, "Shopify no longer accepts this store's tokens.")
    app = stores_page(cast.dana)
    page = page_text(app)
    assert "no longer accepts" in page
    assert "Everything that was synced is still here" in page
    app.button(key=f"install-{store.store_id}").click().run()
    assert "/connect/go?state=" in redirect_of(app)


def test_a_store_with_credentials_of_its_own_is_not_offered_the_operators_app(merchant: Merchant, cast: Cast) -> None:
    stores.mark_reconnect(cast.acme.key, "The token is no longer valid.")
    app = stores_page(cast.alice)
    assert "Install again with Shopify" not in labels(app)


def test_missing_scopes_are_named_with_their_cost(merchant: Merchant, cast: Cast) -> None:
    page = page_text(stores_page(cast.alice))
    assert "Without **read\\_inventory**, stock is known in total only" in page
    assert "Without **read\\_locations**, locations have numbers" in page
    assert "Without **read\\_reports**, days are compared by their orders only" in page


def test_missing_history_names_both_ways_out() -> None:
    store = seen(shop_created_at=NOW - timedelta(days=900))
    cut = Cut(NOW - timedelta(days=900), NOW - timedelta(days=58), True)
    step = next_step.choose_step(store, cut, None, NOW)
    assert step.cure == Cure.IMPORT
    assert "Orders older than 60 days are missing" in step.reason
    assert "oldest order here is of 23 Sep 2026; the shop was opened on 3 Jun 2024" in step.reason
    assert "Import Shopify's orders CSV" in step.reason
    assert "request **read\\_all\\_orders** for the app" in step.reason
    assert "connect the store again" in step.reason


def test_history_that_is_only_doubted_says_so() -> None:
    store = seen(credential_kind="installed_app")
    sentence = next_step.history_text(store, Cut(NOW - timedelta(days=900), NOW - timedelta(days=58), False))
    assert "If it sold before" in sentence
    assert "install the app again" in sentence


def go(query: str) -> str:
    scope = {"type": "http", "method": "GET", "path": "/connect/go", "query_string": query.encode(), "headers": []}
    return routes.go_to_install(Request(scope)).headers["location"]


def test_the_way_to_the_receiver_leads_nowhere_else(merchant: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    state = "0123456789abcdef" * 4
    assert go(f"state={state}") == f"{NOWHERE}/connect/start?state={state}"
    for query in ("", "state=", f"state={state}%0d%0aX:1", "state=//evil.com", f"state={state}&next=//evil.com/x"):
        assert go(query) in ("/stores", f"{NOWHERE}/connect/start?state={state}")
    monkeypatch.delenv("SHOPIFY_CLIENT_ID")
    settings.cache_clear()
    assert go(f"state={state}") == "/stores"


def test_a_claim_expires(merchant: Merchant, cast: Cast) -> None:
    claim = merchant.claim(cast.dana.actor)
    install.purge_expired(datetime.now(UTC) + install.CLAIM_LIFE)
    app = stores_page(cast.dana, claim)
    assert "was used or has expired" in app.warning[0].value
