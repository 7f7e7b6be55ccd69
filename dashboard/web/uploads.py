"""Where the import form of the Stores page posts its files: `/imports`, of the store of whoever is signed in.

A route and not an upload widget: that one keeps every file in memory, whole, and for visitors who have not signed in
as well. Here the session is asked first, and the bytes go through a file on disk into the database.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Message

from core import accounts, imports
from core.accounts import Action, Actor
from core.errors import InvalidInput, NotAllowed, NotFound, TransientError
from dashboard.web import cookies, refusals
from dashboard.web.streams import Places

ADDRESS = "/imports"
MOST_FILES = 100
READ_SECONDS = 30.0
"""How long the next piece of a file may take to arrive."""
WHOLE_SECONDS = 3600.0
"""How long all files together may take."""
_MOST_OF_BODY = imports.MOST_BYTES + (1 << 20)
"""Bytes: the files, and the rest of the form."""


class Intake:
    """The route's endpoint. `most_bytes` bounds the whole form, `read_seconds` the wait for its next piece."""

    def __init__(self, most_bytes: int = _MOST_OF_BODY, read_seconds: float = READ_SECONDS) -> None:
        self._most_bytes = most_bytes
        self._read_seconds = read_seconds
        # Each upload occupies its size on disk until it is in the database.
        self._places = Places({"process": 8, "tenant": 2})

    async def upload(self, request: Request) -> Response:
        """Keep the files, ask the worker for the import, and go back to the Stores page, which shows its progress."""
        if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return refusals.say("Import files from the Stores page", 403)
        try:
            actor = await run_in_threadpool(_actor, request.cookies)
            if actor is None:
                return refusals.say("Sign in first, then import the files again", 401)
            async with self._places.taken("process", f"tenant {actor.tenant_id}"):
                async with asyncio.timeout(WHOLE_SECONDS):
                    await self._take_in(request, actor)
        except (HTTPException, ClientDisconnect) as error:
            detail = getattr(error, "detail", "the connection ended")
            return refusals.say(f"The files did not arrive whole ({detail}); import them again", 400)
        except TimeoutError:
            return refusals.say("The files arrived too slowly; import them again", 408, {"Connection": "close"})
        except (InvalidInput, NotAllowed, NotFound, TransientError) as error:
            return refusals.of(error)
        return RedirectResponse("/stores", status_code=303, headers={"Cache-Control": "no-store"})

    async def _take_in(self, request: Request, actor: Actor) -> None:
        """Store the files in the database, by way of temporary files on disk.

        Raises:
            InvalidInput: the files are too large; raised before they fill the disk.
            TimeoutError: no piece arrived in time.
        """
        length = request.headers.get("content-length", "")
        if length.isdigit() and int(length) > self._most_bytes:
            raise imports.too_large()
        received = 0

        async def bounded() -> Message:
            nonlocal received
            async with asyncio.timeout(self._read_seconds):
                message = await request.receive()
            received += len(message.get("body", b""))
            if received > self._most_bytes:
                raise imports.too_large()
            return message

        async with Request(request.scope, bounded).form(max_files=MOST_FILES, max_fields=2) as form:
            await run_in_threadpool(_request, actor, form)


def _actor(sent: dict[str, str]) -> Actor | None:
    """Who asks, if the role allows an import: asked before a byte of the files is read."""
    token = cookies.session_token(sent)
    session = accounts.session_of(token, datetime.now(UTC)) if token else None
    if session is None:
        return None
    actor = Actor(session.user_id, session.tenant_id)
    accounts.authorise(actor, Action.SYNC)
    return actor


def _request(actor: Actor, form: FormData) -> None:
    files = [each for each in form.getlist("files") if isinstance(each, UploadFile) and each.filename]
    uploads = [imports.Upload(file.filename or "", file.size or 0, file.file) for file in files]
    any_currency = form.get("currencies") == "all"
    imports.request(actor, _store_id(form), uploads, datetime.now(UTC), any_currency)


def _store_id(form: FormData) -> int:
    said = form.get("store", "")
    if not isinstance(said, str) or not said.isascii() or not said.isdigit() or len(said) > 18:
        raise NotFound("There is no such store here.")
    return int(said)


routes = [Route(ADDRESS, Intake().upload, methods=["POST"])]
