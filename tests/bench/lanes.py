"""How long does "Sync now" wait while the nightly checks of many stores run? `make bench-lanes`.

Twenty-two stores of one slow simulated Shopify check their whole history, and a worker with the default number of
slots works on them. Then syncs of single stores are requested, one after the other. The time from the click to the
run's start is measured. The schedule requests no sync meanwhile. DATABASE_URL as for the other benchmarks. The last
line is JSON.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import requests

from core import database, reconcile
from core.config import DEMO_SECRET, DEMO_TOKEN
from core.database import tenant_session
from core.database.models import Store, Trigger
from core.sync import run_life, runs
from tests.bench.database import fresh_database
from tests.cast import Business, add_store, make_cast
from tests.end_to_end.processes import Installation, installed, wait_until
from tests.shopify_sends import give_secret

SHOPS = [f"shop-{number}.myshopify.com" for number in range(22)]
CLICKS = 16
SLOW = {"api_slow": 1, "api_slow_seconds": 0.3}
SCOPES = ["read_orders", "read_all_orders", "read_products", "read_customers"]


def main() -> int:
    with (
        fresh_database() as url,
        TemporaryDirectory() as folder,
        installed(url, Path(folder), SYNC_MINUTES="1440") as installation,
    ):
        stores = _stores(installation)
        for store in stores:
            reconcile.request_due(store.key, datetime.now(UTC))
        installation.worker()
        with psycopg.connect(url, autocommit=True) as owner:
            doing = "SELECT count(*) >= 3 FROM procrastinate_jobs WHERE task_name = 'check_days' AND status = 'doing'"
            wait_until(lambda: owner.execute(doing).fetchone() == (True,), "checks are going", installation.logs)
            waits = [_click(store, installation) for store in stores[:CLICKS]]
            running_checks = owner.execute("SELECT count(*) FROM check_runs WHERE state = 'running'").fetchone()
        database.pools().dispose()
    assert running_checks is not None
    figures = {"median": statistics.median(waits), "longest": max(waits)}
    print(f"{len(waits)} clicks, {running_checks[0]} checks still going: {figures}")
    print(
        json.dumps(
            {
                "bench": "lanes",
                "checks_left": running_checks[0],
                **{f"{k}_s": round(v, 2) for k, v in figures.items()},
            }
        )
    )
    return 0


def _stores(installation: Installation) -> list[Business]:
    """Add connected stores with a finished first load of few orders, so that the checks have to fetch."""
    shops = [part for shop in SHOPS for part in ("--shop", shop)]
    installation.simulator("--orders", "60", "--customers", "20", "--bucket", "100000", *shops)
    tenant_id = make_cast().dana.tenant_id
    now = datetime.now(UTC)
    stores = [add_store(tenant_id, shop, shop, "EUR", "Europe/Berlin", now - timedelta(days=1)) for shop in SHOPS]
    for store in stores:
        give_secret(store, DEMO_SECRET, DEMO_TOKEN)
        with tenant_session(tenant_id) as session:
            row = session.get_one(Store, (tenant_id, store.store_id))
            row.complete_until, row.shop_created_at, row.scopes = now, now - timedelta(days=730), SCOPES
        run_id = runs.request(store.key, Trigger.SCHEDULE, now)
        with tenant_session(tenant_id) as session:
            run_life.finish(session, runs.key_of(store.key, run_id), now)
        faults = f"{installation.simulator_url}/simulator/{store.shop_domain}/faults"
        requests.post(faults, json=SLOW, timeout=10).raise_for_status()
    return stores


def _click(store: Business, installation: Installation) -> float:
    """Return the seconds from the click to the start of its run."""
    run_id = runs.request(store.key, Trigger.BUTTON, datetime.now(UTC))

    def started() -> float | None:
        run = next(run for run in runs.recent(store.key) if run.run_id == run_id)
        return (run.started_at - run.requested_at).total_seconds() if run.started_at else None

    seconds: float = wait_until(started, "the sync begins", installation.logs, seconds=300)
    time.sleep(0.5)
    return seconds


if __name__ == "__main__":
    sys.exit(main())
