"""A storm from its first drop until everything is equal again, or the patience is over."""

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
from tests.storm import equality
from tests.storm.businesses import NORTH, OPERATORS_APP, SHOPS, connect, load_anew, owner_of
from tests.storm.equality import Stored
from tests.storm.ground import Ground
from tests.storm.life import Life
from tests.storm.weather import Weather

PATIENCE = 600.0
"""Seconds in which everything has to be equal, once the storm is over and there is something to compare with."""
_FRONT, _KILL = (3.0, 8.0), (8.0, 20.0)
"""Seconds between two changes of the weather, and between two kills."""
_PAUSE = 0.15
_NIGHT = 90.0
"""Seconds that stand for the time between two checks of all days."""

_SHARED = ("DATABASE_URL", "SECRET_KEY", "SHOPIFY_ADMIN_URL", "PUBLIC_URL", "PUBLIC_WEBHOOK_URL", *OPERATORS_APP)

Say = Callable[[str], None]


@dataclass
class Report:
    """What was done to the installation, and what came of it."""

    seed: int
    seconds: float
    happened: Counter[str] = field(default_factory=Counter)
    injected: Counter[str] = field(default_factory=Counter)
    killed: Counter[str] = field(default_factory=Counter)
    deliveries: int = 0
    compared: Counter[str] = field(default_factory=Counter)
    seconds_until_equal: float | None = None
    lost: list[str] = field(default_factory=list)


def storm(folder: Path, seconds: float, seed: int, orders: int, say: Say) -> Report:
    """Rage for so long, then wait until everything is equal; what is not by the end of PATIENCE is lost."""
    ground = Ground(folder, **OPERATORS_APP)
    try:
        _configure(ground)
        database.migrate()
        options = [option for shop in SHOPS for option in ("--shop", shop)]
        ground.open(*options, "--orders", str(orders), "--customers", str(orders // 3), "--bucket", "20000")
        connected = connect(ground)
        report = _rage(ground, seconds, seed, say)
        began = time.monotonic()
        report.lost = _until_equal(ground, connected, say)
        report.seconds_until_equal = None if report.lost else time.monotonic() - began
        for stored in connected.values():
            report.compared += Counter(equality.count(stored))
        report.deliveries = _deliveries(ground)
        return report
    except BaseException:
        say(ground.logs())
        raise
    finally:
        database.pools().dispose()
        ground.close()


def _configure(ground: Ground) -> None:
    """This process looks at the same installation."""
    os.environ |= {name: ground.env[name] for name in _SHARED}
    settings.cache_clear()


def _rage(ground: Ground, seconds: float, seed: int, say: Say) -> Report:
    rng = random.Random(f"storm/{seed}")
    report = Report(seed, seconds)
    lives = [Life(ground.simulator_url, shop, DEMO_TOKEN, f"life/{shop}/{seed}") for shop in SHOPS]
    fronts = [Weather(ground.simulator_url, shop, seed, revokes=shop == NORTH) for shop in SHOPS]
    over = time.monotonic() + seconds
    front, kill = 0.0, time.monotonic() + rng.uniform(*_KILL)
    while time.monotonic() < over:
        if time.monotonic() >= front:
            rng.choice(fronts).change() if front else [each.change() for each in fronts]
            front = time.monotonic() + rng.uniform(*_FRONT)
        if time.monotonic() >= kill:
            say(f"{over - time.monotonic():5.0f} s to go: killed {ground.kill_one(rng)}")
            kill = time.monotonic() + rng.uniform(*_KILL)
        rng.choice(lives).go_on()
        time.sleep(rng.uniform(0, 2 * _PAUSE))
    for each in fronts:
        report.injected += Counter(each.injected())
        each.calm()
    for life in lives:
        report.happened += life.happened
    report.killed = ground.killed
    say("the storm is over")
    return report


def _until_equal(ground: Ground, connected: dict[str, Stored], say: Say) -> list[str]:
    """Wait for the schedule to bring everything in; what still differs at the end of PATIENCE."""
    calm_since = datetime.now(UTC)
    fresh = load_anew()
    say("both shops were loaded anew beside, to compare with")
    began, known, checked = time.monotonic(), -1, float("-inf")
    deadline = began + PATIENCE
    while True:
        odd = [line for shop in SHOPS for line in _odd(ground, shop, connected[shop], fresh[shop])]
        if not odd or time.monotonic() > deadline:
            return odd
        if len(odd) != known:
            say(f"{time.monotonic() - began:5.0f} s after it: {len(odd)} differences yet, such as: {odd[0][:200]}")
            known = len(odd)
        quiet = all(_is_quiet(ground, stored, calm_since) for stored in connected.values())
        if quiet and time.monotonic() - checked > _NIGHT:
            # The storm does not wait for the nights in which the schedule asks for the same.
            for shop, (_, store_id) in connected.items():
                reconcile.request(owner_of(shop), store_id, datetime.now(UTC), is_whole=True)
            say(f"{time.monotonic() - began:5.0f} s after it: the check of all days is asked for")
            checked = time.monotonic()
        time.sleep(3)


def _odd(ground: Ground, shop: str, ours: Stored, fresh: Stored) -> Iterator[str]:
    for line in equality.differences(ours, fresh):
        yield f"{shop}: {line}"
    for line in equality.wrong_figures(ours, ground.simulator_url, shop):
        yield f"{shop}: {line}"


def _is_quiet(ground: Ground, stored: Stored, calm_since: datetime) -> bool:
    """Whether a sync was asked for since the storm, and has ended, and nothing waits to be applied."""
    (last, *_) = runs.recent(StoreKey(*stored))
    if last.active or last.requested_at < calm_since:
        return False
    with ground.connect() as owner:
        return _number(owner, "SELECT count(*) FROM deliveries WHERE state IN ('pending', 'unconfirmed')") == 0


def _deliveries(ground: Ground) -> int:
    with ground.connect() as owner:
        return _number(owner, "SELECT count(*) FROM deliveries")


def _number(owner: psycopg.Connection[tuple[object, ...]], query: str) -> int:
    (found,) = owner.execute(query).fetchone() or (0,)
    return int(str(found))
