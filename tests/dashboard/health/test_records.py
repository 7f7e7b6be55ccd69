"""Records and webhooks that are in no figure, each with its reason."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from streamlit.testing.v1 import AppTest

from core.database import tenant_session
from core.database.models import Arrival, Delivery
from core.domain import Kind, Unreadable
from core.webhooks import apply
from tests.cast import Business, Cast
from tests.dashboard.health.page import ago, complete, page
from tests.dashboard.pages import page_text, tables
from tests.factories import agreement, order, sale
from tests.shopify_sends import store_delivery
from tests.stored import write


def test_the_share_by_webhook_is_of_the_changes_first_heard_of(checked: Cast) -> None:
    key = {"tenant_id": checked.acme.tenant_id, "store_id": checked.acme.store_id, "day": ago(1)}
    with tenant_session(checked.acme.tenant_id) as session:
        session.execute(insert(Arrival).values([key | {"source": "webhook", "changes": 49}]))
        session.execute(insert(Arrival).values([key | {"source": "api", "changes": 1}]))
    assert "Of 50 order changes, 98.0% came by webhook first" in page_text(page(checked.alice))


def test_unreadable_records_are_shown_with_the_reason(cast: Cast) -> None:
    records = [Unreadable(Kind.ORDER, number, "the API's order: name is missing") for number in (123, 124)]
    write(cast.acme, *records)
    write(cast.globex, Unreadable(Kind.ORDER, 999, "the API's order: total is not a number"))
    text = page_text(page(cast.alice))
    assert "**2 records could not be read**: order 123: name is missing; order 124: name is missing." in text
    assert "999" not in text

    write(cast.acme, order(order_id=123), order(order_id=124))
    assert "could not be read" not in page_text(page(cast.alice))


def test_some_of_many_unreadable_records_are_named(cast: Cast) -> None:
    write(cast.acme, *[Unreadable(Kind.CUSTOMER, number, "the API's customer: id is missing") for number in range(8)])
    text = page_text(page(cast.alice))
    assert "**8 records could not be read**" in text
    assert "and 3 more" in text


def test_sales_of_an_unknown_kind_are_named_as_in_no_figure(cast: Cast) -> None:
    complete(cast.acme)
    assert "does not know yet" not in page_text(page(cast.alice))
    known, strange = sale(), sale("carbon_offset", total="2.38", tax="0.38")
    write(cast.acme, order(name="#1_0_1", agreements=(agreement(known, strange),)))
    write(cast.acme, order(order_id=2, name="#1002", agreements=(agreement(known),)))
    text = page_text(page(cast.alice))
    assert "**1 order has sales of a kind that Xeno does not know yet**: " in text
    assert "1\\_0\\_1: €2\\.38. These" in text
    for number in range(3, 9):
        write(cast.acme, order(order_id=number, name=f"#{number}", agreements=(agreement(strange),)))
    text = page_text(page(cast.alice))
    assert "**7 orders have sales of a kind" in text
    assert "; and 2 more. These sales are in no figure" in text


def reasons(app: AppTest) -> list[tuple[str, str]]:
    """The webhooks that were not applied, by reason, as the page lists them."""
    return [(row[0], row[1]) for row in tables(app).get("Webhooks not applied", [])]


def receive(business: Business, *webhooks: tuple[str, bytes]) -> None:
    """Store these topics and bodies as received today, and apply them."""
    for topic, body in webhooks:
        store_delivery(business, topic, body)
    now = datetime.now(UTC)
    with tenant_session(business.tenant_id) as session:
        session.execute(update(Delivery).values(received_at=now))
    apply.apply_pending(business.key, now)


def test_webhooks_that_were_not_applied_are_counted_by_reason(cast: Cast) -> None:
    receive(
        cast.acme, ("orders/create", b"not json"), ("orders/create", b"[]"), ("tender_transactions/create", b"{}")
    )

    app = page(cast.alice)

    assert reasons(app) == [("Unreadable", "2"), ("Unused topic", "1")]
    assert "Every webhook of this period was applied" not in page_text(app)


def test_when_every_webhook_was_applied_the_page_says_so(cast: Cast) -> None:
    app = page(cast.alice)
    assert "Every webhook of this period was applied in full." in page_text(app)
    assert reasons(app) == []


def test_another_business_never_sees_why_webhooks_were_not_applied(cast: Cast) -> None:
    receive(cast.acme, ("orders/create", b"not json"))
    assert reasons(page(cast.charlie)) == []
