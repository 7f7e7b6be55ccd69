"""A flood of unsigned requests from one address gets 429; signed deliveries are accepted meanwhile."""

from __future__ import annotations

import requests

from tests.attack.target import Target
from webhook_receiver.error_responses import BURST

FLOODER = "203.0.113.7"


def test_a_flood_of_forged_deliveries_is_limited_and_the_signed_ones_are_not(target: Target) -> None:
    shop, statuses = target.acme.shop, []
    for number in range(BURST + 30):
        forged = target.post(
            "flood", shop, "carts/update", b'{"id": "f"}', secret="another", **{"X-Forwarded-For": FLOODER}
        )
        statuses.append(forged.status_code)
        if number % 20 == 0:
            signed = target.post(
                "signed beside a flood", shop, "carts/update", b'{"id": "f"}', **{"X-Forwarded-For": FLOODER}
            )
            assert signed.status_code == 200

    assert set(statuses) == {401, 429}
    assert statuses[: BURST - 10] == [401] * (BURST - 10)
    assert int(forged.headers["Retry-After"]) >= 1


def test_an_unknown_address_is_404_without_a_page(target: Target) -> None:
    for path in ("/metrics", "/.env", "/admin", "/webhooks/other"):
        answer = requests.get(target.installation.webhook_url + path, timeout=10)
        target.tally.note("unexpected addresses", answer.status_code)
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/plain; charset=utf-8")
        assert "Server" not in answer.headers
