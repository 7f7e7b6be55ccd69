"""A customer's and a product's page: what they show, and that nobody opens those of another business or store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from core.database import tenant_session
from core.database.models import Redaction
from core.ingest import redaction
from dashboard.drawing.records import variant_name
from dashboard.parts.records import MISSING
from tests import factories as made
from tests.cast import Cast, add_store
from tests.core.metrics.conftest import NOW, Shop, shop_of
from tests.dashboard.pages import (
    component_data,
    components,
    downloads,
    links,
    open_page,
    open_record,
    page_text,
    tables,
    tiles,
)


@pytest.fixture
def busy(cast: Cast) -> Shop:
    """Acme sold two shirts to Ada yesterday; she sent one back today."""
    acme = shop_of(cast.acme)
    placed = datetime.now(UTC) - timedelta(days=1)
    acme.receive(
        made.product(vendor="Loom", variants=(made.variant(sku="S-M", inventory_quantity=4),)),
        made.customer(81, country="France"),
        made.order(
            order_id=5,
            customer_id=81,
            created_at=placed,
            processed_at=placed,
            updated_at=placed,
            refunds=(made.refund(order_id=5, at=datetime.now(UTC)),),
        ),
    )
    return acme


def test_a_customer_shows_orders_and_net_sales_to_date(cast: Cast, busy: Shop) -> None:
    app = open_record(cast.alice, "customer", customer="81")
    assert not app.exception
    assert app.title[0].value == "Ada Lovelace"
    assert {label: tile["text"] for label, tile in tiles(app).items()} == {
        "Orders to date": "1",
        "Net sales to date": "€20.00",
        "Avg. order value": "€40.00",
    }
    assert tables(app)["Orders"][0][0] == "#1001"
    happened = [(row[1], row[2], row[3]) for row in tables(app)["Timeline"]]
    assert happened[-1] == ("Ordered", "#1001", "€52.60")
    assert ("Returned", "#1001", "−€20.00") in happened
    assert any("/exports/customer-timeline.csv" in file and "customer=c%3A81" in file for file in downloads(app))
    assert not components(app, "chart"), "one order has no trend"
    assert links(app)["#1001"].startswith("/order?shop=acme&order=5")
    assert "ada@example" in page_text(app).replace("\u2060", "").replace("\\", "")
    (shopify,) = [link.url for link in app.get("link_button")]
    assert shopify == "https://admin.shopify.com/store/acme/customers/81"


def test_a_redacted_customer_is_explained(cast: Cast, busy: Shop) -> None:
    key = busy.scope.store
    with tenant_session(key.tenant_id) as session:
        redaction.blank(session, key, [81], [5])
        session.add(Redaction(**key.parameters, kind="customer", shopify_id=81, redacted_at=NOW))
    app = open_record(cast.alice, "customer", customer="81")
    assert app.title[0].value == "Guest"
    assert "asked to erase" in page_text(app)
    assert "Ada" not in page_text(app)


def test_a_product_shows_its_sales_and_variants_of_the_period(cast: Cast, busy: Shop) -> None:
    app = open_record(cast.alice, "product", product="7")
    assert not app.exception
    assert app.title[0].value == "Shirt"
    assert {label: tile["text"] for label, tile in tiles(app).items()} == {
        "Net sales": "€20.00",
        "Gross sales": "€40.00",
        "Discounts": "€0.00",
        "Returns": "€20.00",
    }
    assert tables(app)["Variants"] == [["M", "S-M", "€20.00", "2", "1", "€20.00", "€20.00", "4"]]
    assert component_data(app, "chart")["series"]
    orders = parse_qs(urlsplit(tiles(app)["Net sales"]["href"]).query)
    assert (orders["store"], orders["only"], orders["are"], orders["by"]) == (
        ["acme"],
        ["Product"],
        ["Shirt (7)"],
        ["Order"],
    ), "net sales open the orders that they are made of"


def test_the_variant_of_a_product_without_options_has_no_name_of_shopifys_own() -> None:
    assert [variant_name(title) for title in ("M", "Default Title", None)] == ["M", "", None]
    assert variant_name("Default Title", "Only variant") == "Only variant"


def test_lists_lead_to_their_records_and_an_order_to_its_customer_and_products(cast: Cast, busy: Shop) -> None:
    assert links(open_page(cast.alice, "customers"))["Ada Lovelace"] == "/customer?shop=acme&customer=81"
    assert links(open_page(cast.alice, "products"))["Shirt"] == "/product?shop=acme&product=7"
    order = open_record(cast.alice, "order", order="5")
    assert links(order)["Shirt"].startswith("/product?shop=acme&product=7")
    assert "Ada Lovelace" in [link.label for link in order.get("page_link")]


@pytest.mark.parametrize("page", ["customer", "product"])
@pytest.mark.parametrize("typed", ["", "abc", "0", "-1", "1", "9" * 30, "e:nobody@example.com", "o:5x"])
def test_a_record_that_is_not_there_has_one_sentence(cast: Cast, busy: Shop, page: str, typed: str) -> None:
    app = open_record(cast.alice, page, **{page: typed})
    assert not app.exception
    assert app.title[0].value == "Not found"
    assert MISSING in page_text(app)


@pytest.mark.parametrize(("page", "number"), [("customer", "81"), ("product", "7")])
def test_nobody_opens_a_record_of_another_business_or_store(cast: Cast, busy: Shop, page: str, number: str) -> None:
    add_store(cast.alice.tenant_id, "Acme Two", "acme-two.myshopify.com", "EUR", "Europe/Berlin")
    assert open_record(cast.alice, page, shop="acme", **{page: number}).title[0].value != "Not found"
    for person, shop in (
        (cast.alice, "acme-two"),
        (cast.alice, "globex"),
        (cast.charlie, "acme"),
        (cast.charlie, "globex"),
        (cast.dana, ""),
    ):
        app = open_record(person, page, shop=shop, **{page: number})
        assert not app.exception
        assert MISSING in page_text(app), (person.email, shop)
