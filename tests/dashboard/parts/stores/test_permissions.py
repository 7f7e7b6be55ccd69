"""Scopes and fields that Shopify withholds, named on the card of the store with their cost."""

from __future__ import annotations

import pytest

from core.simulator.defaults import SCOPES
from dashboard.drawing.words import plain
from tests.cast import Cast
from tests.dashboard.pages import open_page, page_text
from tests.dashboard.parts.stores.cards import change
from tests.shopify_sends import ACME_SECRET, give_secret
from tests.stores import grant


def test_a_missing_scope_is_named_with_its_cost_and_its_cure(cast: Cast) -> None:
    give_secret(cast.acme, ACME_SECRET)
    grant(cast.acme, ["read_orders", "read_products"])
    change(cast.acme, "webhook_note = 'No public address is set.'")
    app = open_page(cast.alice, "stores")
    page = page_text(app)
    assert "**Next step: grant read\\_customers.**" in page
    assert "Without **read\\_customers**, orders have no names" in page
    assert "then connect the store again" in page
    assert "No public address" not in page, "one step at a time"


@pytest.mark.parametrize(
    ("missing", "cost"),
    [
        ("read_inventory", "stock is known in total only, not by location"),
        ("read_locations", "locations have numbers instead of names"),
        ("read_customer_merge", "a customer who was merged counts as two"),
        ("read_reports", "days are compared by their orders only"),
    ],
)
def test_an_optional_scope_that_is_missing_is_named_with_its_cost(cast: Cast, missing: str, cost: str) -> None:
    give_secret(cast.acme, ACME_SECRET)
    grant(cast.acme, [scope for scope in SCOPES if scope != missing])

    app = open_page(cast.alice, "stores")

    page = page_text(app)
    assert f"Without **{plain(missing)}**, {cost}" in page
    assert "Permissions: 1 optional missing" in [expander.label for expander in app.expander]
    assert "Next step" not in page


def test_objects_that_shopify_denies_despite_a_grant_are_named_with_their_cost(cast: Cast) -> None:
    change(cast.acme, "refused_entities = '{checkouts,locations}'")
    page = page_text(open_page(cast.alice, "stores"))
    assert "**Next step: request access to the hidden fields.**" in page
    assert "Stock by location comes from webhooks only and abandoned checkouts come from webhooks only" in page


def test_denied_fields_are_named_with_their_cost(cast: Cast) -> None:
    change(cast.acme, "withheld_fields = '{firstName,city}'")
    denied = page_text(open_page(cast.alice, "stores"))
    assert "city, firstName" in denied
    assert "Customers have no names" in denied
    assert "orders and customers have no place" in denied
    assert "the cost of goods" not in denied
    assert "then connect the store again" in denied
