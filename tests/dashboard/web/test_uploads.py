"""The address that the import form posts to: who may, what is kept, and where the browser goes then."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp

from core import costs, exchange, imports
from core.database import rate_limits, tenant_session
from core.imports import load, rows
from dashboard import addresses
from dashboard.web import cookies, uploads
from tests.cast import Business, Cast, Person, add_store, sign_in
from tests.core.shopify.csv_files import file, first
from tests.dashboard.web.asgi import Answer

APP = Starlette(routes=uploads.routes)
EDGE = "----edge"


def post(
    files: Mapping[str, bytes],
    store: str,
    sent: Mapping[str, str],
    headers: Mapping[str, str] | None = None,
    fields: Mapping[str, str] | None = None,
    app: ASGIApp = APP,
    path: str = addresses.IMPORTS,
) -> Answer:
    """Post a form as a browser does, in messages of 64 KB."""
    parts = [
        f'--{EDGE}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in ({"store": store} | dict(fields or {})).items()
    ]
    for name, content in files.items():
        head = f'--{EDGE}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
        parts.append(head.encode() + content + b"\r\n")
    body = b"".join(parts) + f"--{EDGE}--\r\n".encode()
    headers_sent = {
        "cookie": "; ".join(f"{name}={value}" for name, value in sent.items()),
        "content-type": f"multipart/form-data; boundary={EDGE}",
        **(headers or {}),
    }
    return asyncio.run(_exchange(body, headers_sent, app, path))


async def _exchange(body: bytes, headers: Mapping[str, str], app: ASGIApp, path: str) -> Answer:
    answer, pieces = Answer(), [body[start : start + 65_536] for start in range(0, len(body), 65_536)]
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }

    async def receive() -> dict[str, Any]:
        if not pieces:
            await asyncio.sleep(60)
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces) or "x-stalls" in headers}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            answer.body += message.get("body", b"")

    await app(scope, receive, send)
    return answer


def browser(person: Person) -> dict[str, str]:
    """The cookie of a browser in which this person is signed in."""
    return {cookies.session_cookie(): sign_in(person)}


def stored_imports(business: Business) -> tuple[imports.ImportView, ...]:
    return imports.recent(business.key)


@pytest.mark.parametrize("ticked", [True, False])
def test_orders_in_other_currencies_are_taken_where_that_is_ticked(cast: Cast, ticked: bool) -> None:
    extra = {"currencies": "all"} if ticked else {}
    post({"1.csv": file(first())}, str(cast.acme.store_id), browser(cast.alice), fields=extra)
    (view,) = stored_imports(cast.acme)
    assert view.any_currency is ticked


def test_the_files_are_kept_for_the_worker_and_the_browser_goes_back_to_the_stores(cast: Cast) -> None:
    content = file(*(first(Name=f"#{number}", Id=str(9_000 + number), Notes="x" * 500) for number in range(3000)))
    answer = post({"orders_export_1.csv": content}, str(cast.acme.store_id), browser(cast.alice))
    assert (answer.status, answer.headers["location"]) == (303, "/stores")
    (view,) = stored_imports(cast.acme)
    assert (view.state, view.file_names, view.bytes_total) == ("queued", ("orders_export_1.csv",), len(content))
    assert b"".join(imports.pieces(cast.acme.tenant_id, view.import_id, 0)) == content
    load.work_on(cast.acme.key, view.import_id)
    assert stored_imports(cast.acme)[0].orders_done == 3000


def test_several_files_are_one_import(cast: Cast) -> None:
    post({"1.csv": b"one", "2.csv": b"two"}, str(cast.acme.store_id), browser(cast.alice))
    (view,) = stored_imports(cast.acme)
    assert view.file_names == ("1.csv", "2.csv")
    assert [b"".join(imports.pieces(cast.acme.tenant_id, view.import_id, number)) for number in (0, 1)] == [
        b"one",
        b"two",
    ]


def test_a_job_is_queued_with_the_files(cast: Cast) -> None:
    from sqlalchemy import text

    post({"1.csv": b"one"}, str(cast.acme.store_id), browser(cast.alice))
    with tenant_session(cast.acme.tenant_id) as session:
        query = text("SELECT args FROM procrastinate_jobs WHERE task_name = 'import_orders'")
        (queued,) = session.scalars(query)
    view = stored_imports(cast.acme)[0]
    assert queued == {
        "tenant_id": cast.acme.tenant_id,
        "store_id": cast.acme.store_id,
        "import_id": view.import_id,
    }


def test_without_a_session_nothing_is_kept(cast: Cast) -> None:
    answer = post({"1.csv": b"one"}, str(cast.acme.store_id), {})
    assert (answer.status, answer.text) == (401, "Sign in first, then upload the files again.\n")
    assert stored_imports(cast.acme) == ()


def test_a_viewer_may_not_import(cast: Cast) -> None:
    assert post({"1.csv": b"one"}, str(cast.acme.store_id), browser(cast.bob)).status == 403
    assert stored_imports(cast.acme) == ()


@pytest.mark.parametrize("store", ["", "0", "-1", "1 OR 1=1", "9" * 30])
def test_a_store_that_does_not_exist_is_not_found(cast: Cast, store: str) -> None:
    assert post({"1.csv": b"one"}, store, browser(cast.alice)).status == 404


def test_another_tenants_store_is_not_found(cast: Cast) -> None:
    assert post({"1.csv": b"one"}, str(cast.acme.store_id), browser(cast.charlie)).status == 404
    assert stored_imports(cast.acme) == ()


def test_a_form_of_another_site_is_refused(cast: Cast) -> None:
    answer = post(
        {"1.csv": b"one"}, str(cast.acme.store_id), browser(cast.alice), headers={"sec-fetch-site": "cross-site"}
    )
    assert answer.status == 403
    assert stored_imports(cast.acme) == ()


def test_a_form_without_a_file_says_what_to_choose(cast: Cast) -> None:
    answer = post({}, str(cast.acme.store_id), browser(cast.alice))
    assert (answer.status, answer.text) == (400, "Choose the CSV file, or the files, that Shopify sent.\n")


def test_more_files_than_an_export_has_are_refused(cast: Cast) -> None:
    files = {f"{number}.csv": b"x" for number in range(uploads.MOST_FILES + 1)}
    answer = post(files, str(cast.acme.store_id), browser(cast.alice))
    assert answer.status == 400
    assert stored_imports(cast.acme) == ()


def intake(most_bytes: int = 10_000, read_seconds: float = 5) -> ASGIApp:
    """The route with other bounds."""
    endpoint = uploads.Intake(most_bytes, read_seconds).upload
    return Starlette(routes=[Route(addresses.IMPORTS, endpoint, methods=["POST"])])


@pytest.mark.parametrize("headers", [{"content-length": "10001"}, {}], ids=["by its length", "as it arrives"])
def test_a_form_that_is_too_large_is_refused_with_the_cure(cast: Cast, headers: dict[str, str]) -> None:
    content = b"x" * (100 if headers else 200_000)
    answer = post({"1.csv": content}, str(cast.acme.store_id), browser(cast.alice), headers, app=intake())
    assert answer.status == 400
    assert answer.text.startswith(
        "Import at most 1024 MB at a time: export fewer months from Shopify at once, or ask"
    )
    assert stored_imports(cast.acme) == ()


def test_a_form_that_stops_arriving_is_given_up(cast: Cast) -> None:
    answer = post(
        {"1.csv": b"x"}, str(cast.acme.store_id), browser(cast.alice), {"x-stalls": "1"}, app=intake(read_seconds=0.1)
    )
    assert (answer.status, answer.text) == (408, "The upload was too slow; upload the files again.\n")


def test_no_more_waits_to_be_imported_than_there_is_room_for(cast: Cast) -> None:
    store, waiting = str(cast.acme.store_id), [("big.csv", rows.MOST_WAITING)]
    import_id = imports.add(cast.alice.actor, cast.acme.store_id, waiting, datetime.now(UTC))
    refused = post({"1.csv": b"one"}, store, browser(cast.alice))
    assert refused.status == 400
    assert refused.text.startswith("Too many imports are waiting; try again when they have finished")
    imports.finish(imports.key_of(cast.acme.key, import_id), datetime.now(UTC))
    assert post({"1.csv": b"one"}, store, browser(cast.alice)).status == 303


def test_a_business_that_imports_too_often_waits_and_another_does_not(cast: Cast) -> None:
    for _ in range(rate_limits.IMPORT.burst):
        rate_limits.take(rate_limits.IMPORT, rate_limits.tenant_subject(cast.acme.tenant_id), datetime.now(UTC))
    refused = post({"1.csv": b"one"}, str(cast.acme.store_id), browser(cast.alice))
    assert refused.status == 429
    assert 0 < int(refused.headers["retry-after"]) <= 48 * 60
    assert refused.text.startswith("Too many imports were started in the last day; wait ")
    assert stored_imports(cast.acme) == ()
    assert post({"1.csv": b"one"}, str(cast.globex.store_id), browser(cast.charlie)).status == 303


BACK = "/profit?section=Unit+costs"
COSTS = b"sku,unit_cost\nS-M,7.50\n"


def post_costs(
    cast: Cast, person: Person, content: bytes = COSTS, back: str = "/profit?section=Unit+costs"
) -> Answer:
    """Post a file of unit costs for Acme."""
    store = str(cast.acme.store_id)
    return post({"costs.csv": content}, store, browser(person), fields={"back": back}, path=addresses.UNIT_COSTS)


def test_unit_costs_are_kept_for_their_preview_and_the_browser_goes_back_to_it(cast: Cast) -> None:
    answer = post_costs(cast, cast.alice)
    assert (answer.status, answer.headers["location"]) == (303, BACK)
    file = costs.pending_file(cast.acme.key)
    assert file is not None
    assert file.name == "costs.csv"


def test_unit_costs_never_lead_to_another_site(cast: Cast) -> None:
    assert post_costs(cast, cast.alice, back="https://evil.example/").headers["location"] == "/"


def test_unit_costs_of_others_or_too_many_are_refused(cast: Cast) -> None:
    refused = [post_costs(cast, person).status for person in (cast.bob, cast.charlie)]
    refused.append(post_costs(cast, cast.alice, COSTS + b"x" * (costs.MOST_BYTES + (1 << 17))).status)
    assert refused == [403, 404, 400]
    assert costs.pending_file(cast.acme.key) is None


RATES = b"date,currency,rate\n2026-11-20,USD,0.92\n"


def post_rates(person: Person, content: bytes = RATES) -> Answer:
    """Post a file of exchange rates for the person's business."""
    fields = {"back": "/all-stores?range=Today"}
    return post({"rates.csv": content}, "", browser(person), fields=fields, path=addresses.EXCHANGE_RATES)


def test_rates_are_saved_for_the_business_of_who_uploads_them(cast: Cast) -> None:
    add_store(cast.alice.tenant_id, "Acme US", "acme-us.myshopify.com", "USD", "America/New_York")
    add_store(cast.alice.tenant_id, "Acme FR", "acme-fr.myshopify.com", "EUR", "Europe/Paris")
    answer = post_rates(cast.alice)
    assert (answer.status, answer.headers["location"]) == (303, "/all-stores?range=Today")
    assert exchange.uploaded_rates(cast.acme.tenant_id, "EUR")["USD"].days == 1
    assert exchange.uploaded_rates(cast.globex.tenant_id, "EUR") == {}


def test_rates_of_a_viewer_or_with_a_fault_are_refused(cast: Cast) -> None:
    add_store(cast.alice.tenant_id, "Acme US", "acme-us.myshopify.com", "USD", "America/New_York")
    add_store(cast.alice.tenant_id, "Acme FR", "acme-fr.myshopify.com", "EUR", "Europe/Paris")
    assert post_rates(cast.bob).status == 403
    refused = post_rates(cast.alice, RATES + b"2026-11-21,USD,none\n")
    assert (refused.status, "Line 3" in refused.text) == (400, True)
    assert exchange.uploaded_rates(cast.acme.tenant_id, "EUR") == {}
