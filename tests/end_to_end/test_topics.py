"""Webhooks of purchases that are left and of bulk operations that end, through the real receiver and worker."""

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
    with installed(database_url, tmp_path) as made:
        made.simulator("--orders", "60", "--customers", "20")
        yield made


def test_a_purchase_that_is_left_is_here_while_the_first_load_waits_and_the_load_hears_of_its_end(
    installation: Installation, cast: Cast
) -> None:
    dana = cast.dana
    behind_the_scene = f"{installation.simulator_url}/simulator/{DEMO_SHOP}"
    requests.post(f"{behind_the_scene}/bulk", json={"seconds": 6}, timeout=10).raise_for_status()
    installation.receiver()
    (store,) = connect_demo_store(installation, dana)
    installation.worker()

    left = requests.post(f"{behind_the_scene}/abandon", json={}, timeout=10).json()["checkout_id"]
    from_webhook = f"SELECT count(*) FROM checkouts WHERE checkout_id = {left} AND source = 'webhook'"
    wait_until(lambda: count(dana.tenant_id, from_webhook), "the checkout is here", installation.logs)
    wait_until(lambda: count(dana.tenant_id, "SELECT count(*) FROM carts"), "its cart is here", installation.logs)

    def ended() -> runs.RunView | None:
        (run,) = runs.recent(store.key)
        return None if run.active else run

    run = wait_until(ended, "the first load ends", installation.logs, seconds=120)
    assert run.state == "succeeded"
    told = "SELECT count(*) FROM deliveries WHERE topic = 'bulk_operations/finish' AND state = 'applied'"
    assert wait_until(lambda: count(dana.tenant_id, told) >= 4, "all four operations were told of", installation.logs)
    print(f"first load: {(run.finished_at or datetime.now(UTC)) - run.requested_at}")
