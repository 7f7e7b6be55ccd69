"""The routes to which forms post files: `/imports` for orders, `/unit-costs` for unit costs,
`/exchange-rates` for rates.

Streamlit's upload widget would keep whole files in memory, even those of visitors who are not signed in. The route
checks the session first, and the bytes go through a file on disk into the database.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Message

from core import accounts, costs, exchange, imports, stores
from core.accounts import Action, Actor
from core.errors import InvalidInput, NotAllowed, NotFound, StoreNotFound, TransientError
from dashboard import addresses
from dashboard.navigation import local_address
from dashboard.web import cookies, refusals
from dashboard.web.streams import Places

MOST_FILES = 100
READ_SECONDS = 30.0
"""The longest wait for the next piece of a file."""
WHOLE_SECONDS = 3600.0
"""The longest time for all files together."""
_MOST_OF_BODY = imports.MOST_BYTES + (1 << 20)
"""Bytes of the files and the rest of the form."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """What the files of a route are for. `save` stores them and returns the address of the page that shows them."""

    form: str
    action: Action
    save: Callable[[Actor, FormData], str]
    too_large: Callable[[], InvalidInput]


class Intake:
    """A route's endpoint. `most_bytes` bounds the whole form, `read_seconds` the wait for its next piece."""

    def __init__(
        self, most_bytes: int = _MOST_OF_BODY, read_seconds: float = READ_SECONDS, purpose: Purpose | None = None
    ) -> None:
        self._purpose = purpose or ORDERS
        self._most_bytes = most_bytes
        self._read_seconds = read_seconds
        # Each upload occupies its size on disk until it is in the database.
        self._places = Places({"process": 8, "tenant": 2})

    async def upload(self, request: Request) -> Response:
        """Store the files, and redirect to the page that shows them."""
        if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return refusals.refuse(f"Upload files from {self._purpose.form}", 403)
        try:
            actor = await run_in_threadpool(_actor, request.cookies, self._purpose.action)
            if actor is None:
                return refusals.refuse("Sign in first, then upload the files again", 401)
            async with self._places.taken("process", f"tenant {actor.tenant_id}"):
                async with asyncio.timeout(WHOLE_SECONDS):
                    address = await self._store(request, actor)
        except (HTTPException, ClientDisconnect) as error:
            detail = getattr(error, "detail", "the connection ended")
            return refusals.refuse(f"The upload was incomplete ({detail}); upload the files again", 400)
        except TimeoutError:
            return refusals.refuse("The upload was too slow; upload the files again", 408, {"Connection": "close"})
        except (InvalidInput, NotAllowed, NotFound, TransientError) as error:
            return refusals.respond(error)
        return RedirectResponse(address, status_code=303, headers={"Cache-Control": "no-store"})

    async def _store(self, request: Request, actor: Actor) -> str:
        """Store the files in the database, through temporary files on disk. Return the address to redirect to.

        Raises:
            InvalidInput: the files are too large; raised before they fill the disk.
            TimeoutError: no piece arrived in time.
        """
        length = request.headers.get("content-length", "")
        if length.isdigit() and int(length) > self._most_bytes:
            raise self._purpose.too_large()
        received = 0

        async def bounded() -> Message:
            nonlocal received
            async with asyncio.timeout(self._read_seconds):
                message = await request.receive()
            received += len(message.get("body", b""))
            if received > self._most_bytes:
                raise self._purpose.too_large()
            return message

        async with Request(request.scope, bounded).form(max_files=MOST_FILES, max_fields=2) as form:
            return await run_in_threadpool(self._purpose.save, actor, form)


def _actor(cookie_values: dict[str, str], action: Action) -> Actor | None:
    """The signed-in user, if the role allows the action; None without a session. Called before any file is read."""
    token = cookies.session_token(cookie_values)
    session = accounts.session_of(token, datetime.now(UTC)) if token else None
    if session is None:
        return None
    actor = Actor(session.user_id, session.tenant_id)
    accounts.authorise(actor, action)
    return actor


def _request_import(actor: Actor, form: FormData) -> str:
    files = [file for file in form.getlist("files") if isinstance(file, UploadFile) and file.filename]
    uploads = [imports.Upload(file.filename or "", file.size or 0, file.file) for file in files]
    any_currency = form.get("currencies") == "all"
    imports.request(actor, _store_id(form), uploads, datetime.now(UTC), any_currency)
    return "/stores"


def _store_unit_costs(actor: Actor, form: FormData) -> str:
    file = form.get("files")
    if not isinstance(file, UploadFile) or not file.filename:
        raise InvalidInput("Choose a CSV file first, then upload it.")
    costs.store_file(actor, _store_id(form), file.filename, file.file.read(), datetime.now(UTC))
    return local_address(str(form.get("back", "")))


def _save_rates(actor: Actor, form: FormData) -> str:
    file, listed = form.get("files"), stores.list_stores(actor.tenant_id)
    if not isinstance(file, UploadFile) or not file.filename:
        raise InvalidInput("Choose a CSV file first, then upload it.")
    if listed:
        into = exchange.report_currency(actor.tenant_id, listed)
        exchange.save_file(actor, file.file.read(), into, listed, datetime.now(UTC))
    return local_address(str(form.get("back", "")))


def _store_id(form: FormData) -> int:
    text = form.get("store", "")
    if not isinstance(text, str) or not text.isascii() or not text.isdigit() or len(text) > 18:
        raise StoreNotFound
    return int(text)


ORDERS = Purpose("the Stores page", Action.SYNC, _request_import, imports.too_large)
UNIT_COSTS = Purpose("the Profit page", Action.ENTER_COSTS, _store_unit_costs, costs.too_large)
EXCHANGE_RATES = Purpose("the All stores page", Action.SET_RATES, _save_rates, exchange.too_large)

routes = [
    Route(addresses.IMPORTS, Intake().upload, methods=["POST"]),
    Route(addresses.UNIT_COSTS, Intake(costs.MOST_BYTES + (1 << 16), purpose=UNIT_COSTS).upload, methods=["POST"]),
    Route(
        addresses.EXCHANGE_RATES,
        Intake(exchange.MOST_BYTES + (1 << 16), purpose=EXCHANGE_RATES).upload,
        methods=["POST"],
    ),
]
