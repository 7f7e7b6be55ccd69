"""The Webhooks page: what Shopify sent, whether it was applied, and a retry of what failed."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from core import accounts
from core.accounts import Role
from core.database import tenant_session
from core.database.models import Delivery
from core.webhooks import apply
from dashboard.drawing import formats
from tests.cast import Business, Cast, Person
from tests.core.webhooks.test_apply import an_order
from tests.dashboard.pages import open_page, page_text
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


def figures(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def listed(app: AppTest, column: str) -> list[object]:
    return list(app.dataframe[0].value[column])


def buttons(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def analyst(cast: Cast) -> Person:
    accounts.change_role(cast.alice.actor, cast.bob.user_id, Role.ANALYST)
    return cast.bob


def test_deliveries_are_counted_and_listed_with_their_reason(cast: Cast) -> None:
    received(cast.acme)
    app = page(cast.alice)
    assert figures(app) == {"Applied": "1", "Waiting": "0", "Unconfirmed": "0", "Skipped": "1", "Failed": "1"}
    assert sorted(zip(listed(app, "topic"), listed(app, "state"), strict=True)) == [
        ("orders/create", "Applied"),
        ("orders/create", "Failed"),
        ("themes/publish", "Skipped"),
    ]
    assert "1 webhook failed" in page_text(app)
    reasons = dict(zip(listed(app, "state"), listed(app, "reason"), strict=True))
    assert "orders/create" in str(reasons["Failed"])


def test_it_is_narrowed_by_topic_and_state(cast: Cast) -> None:
    received(cast.acme)
    app = page(cast.alice)
    app.selectbox(key="state").select("Failed").run()
    assert listed(app, "state") == ["Failed"]
    assert "1 webhook" in page_text(app)
    assert "1 webhooks" not in page_text(app)
    app.selectbox(key="state").select("All").run()
    app.selectbox(key="topic").select("themes/publish").run()
    assert listed(app, "topic") == ["themes/publish"]
    assert figures(app)["Failed"] == "0"


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
    app = page(analyst(cast))
    app.selectbox(key="delivery").select(failed.delivery_id).run()
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
    app = page(cast.alice)
    app.selectbox(key="delivery").select(deliveries(cast.acme)[0].delivery_id).run()

    assert not app.exception
    assert "kept for some time only" in page_text(app)
    assert app.toggle == []


def test_a_viewer_sees_the_list_but_no_body_and_no_button(cast: Cast) -> None:
    received(cast.acme)
    failed = deliveries(cast.acme)[1]
    app = page(cast.bob)
    assert figures(app)["Failed"] == "1"
    app.selectbox(key="delivery").select(failed.delivery_id).run()
    assert not [label for label in buttons(app) if "Retry" in label]
    assert len(app.toggle) == 0


def test_the_list_names_times_on_the_stores_clock(cast: Cast) -> None:
    received(cast.acme)
    app = page(cast.alice)
    names = app.selectbox(key="delivery").options
    today = formats.day(datetime.now(UTC).date())
    numbers = [str(number) for number in listed(app, "number")]
    assert [name.partition(" · ")[0] for name in names] == numbers, "by which the list tells them apart"
    assert any(today[-4:] in name for name in names)


def test_an_empty_period_says_what_to_do(cast: Cast) -> None:
    app = page(cast.alice)
    assert "No webhooks in this period" in page_text(app)
    assert len(app.dataframe) == 0


def test_without_a_store_the_page_says_to_connect_one(cast: Cast) -> None:
    assert "Connect your first store" in page_text(page(cast.dana))


def test_another_business_never_sees_them(cast: Cast) -> None:
    received(cast.acme)
    assert figures(page(cast.alice))["Applied"] == "1"
    app = page(cast.charlie)
    assert "No webhooks in this period" in page_text(app)
    assert "failed" not in page_text(app)
