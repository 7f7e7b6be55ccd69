"""Webhooks of abandoned checkouts and ended bulk operations, through the real receiver and worker."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from core.config import DEMO_SHOP
from core.sync import runs
from tests.cast import Cast
from tests.end_to_end.processes import Installation, installed, wait_until
from tests.end_to_end.test_crashes import connect_demo_store, count


@pytest.fixture
def installation(cast: Cast, database_url: str, tmp_path: Path) -> Iterator[Installation]:
    with installed(database_url, tmp_path) as running:
        running.simulator("--orders", "60", "--customers", "20")
        yield running


def test_an_abandoned_checkout_is_stored_during_the_first_load_which_learns_of_its_own_end(
    installation: Installation, cast: Cast
) -> None:
    dana = cast.dana
    simulator = f"{installation.simulator_url}/simulator/{DEMO_SHOP}"
    requests.post(f"{simulator}/bulk", json={"seconds": 6}, timeout=10).raise_for_status()
    installation.receiver()
    (store,) = connect_demo_store(installation, dana)
    installation.worker()

    checkout_id = requests.post(f"{simulator}/abandon", json={}, timeout=10).json()["checkout_id"]
    stored_by_webhook = f"SELECT count(*) FROM checkouts WHERE checkout_id = {checkout_id} AND source = 'webhook'"
    wait_until(lambda: count(dana.tenant_id, stored_by_webhook), "the checkout is here", installation.logs)
    wait_until(lambda: count(dana.tenant_id, "SELECT count(*) FROM carts"), "its cart is here", installation.logs)

    token = requests.post(f"{simulator}/fill_cart", json={}, timeout=10).json()["cart_token"]
    left = f"SELECT count(*) FROM carts WHERE cart_token = '{token}'"
    wait_until(lambda: count(dana.tenant_id, left), "a cart without a checkout is here", installation.logs)

    def ended() -> runs.RunView | None:
        (run,) = runs.recent(store.key)
        return None if run.active else run

    run = wait_until(ended, "the first load ends", installation.logs, seconds=120)
    assert run.state == "succeeded"
    applied = "SELECT count(*) FROM deliveries WHERE topic = 'bulk_operations/finish' AND state = 'applied'"
    assert wait_until(
        lambda: count(dana.tenant_id, applied) >= 4, "all four webhooks of operations are applied", installation.logs
    )
    print(f"first load: {(run.finished_at or datetime.now(UTC)) - run.requested_at}")
