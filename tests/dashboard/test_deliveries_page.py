"""The Webhook log: what Shopify sent, whether it was applied, and a retry of what failed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from core import accounts
from core.accounts import Role
from core.database import tenant_session
from core.database.models import Delivery
from core.webhooks import apply
from dashboard.drawing import formats
from dashboard.parts.records import MISSING
from tests.cast import Business, Cast, Person
from tests.core.webhooks.test_apply import an_order
from tests.dashboard.pages import links, list_data, listed, open_page, open_record, page_text, tables, tiles
from tests.shopify_sends import deliveries, store_delivery

BROKEN = b'{"id": "x", "note": "**bold** <script>alert(1)</script>"}'


def received(business: Business) -> None:
    """Today: an order, one that cannot be read, and one of a topic that nothing is made of; all looked at."""
    store_delivery(business, "orders/create", an_order(1))
    store_delivery(business, "orders/create", BROKEN)
    store_delivery(business, "themes/publish", {"id": 1})
    now = datetime.now(UTC)
    with tenant_session(business.tenant_id) as session:
        session.execute(update(Delivery).where(Delivery.tenant_id == business.tenant_id).values(received_at=now))
    apply.apply_pending(business.key, now)


def page(person: Person) -> AppTest:
    app = open_page(person, "deliveries")
    assert not app.exception
    return app


def details(person: Person, delivery_id: int | str, **query: str) -> AppTest:
    app = open_record(person, "webhook", webhook=str(delivery_id), **query)
    assert not app.exception
    return app


def figures(app: AppTest) -> dict[str, str]:
    return {label: tile["text"] for label, tile in tiles(app).items()}


def column(app: AppTest, name: str) -> list[str]:
    return [row[name] for row in listed(app)]


def buttons(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def receive_now(business: Business) -> None:
    """Date all deliveries of the store now, and apply them."""
    now = datetime.now(UTC)
    with tenant_session(business.tenant_id) as session:
        session.execute(update(Delivery).where(Delivery.tenant_id == business.tenant_id).values(received_at=now))
    apply.apply_pending(business.key, now)


def analyst(cast: Cast) -> Person:
    accounts.change_role(cast.alice.actor, cast.bob.user_id, Role.ANALYST)
    return cast.bob


def test_deliveries_are_counted_and_listed_with_their_reason(cast: Cast) -> None:
    received(cast.acme)
    app = page(cast.alice)
    assert figures(app) == {"Applied": "1", "Ignored": "1", "Failed": "1"}
    assert sorted(zip(column(app, "topic_text"), column(app, "state"), strict=True)) == [
        ("Order placed", "Applied"),
        ("Order placed", "Failed"),
        ("themes/publish", "Ignored"),
    ]
    assert "1 webhook failed" in page_text(app)
    assert "Nothing failed" not in page_text(app)
    reasons = dict(zip(column(app, "state"), column(app, "reason"), strict=True))
    assert "orders/create" in reasons["Failed"]


def test_it_leads_with_the_good_news(cast: Cast) -> None:
    assert "**Nothing failed in the last 24 hours**; no webhook received." in page_text(page(cast.alice))
    store_delivery(cast.acme, "orders/create", an_order(1))
    receive_now(cast.acme)
    assert "**Nothing failed in the last 24 hours**; 1 webhook received." in page_text(page(cast.alice))


def test_it_is_narrowed_by_topic_and_state(cast: Cast) -> None:
    received(cast.acme)
    app = page(cast.alice)
    app.selectbox(key="state").select("Failed").run()
    assert column(app, "state") == ["Failed"]
    assert list_data(app)["caption"] == "1 webhook"
    app.selectbox(key="state").select("All").run()
    app.selectbox(key="topic").select("themes/publish").run()
    assert column(app, "topic_text") == ["themes/publish"]
    assert "Failed" not in figures(app)


@pytest.mark.parametrize(
    ("typed", "topics"),
    [("#1001", ["Order placed"]), ("1001", ["Order placed"]), ("77", ["themes/publish"]), ("%", [])],
)
def test_it_is_searched_by_order_or_record(cast: Cast, typed: str, topics: list[str]) -> None:
    store_delivery(cast.acme, "orders/create", an_order(1) | {"name": "#1001"})
    store_delivery(cast.acme, "themes/publish", {"id": 77})
    receive_now(cast.acme)
    app = page(cast.alice)
    app.text_input(key="find_webhook").set_value(typed).run()
    assert not app.exception
    assert column(app, "topic_text") == topics


def test_the_log_leads_to_products_and_customers(cast: Cast) -> None:
    for topic, number in (("products/update", 7), ("customers/update", 81), ("products/delete", 8)):
        store_delivery(cast.acme, topic, {"id": number})
    app = page(cast.alice)
    assert {text: address.partition("&from")[0] for text, address in links(app).items() if text.isdigit()} == {
        "7": "/product?shop=acme&product=7",
        "81": "/customer?shop=acme&customer=81",
    }, "a deleted product has no page"


def test_a_webhook_leads_to_its_order_and_an_order_to_its_webhooks(cast: Cast) -> None:
    store_delivery(cast.acme, "orders/create", an_order(1) | {"name": "#1001"})
    receive_now(cast.acme)
    app = details(cast.alice, deliveries(cast.acme)[0].delivery_id)
    assert [link.label for link in app.get("page_link")] == ["Webhook log", "Order \\#1001"]
    assert "green-badge[Applied]" in page_text(app)
    order = open_record(cast.alice, "order", order="1")
    assert [row[1:3] for row in tables(order)["Webhooks"]] == [["Order placed", "Applied"]]


def test_all_failed_of_a_topic_are_tried_again_by_a_button(cast: Cast) -> None:
    received(cast.acme)
    app = page(cast.alice)
    (button,) = [button for button in app.button if button.key == "again-orders/create"]
    button.click().run()
    assert "1 webhook is retried now" in page_text(app)
    assert figures(app)["Waiting"] == "1"
    assert [row.state for row in deliveries(cast.acme)] == ["applied", "pending", "ignored"]


def test_one_delivery_is_seen_closely_and_its_body_is_text(cast: Cast) -> None:
    received(cast.acme)
    failed = deliveries(cast.acme)[1]
    app = details(analyst(cast), failed.delivery_id)
    assert app.code == []
    app.toggle(key=f"body-{failed.delivery_id}").set_value(True).run()
    (code,) = app.code
    assert code.value == BROKEN.decode()
    assert code.language in ("", "plaintext", None)
    assert "<script>" not in page_text(app)
    app.button(key=f"again-{failed.delivery_id}").click().run()
    assert deliveries(cast.acme)[1].state == "pending"


def test_the_deleted_body_of_an_old_delivery_is_explained(cast: Cast) -> None:
    received(cast.acme)
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(update(Delivery).where(Delivery.tenant_id == cast.acme.tenant_id).values(body=b""))
    app = details(cast.alice, deliveries(cast.acme)[0].delivery_id)
    assert "kept for some time only" in page_text(app)
    assert app.toggle == []


def test_a_viewer_sees_the_log_but_no_body_and_no_button(cast: Cast) -> None:
    received(cast.acme)
    assert figures(page(cast.bob))["Failed"] == "1"
    app = details(cast.bob, deliveries(cast.acme)[1].delivery_id)
    assert not [label for label in buttons(app) if "Retry" in label]
    assert len(app.toggle) == 0


def test_times_are_on_the_stores_clock(cast: Cast) -> None:
    received(cast.acme)
    today = formats.day(datetime.now(UTC).date())
    times = column(page(cast.alice), "received_at")
    assert all(today[-4:] in time and time.count(":") == 2 for time in times), "to the second"


def test_nobody_opens_a_webhook_of_another_business(cast: Cast) -> None:
    received(cast.acme)
    delivery_id = deliveries(cast.acme)[0].delivery_id
    for shop in ("acme", "globex"):
        assert MISSING in page_text(details(cast.charlie, delivery_id, shop=shop))
    for typed in ("", "0", "x", "9" * 25, str(delivery_id + 999)):
        assert MISSING in page_text(details(cast.alice, typed))


def test_an_empty_period_says_what_to_do(cast: Cast) -> None:
    app = page(cast.alice)
    assert "No webhooks in this period" in page_text(app)
    assert not listed(app)


def test_without_a_store_the_page_says_to_connect_one(cast: Cast) -> None:
    assert "Connect your first store" in page_text(page(cast.dana))


def test_another_business_never_sees_them(cast: Cast) -> None:
    received(cast.acme)
    assert figures(page(cast.alice))["Applied"] == "1"
    app = page(cast.charlie)
    assert "No webhooks in this period" in page_text(app)
    assert "no webhook received" in page_text(app)
