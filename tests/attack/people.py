"""Sets up the businesses in a process of its own, with the installation's settings: `python -m tests.attack.people`.

Alice's Acme is the victim and Charlie's Globex the attacker's business; both have installed the operator's app.
Prints their stores as JSON.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import requests
from flask.testing import FlaskClient

from core.accounts import Actor
from core.connections import connect, install
from tests.cast import Person, make_cast, sign_in
from webhook_receiver import create_app

SHOPS = {"acme": "attacked.myshopify.com", "globex": "attacker.myshopify.com"}


def main() -> int:
    cast = make_cast()
    people = {"acme": cast.alice, "globex": cast.charlie}
    print(json.dumps({name: _party(person, SHOPS[name]) for name, person in people.items()}))
    return 0


def _party(person: Person, shop: str) -> dict[str, object]:
    store = _install(person.actor, shop)
    return {**asdict(person), "store_id": store, "shop": shop, "session": sign_in(person)}


def _install(actor: Actor, shop: str) -> int:
    """Install the operator's app on the shop, with the browser of its owner."""
    browser = create_app().test_client()
    state = install.begin(actor, shop, datetime.now(UTC))
    consent_page = _location(browser, f"/connect/start?state={state}")
    callback = urlsplit(requests.post(consent_page, allow_redirects=False, timeout=10).headers["Location"])
    claim = parse_qs(urlsplit(_location(browser, f"{callback.path}?{callback.query}")).query)["claim"][0]
    return connect.confirm(actor, claim, datetime.now(UTC)).store_id


def _location(browser: FlaskClient, address: str) -> str:
    return browser.get(address).headers["Location"]


if __name__ == "__main__":
    sys.exit(main())
