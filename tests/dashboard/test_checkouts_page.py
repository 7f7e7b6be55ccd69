"""The Checkouts page and one checkout's page, as each of the cast."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.checkouts import DELAYS
from core.stores import find
from tests import factories as made
from tests.cast import Cast
from tests.core.metrics.conftest import Shop, shop_of
from tests.dashboard.pages import cards, open_page, page_text, press, tables, tiles

NOW = datetime.now(UTC)
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def shop(cast: Cast) -> Shop:
    """Three days ago one checkout was abandoned and one recovered; now one is pending."""
    shop = shop_of(cast.acme)
    begun = NOW - timedelta(days=3)
    shop.receive(
        made.product(),
        made.customer(7, email="ann@example.com", first_name=SCRIPT, last_name="**Lee**"),
        made.checkout(
            1, created_at=begun, updated_at=begun, customer_id=7, recovery_path="/5/checkouts/ac/abcdef/recover?key=a"
        ),
        made.checkout(2, created_at=begun - timedelta(minutes=1), updated_at=begun, token="t2"),
        made.checkout(3, created_at=NOW, updated_at=NOW),
        made.order(
            order_id=9, name="#1009", created_at=NOW - timedelta(days=2), processed_at=NOW - timedelta(days=2),
            updated_at=NOW, checkout_token="t2",
        ),
    )  # fmt: skip
    return shop


def texts(app: AppTest) -> dict[str, str]:
    return {label: tile["text"] for label, tile in tiles(app).items()}


def listed(app: AppTest) -> list[dict[str, str]]:
    data = cards(app)[-1]["content"]
    if not data:
        return []
    names = [column["name"] for column in data["columns"]]
    return [dict(zip(names, (cell["text"] for cell in row), strict=True)) for row in data["rows"]]


def open_checkout(cast: Cast, checkout_id: Any) -> AppTest:
    app = open_page(cast.alice, "checkouts")
    app.query_params["shop"], app.query_params["checkout"] = "acme", str(checkout_id)
    return app.switch_page("app_pages/checkout.py").run()


def test_the_page_has_states_rates_and_values(cast: Cast, shop: Shop) -> None:
    app = open_page(cast.alice, "checkouts")
    assert not app.exception
    assert texts(app) == {
        "Checkouts started": "3",
        "Completed": "0",
        "Pending": "1",
        "Abandoned": "1",
        "Recovered": "1",
        "Abandonment rate": "100.0%",
        "Abandoned value": "€41.65",
        "Recovery rate": "50.0%",
        "Recovered value": "€40.00",
    }
    assert [row["state"] for row in listed(app)] == ["Pending", "Abandoned", "Recovered"]
    hrefs = [cell["href"] for row in cards(app)[-1]["content"]["rows"] for cell in row if "href" in cell]
    customers = [href.partition("&from")[0] for href in hrefs if href.startswith("/customer")]
    assert customers == ["/customer?shop=acme&customer=7"], "a guest has no page"


def test_without_carts_the_page_says_when_shopify_sends_them(cast: Cast, shop: Shop) -> None:
    assert "No carts yet. Shopify sends each cart of the Online Store" in page_text(
        open_page(cast.alice, "checkouts")
    )


def test_carts_that_reached_no_checkout_are_counted_with_their_value(cast: Cast, shop: Shop) -> None:
    begun = NOW - timedelta(days=3)
    shop.receive(
        *(made.cart(f"left {number}", created_at=begun, updated_at=begun) for number in range(3)),
        made.cart("bought", created_at=begun, updated_at=begun),
        made.cart("open", created_at=NOW, updated_at=NOW),
        made.checkout(4, created_at=begun, updated_at=begun, cart_token="bought"),
    )
    app = open_page(cast.alice, "checkouts")
    assert not app.exception
    shown = texts(app)
    assert {name: shown[name] for name in list(shown)[-6:]} == {
        "Carts filled": "5",
        "Reached a checkout": "1",
        "Carts left": "3",
        "Still open": "1",
        "Checkout rate": "25.0%",
        "Value of carts left": "€90.00",
    }
    assert "Xeno deletes carts 90 days after their last change" in page_text(app)
    assert "Carts left" not in texts(open_page(cast.charlie, "checkouts"))


def test_the_list_is_narrowed_by_status_and_name(cast: Cast, shop: Shop) -> None:
    app = open_page(cast.alice, "checkouts")
    (status,) = [box for box in app.selectbox if box.label == "Status"]
    status.set_value("Recovered").run()
    assert [row["order_name"] for row in listed(app)] == ["#1009"]


def test_an_owner_changes_the_delay_and_a_viewer_is_not_offered_to(cast: Cast, shop: Shop) -> None:
    app = open_page(cast.alice, "checkouts")
    (box,) = [box for box in app.selectbox if box.label == "Abandoned after"]
    box.set_value(DELAYS[-1])
    press(app, "Save")
    assert find(shop.business.key).abandoned_delay == DELAYS[-1]
    assert "24 hours" in page_text(app)
    seen = open_page(cast.bob, "checkouts")
    assert not [box for box in seen.selectbox if box.label == "Abandoned after"]
    assert texts(seen)["Checkouts started"] == "3"


def test_an_empty_store_and_no_store_say_so(cast: Cast) -> None:
    app = open_page(cast.charlie, "checkouts")
    assert not app.exception
    assert "No checkout of this period matches" in page_text(app)
    assert texts(app)["Abandonment rate"] == "–"
    assert not open_page(cast.dana, "checkouts").exception


def test_another_business_sees_nothing_of_it(cast: Cast, shop: Shop) -> None:
    open_page(cast.alice, "checkouts")
    app = open_page(cast.charlie, "checkouts")
    assert texts(app)["Checkouts started"] == "0"
    assert listed(app) == []


def test_one_checkout_has_its_items_and_its_recovery_link_at_shopify(cast: Cast, shop: Shop) -> None:
    app = open_checkout(cast, 1)
    assert not app.exception
    (link,) = [element for element in app.get("link_button") if element.proto.label == "Open recovery link"]
    assert link.proto.url == "https://acme.myshopify.com/5/checkouts/ac/abcdef/recover?key=a"
    assert "Items" in tables(app)
    assert SCRIPT not in "".join(element.value for element in app.markdown)


def test_a_recovered_checkout_shows_its_order_and_no_link(cast: Cast, shop: Shop) -> None:
    app = open_checkout(cast, 2)
    assert not app.exception
    assert not [element for element in app.get("link_button") if "recovery" in element.proto.label]
    assert texts(app)["Net sales"] == "€40.00"


@pytest.mark.parametrize("typed", ["99", "x", "-1", ""])
def test_an_unknown_checkout_is_not_found(cast: Cast, shop: Shop, typed: str) -> None:
    app = open_checkout(cast, typed)
    assert not app.exception
    assert app.title[0].value == "Not found"
