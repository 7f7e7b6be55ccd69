"""Liveness and readiness of the receiver."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

ROOT = Path(__file__).parents[2]


def test_the_receiver_is_alive_and_ready(app: Flask) -> None:
    client = app.test_client()

    assert (client.get("/healthz").status_code, client.get("/healthz").text) == (200, "alive\n")
    assert (client.get("/readyz").status_code, client.get("/readyz").text) == (200, "ready\n")


@pytest.mark.usefixtures("closed_database")
def test_without_its_database_it_is_alive_but_not_ready(app: Flask) -> None:
    client = app.test_client()

    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503


def test_a_receiver_that_could_store_nothing_does_not_start_and_says_why() -> None:
    env = {"SECRET_KEY": "k" * 32, "DATABASE_URL": "postgresql://xeno:geheim@127.0.0.1:9/xeno"}
    command = [sys.executable, "-m", "webhook_receiver"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr == (
        "The webhook receiver does not start: The database does not answer; "
        "check that PostgreSQL runs and that DATABASE_URL is right.\n"
    )
