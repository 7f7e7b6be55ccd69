"""A flood of unsigned requests from one address is told to come back later; signed deliveries go on beside it."""

from __future__ import annotations

import requests

from tests.attack.ground import Ground
from webhook_receiver.refusals import BURST

FLOODER = "203.0.113.7"


def test_a_flood_of_forged_deliveries_is_limited_and_the_signed_ones_are_not(ground: Ground) -> None:
    shop, statuses = ground.acme.shop, []
    for number in range(BURST + 30):
        forged = ground.post(
            "flood", shop, "carts/update", b'{"id": "f"}', secret="another", **{"X-Forwarded-For": FLOODER}
        )
        statuses.append(forged.status_code)
        if number % 20 == 0:
            signed = ground.post(
                "signed beside a flood", shop, "carts/update", b'{"id": "f"}', **{"X-Forwarded-For": FLOODER}
            )
            assert signed.status_code == 200

    assert set(statuses) == {401, 429}
    assert statuses[: BURST - 10] == [401] * (BURST - 10)
    assert int(forged.headers["Retry-After"]) >= 1


def test_an_address_that_is_not_there_is_404_and_no_page(ground: Ground) -> None:
    for path in ("/metrics", "/.env", "/admin", "/webhooks/other"):
        answer = requests.get(ground.installation.webhook_url + path, timeout=10)
        ground.tally.note("unexpected addresses", answer.status_code)
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/plain; charset=utf-8")
        assert "Server" not in answer.headers
