"""One line an event, with whom it concerns, and never a secret or a person's address."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TOKEN = "shpat_0123456789abcdef"

PROGRAM = """
import logging
from core import logs

logs.configure({form!r})
log = logs.get("core.something")
{body}
"""


def run(body: str, form: str = "json") -> str:
    """What a process says on stderr; on stdout it says nothing."""
    program = PROGRAM.format(form=form, body=body)
    command = [sys.executable, "-W", "error", "-c", program]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    return done.stderr


def lines(body: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run(body).splitlines()]


def test_a_line_for_machines_says_what_when_where_and_whom() -> None:
    (line,) = lines("with logs.bound(tenant_id=7, store_id=8): log.info('sync run succeeded', records=3)")

    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "sync run succeeded",
        "level": "info",
        "logger": "core.something",
        "tenant_id": 7,
        "store_id": 8,
        "records": 3,
    }


def test_bound_values_end_with_their_block() -> None:
    (line,) = lines("with logs.bound(tenant_id=7): pass\nlog.info('later')")

    assert "tenant_id" not in line


def test_a_line_for_people_can_be_read_without_a_warning() -> None:
    said = run(
        "with logs.bound(tenant_id=7):\n try: 1/0\n except ZeroDivisionError: log.exception('broke')", "console"
    )

    assert "broke" in said
    assert "tenant_id=7" in said
    assert "ZeroDivisionError: division by zero" in said
    assert "UserWarning" not in said


def test_libraries_lines_are_of_the_same_kind() -> None:
    (line,) = lines("with logs.bound(tenant_id=7): logging.getLogger('library').warning('said %s', 'so')")

    assert (line["event"], line["level"], line["tenant_id"]) == ("said so", "warning", 7)


def test_an_error_comes_with_where_it_happened_on_one_line() -> None:
    (line,) = lines("try: 1/0\nexcept ZeroDivisionError: log.exception('broke')")

    assert line["level"] == "error"
    assert "ZeroDivisionError: division by zero" in line["exception"]


def test_the_queue_does_not_log_every_job() -> None:
    assert lines("logging.getLogger('procrastinate.worker').info('a job')") == []


@pytest.mark.parametrize(
    ("said", "leak"),
    [
        (f"log.info('got {TOKEN}')", TOKEN),
        ("log.info('x', api_token='geheim')", "geheim"),
        ("log.info('x', Authorization='geheim')", "geheim"),
        (f"log.info('x', headers={{'X-Shopify-Access-Token': '{TOKEN}'}})", TOKEN),
        ("log.info('x', body={'customer': {'email': 'geheim'}})", "geheim"),
        (f"log.info('x', tried=['{TOKEN}', ('shpss_1',)])", "shp"),
        ("log.info('x', url='postgresql://xeno:geheim@db/xeno')", "geheim"),
        ("log.info('x', url='postgresql://:geheim@db/xeno')", "geheim"),
        ("log.info('mailed ada.lovelace@example.com')", "ada"),
        ("logging.getLogger('library').warning('ada@example.com at postgresql://u:geheim@db/x')", "geheim"),
        (f"try: raise ValueError('{TOKEN}')\nexcept ValueError: log.exception('broke')", TOKEN),
        ("log.info('null value\\nDETAIL:  Failing row contains (1, Ada Lovelace, geheim).')", "Ada"),
    ],
)
def test_no_secret_and_no_address_is_logged(said: str, leak: str) -> None:
    visible = run(said)

    assert "[redacted]" in visible
    assert leak not in visible


def test_numbers_and_names_of_things_stay_readable() -> None:
    (line,) = lines(
        "log.info('x', shop='acme.myshopify.com', document='orders', wait=1.5, ids=[1, 2], of={'a': None})"
    )

    assert (line["shop"], line["document"], line["wait"], line["ids"], line["of"]) == (
        "acme.myshopify.com",
        "orders",
        1.5,
        [1, 2],
        {"a": None},
    )
