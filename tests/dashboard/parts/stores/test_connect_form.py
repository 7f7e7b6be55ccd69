"""The form that connects a store, and what it keeps of refused entries."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core import stores
from tests.cast import Cast
from tests.dashboard.pages import open_page


def test_connecting_again_opens_the_form_with_the_address_of_the_store(cast: Cast) -> None:
    stores.mark_reconnect(cast.acme.key, "The token is no longer valid; connect it again.")
    app = open_page(cast.alice, "stores")

    app.button(key=f"step-connect-{cast.acme.store_id}").click().run()

    assert app.text_input(key="connect-domain").value == "acme.myshopify.com"


@pytest.fixture
def refused(cast: Cast) -> AppTest:
    """Dana's page after a form that Shopify need not be asked about."""
    app = open_page(cast.dana, "stores")
    app.text_input(key="connect-domain").set_value("shop.example.com")
    app.text_input(key="connect-client-id").set_value("an-id")
    app.text_input(key="connect-0-secret").set_value("a-very-secret-secret")
    (submit,) = [button for button in app.button if button.label == "Connect store"]
    submit.click().run()
    return app


def test_a_refused_address_keeps_all_entries_except_the_secret(refused: AppTest, cast: Cast) -> None:
    assert not refused.exception
    assert len(refused.error) == 1
    assert "myshopify" in refused.error[0].value
    assert refused.text_input(key="connect-domain").value == "shop.example.com"
    assert refused.text_input(key="connect-client-id").value == "an-id"
    assert refused.text_input(key="connect-1-secret").value == ""
    assert "a-very-secret-secret" not in str(refused.session_state.to_dict())
    assert stores.list_stores(cast.dana.tenant_id) == ()


def test_a_refusal_is_shown_once(refused: AppTest) -> None:
    assert not refused.run().error


def test_a_refusal_stays_while_the_page_runs_for_news_only(refused: AppTest) -> None:
    refused.session_state["this run is not the viewer's doing"] = True
    assert refused.run().error
    assert not refused.run().error
