"""Privacy requests on the Settings page, and the share of double-checked orders on a store's card."""

from __future__ import annotations

from core.database import tenant_session
from core.sync import refetch
from dashboard.parts.stores.card import settled_text
from tests.cast import NOW, Cast
from tests.core.privacy.test_requests import ADA, ada_bought, take
from tests.dashboard.pages import downloads, open_page, page_text, tables
from tests.factories import order
from tests.stored import write


def test_an_owner_sees_requests_and_outcomes_and_others_do_not(cast: Cast) -> None:
    ada_bought(cast.acme)
    take(cast.acme, "customers/data_request", customer=ADA, orders_requested=[1])

    page = open_page(cast.alice, "settings")
    assert not page.exception
    ((_, request, customer, outcome, store),) = tables(page)["Privacy requests"]
    assert (request, customer) == ("A customer’s data", "81")
    assert (outcome, store) == ("Exported: 1 orders, 0 checkouts.", "acme.myshopify.com")
    assert [file.partition("?")[0] for file in downloads(page)] == ["/exports/privacy-requests.csv"]
    (download,) = page.get("download_button")
    assert download.label.replace("\\", "") == "Download the data of customer 81 (acme.myshopify.com)"

    assert "Privacy" in [tab.label for tab in page.tabs]
    assert "Privacy" not in [tab.label for tab in open_page(cast.bob, "settings").tabs]
    charlies = open_page(cast.charlie, "settings")
    assert "Privacy requests" not in tables(charlies)
    assert "No privacy requests." in page_text(charlies)


def test_a_stores_card_shows_the_share_settled(cast: Cast) -> None:
    assert "double-checked" not in page_text(open_page(cast.alice, "stores"))
    write(cast.acme, order(order_id=1, processed_at=NOW), order(order_id=2, processed_at=NOW))
    with tenant_session(cast.acme.tenant_id) as session:
        refetch.request(session, cast.acme.key, [2], NOW)

    assert "50% of recent orders double-checked with Shopify, 1 of 2 to go." in page_text(
        open_page(cast.alice, "stores")
    )


def test_one_order_of_many_is_never_rounded_away() -> None:
    assert str(settled_text(refetch.Settled(orders=10_000, waiting=1))).startswith("99% of recent orders")
    assert str(settled_text(refetch.Settled(orders=10_000, waiting=0))).startswith("All recent orders")
    assert settled_text(refetch.Settled(orders=0, waiting=0)) is None
