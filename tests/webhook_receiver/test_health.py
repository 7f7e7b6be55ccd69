"""What whoever watches the receiver sees."""

from __future__ import annotations

import pytest
from flask import Flask


def test_the_receiver_is_alive_and_ready(app: Flask) -> None:
    client = app.test_client()

    assert (client.get("/healthz").status_code, client.get("/healthz").text) == (200, "alive\n")
    assert (client.get("/readyz").status_code, client.get("/readyz").text) == (200, "ready\n")


@pytest.mark.usefixtures("closed_database")
def test_without_its_database_it_is_alive_but_not_ready(app: Flask) -> None:
    client = app.test_client()

    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
