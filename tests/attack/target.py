"""The attacked installation: receiver, dashboard and worker over a database of their own, and a simulated Shopify."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import requests
from sqlalchemy import make_url

from core.config import WEBHOOK_PATH
from core.simulator.http.live_shop import LiveShop, Setup
from core.simulator.http.simulator import Simulator
from core.simulator.shop.shop import ShopSpec
from tests.attack.people import SHOPS
from tests.attack.tally import Tally
from tests.end_to_end.processes import ROOT, Installation, Process, installed, wait_until
from tests.shopify_sends import headers

CLIENT_ID = "0123456789abcdef0123456789abcdef"
SECRET = "shpss_0000000000000000000000operators"
"""The secret of the operator's app, which signs the webhooks of every shop that installed it."""

_SENDERS = count(1)


@dataclass(frozen=True)
class Party:
    """A business of the installation: its owner, the session of the owner's browser, and its store."""

    user_id: int
    tenant_id: int
    name: str
    email: str
    store_id: int
    shop: str
    session: str


@dataclass(frozen=True)
class Target:
    """The attacked installation. `acme` is the victim, `globex` the attacker's own business, at the same operator."""

    installation: Installation
    receiver: Process
    web: Process
    simulator: Simulator
    database_url: str
    acme: Party
    globex: Party
    tally: Tally
    acknowledged: set[str] = field(default_factory=set)

    @property
    def webhooks(self) -> str:
        """The address of deliveries."""
        return f"{self.installation.webhook_url}{WEBHOOK_PATH}"

    def shop(self, party: Party) -> LiveShop:
        """Return the party's shop at the simulated Shopify."""
        return self.simulator.live_shop(party.shop)

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Query the database as its owner, past every policy."""
        with psycopg.connect(self.database_url, autocommit=True) as owner:
            return owner.execute(query, values).fetchall()  # type: ignore[call-overload, no-any-return]

    def post(
        self, attack: str, shop: str, topic: str, raw: bytes, secret: str = SECRET, **changes: str | None
    ) -> requests.Response:
        """Post a body in a shop's name, signed with the operator's secret, and count it as an attempt of `attack`.

        Each comes from its own address, unless `changes` set one.
        """
        changes = {"X-Forwarded-For": _address(next(_SENDERS))} | changes
        fields = {name: value.encode() for name, value in headers(shop, topic, raw, secret, **changes).items()}
        answer = requests.post(self.webhooks, data=raw, headers=fields, timeout=30)
        self.tally.note(attack, answer.status_code)
        if answer.status_code == 200:
            self.acknowledged.add(fields["X-Shopify-Webhook-Id"].decode())
        return answer

    def lost(self) -> int:
        """Count the acknowledged deliveries that are not in the database."""
        stored = {webhook_id for (webhook_id,) in self.rows("SELECT webhook_id FROM deliveries")}
        return len(self.acknowledged - stored)

    def traces(self) -> int:
        """Count the exceptions in the processes' logs."""
        return sum(
            process.log.read_text(errors="replace").count("Traceback") for process in self.installation.processes
        )


@contextmanager
def attacked(server_url: str, folder: Path, tally: Tally) -> Iterator[Target]:
    """Run the installation with both stores loaded, until the block ends."""
    setups = [_setup(shop) for shop in SHOPS.values()]
    with Simulator(setups, backoff=()).running() as simulator:
        app = {
            "SHOPIFY_CLIENT_ID": CLIENT_ID,
            "SHOPIFY_CLIENT_SECRET": SECRET,
            "SHOPIFY_ADMIN_URL": simulator.admin_url,
            "LOG_FORMAT": "json",
            "TRUSTED_PROXIES": "127.0.0.1",
        }
        with installed(server_url, folder, **app) as installation:
            receiver, web = installation.receiver(), installation.web()
            parties = _set_up_people(installation)
            installation.worker()
            target = Target(installation, receiver, web, simulator, server_url, **parties, tally=tally)
            _wait_for_first_loads(target)
            yield target


def _address(number: int) -> str:
    """Return one of the addresses that are reserved for network tests."""
    return f"198.18.{number // 250 % 250}.{number % 250 + 1}"


def _setup(shop: str) -> Setup:
    spec = ShopSpec(
        domain=shop, name=shop.partition(".")[0].title(), customers=5, orders=8, until=date.today(), days=30
    )
    return Setup(spec, client_id=CLIENT_ID, secret=SECRET, bucket_size=20_000, restore_rate=10_000)


def _set_up_people(installation: Installation) -> dict[str, Party]:
    command = [sys.executable, "-m", "tests.attack.people"]
    done = subprocess.run(command, cwd=ROOT, env=installation.env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    parties = json.loads(done.stdout.splitlines()[-1])
    return {name: Party(**party) for name, party in parties.items()}


def _wait_for_first_loads(target: Target) -> None:
    loaded = "SELECT count(*) FROM sync_runs WHERE state = 'succeeded'"
    wait_until(lambda: target.rows(loaded)[0][0] >= 2, "both stores are loaded", target.installation.logs)


def psycopg_url(url: str) -> str:
    """Return the address in psycopg's form."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
