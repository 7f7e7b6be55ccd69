"""A storm: faults, kills and events for some time, then the wait until everything is equal."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from core import database, reconcile
from core.config import DEMO_TOKEN, settings
from core.database import StoreKey
from core.sync import runs
from tests.storm import comparison
from tests.storm.businesses import NORTH, OPERATORS_APP, SHOPS, connect, load_fresh_stores, owner_of
from tests.storm.installation import RestartingInstallation
from tests.storm.random_faults import RandomFaults
from tests.storm.shop_events import ShopEvents

PATIENCE = 900.0
"""Seconds in which everything has to become equal, after the storm is over and the fresh load is done."""
_FAULT_CHANGE, _KILL = (3.0, 8.0), (8.0, 20.0)
"""Seconds between two changes of the faults, and between two kills."""
_PAUSE = 0.15
_NIGHT = 90.0
"""Seconds that stand for the time between two checks of all days."""

_SHARED = ("DATABASE_URL", "SECRET_KEY", "SHOPIFY_ADMIN_URL", "PUBLIC_URL", "PUBLIC_WEBHOOK_URL", *OPERATORS_APP)

Say = Callable[[str], None]


@dataclass
class Report:
    """What was done to the installation, and the result."""

    seed: int
    seconds: float
    triggered: Counter[str] = field(default_factory=Counter)
    injected: Counter[str] = field(default_factory=Counter)
    killed: Counter[str] = field(default_factory=Counter)
    deliveries: int = 0
    compared: Counter[str] = field(default_factory=Counter)
    seconds_until_equal: float | None = None
    lost: list[str] = field(default_factory=list)


def storm(folder: Path, seconds: float, seed: int, orders: int, say: Say) -> Report:
    """Run the storm, then wait until everything is equal. Differences after PATIENCE are lost rows."""
    installation = RestartingInstallation(folder, **OPERATORS_APP)
    try:
        _configure(installation)
        database.migrate()
        options = [option for shop in SHOPS for option in ("--shop", shop)]
        installation.open(*options, "--orders", str(orders), "--customers", str(orders // 3), "--bucket", "20000")
        connected = connect(installation)
        report = _run_storm(installation, seconds, seed, say)
        began = time.monotonic()
        report.lost = _until_equal(installation, connected, say)
        report.seconds_until_equal = None if report.lost else time.monotonic() - began
        for store in connected.values():
            report.compared += Counter(comparison.count(store))
        report.deliveries = _deliveries(installation)
        return report
    except BaseException:
        say(installation.logs())
        raise
    finally:
        database.pools().dispose()
        installation.close()


def _configure(installation: RestartingInstallation) -> None:
    """Point this process at the same installation."""
    os.environ |= {name: installation.env[name] for name in _SHARED}
    settings.cache_clear()


def _run_storm(installation: RestartingInstallation, seconds: float, seed: int, say: Say) -> Report:
    rng = random.Random(f"storm/{seed}")
    report = Report(seed, seconds)
    events = [ShopEvents(installation.simulator_url, shop, DEMO_TOKEN, f"life/{shop}/{seed}") for shop in SHOPS]
    faults = [RandomFaults(installation.simulator_url, shop, seed, revokes=shop == NORTH) for shop in SHOPS]
    deadline = time.monotonic() + seconds
    next_change, next_kill = 0.0, time.monotonic() + rng.uniform(*_KILL)
    while time.monotonic() < deadline:
        if time.monotonic() >= next_change:
            # At the beginning all shops get faults, then one shop at a time gets others.
            for shop_faults in [rng.choice(faults)] if next_change else faults:
                shop_faults.change()
            next_change = time.monotonic() + rng.uniform(*_FAULT_CHANGE)
        if time.monotonic() >= next_kill:
            say(f"{deadline - time.monotonic():5.0f} s to go: killed {installation.kill_one(rng)}")
            next_kill = time.monotonic() + rng.uniform(*_KILL)
        rng.choice(events).trigger_one()
        time.sleep(rng.uniform(0, 2 * _PAUSE))
    for shop_faults in faults:
        report.injected += Counter(shop_faults.injected())
        shop_faults.clear()
    for shop_events in events:
        report.triggered += shop_events.triggered
    report.killed = installation.killed
    say("the storm is over")
    return report


def _until_equal(installation: RestartingInstallation, connected: dict[str, StoreKey], say: Say) -> list[str]:
    """Wait until the schedule has fetched everything; returns the remaining differences after PATIENCE."""
    calm_since = datetime.now(UTC)
    fresh = load_fresh_stores()
    say("both shops were loaded into fresh stores, to compare with")
    began, known_count, checked_at = time.monotonic(), -1, float("-inf")
    deadline = began + PATIENCE
    while True:
        differences = [
            line for shop in SHOPS for line in _differences(installation, shop, connected[shop], fresh[shop])
        ]
        if not differences or time.monotonic() > deadline:
            return differences
        if len(differences) != known_count:
            sample = differences[0][:200]
            say(f"{time.monotonic() - began:5.0f} s after it: {len(differences)} differences yet, such as: {sample}")
            known_count = len(differences)
        is_quiet = all(_is_quiet(installation, store, calm_since) for store in connected.values())
        if is_quiet and time.monotonic() - checked_at > _NIGHT:
            # The schedule checks all days only at night; the storm does not wait for it.
            for shop, store in connected.items():
                reconcile.request(owner_of(shop), store.store_id, datetime.now(UTC), is_whole=True)
            say(f"{time.monotonic() - began:5.0f} s after it: a check of all days is requested")
            checked_at = time.monotonic()
        time.sleep(3)


def _differences(installation: RestartingInstallation, shop: str, ours: StoreKey, fresh: StoreKey) -> Iterator[str]:
    for line in comparison.differences(ours, fresh):
        yield f"{shop}: {line}"
    for line in comparison.wrong_figures(ours, installation.simulator_url, shop):
        yield f"{shop}: {line}"


def _is_quiet(installation: RestartingInstallation, store: StoreKey, calm_since: datetime) -> bool:
    """Whether a sync was requested since the storm and has ended, and no delivery waits."""
    (last, *_) = runs.recent(store)
    if last.active or last.requested_at < calm_since:
        return False
    with installation.connect() as owner:
        return _number(owner, "SELECT count(*) FROM deliveries WHERE state IN ('pending', 'unconfirmed')") == 0


def _deliveries(installation: RestartingInstallation) -> int:
    with installation.connect() as owner:
        return _number(owner, "SELECT count(*) FROM deliveries")


def _number(owner: psycopg.Connection[tuple[object, ...]], query: str) -> int:
    (number,) = owner.execute(query).fetchone() or (0,)
    return int(str(number))
