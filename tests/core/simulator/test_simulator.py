"""The simulator over HTTP, with the project's own client, and compared with the product's own sums."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import requests

from core.config import DEMO_CLIENT_ID, DEMO_SECRET, DEMO_SHOP, DEMO_TOKEN
from core.domain import Order
from core.domain.ledger import sale_rows
from core.domain.sales import LineType, SaleRow
from core.errors import CredentialsRefused
from core.shopify import auth, pages
from core.shopify.client import ShopifyClient
from core.simulator.http.live_shop import Setup
from core.simulator.http.simulator import Simulator
from core.simulator.shop.shop import ShopSpec
from tests.core.simulator.clocks import Clock

SPEC = ShopSpec(customers=20, orders=60)
OTHER = "other.myshopify.com"


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    other = Setup(
        replace(SPEC, domain=OTHER, name="Other"), token="shpat_other", client_id="other", secret="shpss_other"
    )
    with Simulator([SPEC, other], clock=Clock()).running() as running:
        yield running


def graphql(sim: Simulator, shop: str = DEMO_SHOP, token: str = DEMO_TOKEN, **asked: Any) -> requests.Response:
    url = f"{sim.url}/{shop}/admin/api/2026-10/graphql.json"
    return requests.post(url, timeout=10, headers={"X-Shopify-Access-Token": token}, **asked)


def test_every_answer_names_the_api_version(sim: Simulator) -> None:
    for answer in (graphql(sim, json={"query": "{ shop { name } }"}), requests.get(sim.url + "/nothing", timeout=10)):
        assert answer.headers["X-Shopify-API-Version"] == "2026-10"


def test_a_wrong_token_is_refused_as_shopify_does(sim: Simulator) -> None:
    answer = graphql(sim, token="shpat_wrong", json={"query": "{ shop { name } }"})
    assert answer.status_code == 401
    assert answer.json() == {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"}


def test_a_token_is_valid_for_its_own_shop_only(sim: Simulator) -> None:
    asked = {"query": "{ shop { name } }"}
    assert graphql(sim, OTHER, "shpat_other", json=asked).json()["data"]["shop"]["name"] == "Other"
    assert graphql(sim, OTHER, DEMO_TOKEN, json=asked).status_code == 401


def test_an_unknown_shop_or_version_is_not_found(sim: Simulator) -> None:
    assert graphql(sim, "nobody.myshopify.com", json={"query": "{ shop { name } }"}).status_code == 404
    url = f"{sim.url}/{DEMO_SHOP}/admin/api/latest/graphql.json"
    assert requests.post(url, json={}, timeout=10).status_code == 404


@pytest.mark.parametrize("sent", [{"data": b"not json"}, {"json": []}, {"json": {"query": 5}}])
def test_a_request_without_a_query_is_a_bad_request(sim: Simulator, sent: dict[str, Any]) -> None:
    answer = graphql(sim, **sent)
    assert answer.status_code == 400
    assert answer.json() == {"errors": {"query": "Required parameter missing or invalid"}}


@pytest.mark.parametrize("how", ["json", "data"])
def test_client_credentials_buy_a_token_by_form_or_json(sim: Simulator, how: str) -> None:
    asked = {"grant_type": "client_credentials", "client_id": DEMO_CLIENT_ID, "client_secret": DEMO_SECRET}
    url = f"{sim.url}/{DEMO_SHOP}/admin/oauth/access_token"
    granted = requests.post(url, timeout=10, **{how: asked}).json()
    assert granted["expires_in"] == 86_399
    assert "read_orders" in granted["scope"].split(",")
    assert graphql(sim, token=granted["access_token"], json={"query": "{ shop { name } }"}).status_code == 200


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "wrong"}, 400, "application_cannot_be_found"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
def test_wrong_credentials_buy_nothing(sim: Simulator, changed: dict[str, str], status: int, code: str) -> None:
    asked = {"grant_type": "client_credentials", "client_id": DEMO_CLIENT_ID, "client_secret": DEMO_SECRET}
    answer = requests.post(f"{sim.url}/{DEMO_SHOP}/admin/oauth/access_token", json=asked | changed, timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (status, code)


def test_the_project_s_own_client_gets_a_token_and_loses_it_when_revoked() -> None:
    with Simulator([SPEC]).running() as sim:
        credentials = auth.ClientCredentials(DEMO_CLIENT_ID, DEMO_SECRET)
        granted = auth.fetch_access_token(DEMO_SHOP, credentials, admin_url=sim.admin_url, now=datetime.now(UTC))
        client = ShopifyClient(DEMO_SHOP, granted.value, admin_url=sim.admin_url)
        assert pages.shop(client).domain == DEMO_SHOP
        sim.live_shop().revoke()
        with pytest.raises(CredentialsRefused):
            pages.shop(client)
        client.close()


def test_events_can_be_triggered_over_http(sim: Simulator) -> None:
    before = len(sim.live_shop(OTHER).shop.orders)
    args = {"at": "2026-11-20T09:30:00+01:00", "guest": True}
    sold = requests.post(f"{sim.url}/simulator/{OTHER}/sell", json=args, timeout=10).json()
    order = sim.live_shop(OTHER).shop.orders[sold["order_id"]]
    assert (len(sim.live_shop(OTHER).shop.orders), order.customer_id) == (before + 1, None)
    assert order.processed_at == datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    url = f"{sim.url}/simulator/{OTHER}/cancel"
    assert requests.post(url, json={"order_id": sold["order_id"]}, timeout=10).status_code == 200
    again = requests.post(url, json={"order_id": sold["order_id"]}, timeout=10)
    assert (again.status_code, "is cancelled already" in again.json()["errors"]) == (422, True)
    assert requests.post(url, json={"order_id": 1}, timeout=10).status_code == 404
    assert requests.post(f"{sim.url}/simulator/{OTHER}/sell", json={"at": "soon"}, timeout=10).status_code == 422


def test_the_truth_is_the_same_over_http_and_in_process(sim: Simulator) -> None:
    url = f"{sim.url}/simulator/{DEMO_SHOP}/truth"
    answer = requests.get(url, params={"start": "2026-01-01", "end": "2026-06-30"}, timeout=10).json()
    assert answer == sim.truth(date(2026, 1, 1), date(2026, 6, 30)).to_json()
    assert len(answer["by_day"]) == 181
    assert requests.get(url, params={"start": "January"}, timeout=10).status_code == 422


def test_health_names_the_shops(sim: Simulator) -> None:
    assert requests.get(sim.url + "/simulator/health", timeout=10).json() == {
        "status": "ok",
        "shops": [DEMO_SHOP, OTHER],
    }


def test_a_stopped_simulator_frees_its_port() -> None:
    with Simulator([SPEC]).running() as first:
        port = int(first.url.rpartition(":")[2])
    with Simulator([SPEC], port=port).running() as second:
        assert second.url == first.url.rpartition(":")[0] + f":{port}"


@pytest.mark.parametrize("currency", ["EUR", "JPY"])
@pytest.mark.parametrize("included", [False, True], ids=["tax on top", "tax included"])
def test_orders_read_by_the_product_add_up_to_the_truth(currency: str, included: bool) -> None:
    spec = ShopSpec(customers=120, orders=300, currency=currency, taxes_included=included, seed=3)
    with Simulator([Setup(spec, bucket_size=100_000)]).running() as sim:
        orders = _read_all(sim)
        true = sim.truth().totals
        tests = {order.order_id for order in sim.live_shop().shop.orders.values() if order.test}
    assert len(orders) == 300
    orders = [order for order in orders if order.currency == currency]
    rows = [row for order in orders for row in sale_rows(order)]
    goods = [row for row in rows if row.line_type == "product" and row.action == "order"]
    back = [row for row in rows if row.action == "return" and row.line_type in ("product", "adjustment")]
    assert _sum(goods, lambda row: row.net + row.discount) == true.gross_sales
    assert _sum(goods, lambda row: row.discount) == true.discounts
    assert -_sum(back, lambda row: row.net) == true.returns
    assert _sum([row for row in rows if row.line_type == "shipping"], lambda row: row.net) == true.shipping
    assert _sum([row for row in rows if row.line_type != LineType.UNKNOWN], lambda row: row.tax) == true.taxes
    assert sum(order.order_id not in tests for order in orders) == true.orders


def _read_all(sim: Simulator) -> list[Order]:
    client = ShopifyClient(DEMO_SHOP, DEMO_TOKEN, admin_url=sim.admin_url)
    orders: list[Order] = []
    after = None
    while True:
        page = pages.orders_page(client, "", after)
        orders += [record for record in page.records if isinstance(record, Order)]
        after = page.end_cursor
        if not page.has_next:
            client.close()
            return orders


def _sum(rows: list[SaleRow], amount: Any) -> Decimal:
    return sum((amount(row) for row in rows), Decimal(0))
