"""The route `/imports`, to which the import form of the Stores page posts its files.

Streamlit's upload widget would keep whole files in memory, even those of visitors who are not signed in. The route
checks the session first, and the bytes go through a file on disk into the database.
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
from core.errors import InvalidInput, NotAllowed, NotFound, StoreNotFound, TransientError
from dashboard import addresses
from dashboard.web import cookies, refusals
from dashboard.web.streams import Places

MOST_FILES = 100
READ_SECONDS = 30.0
"""The longest wait for the next piece of a file."""
WHOLE_SECONDS = 3600.0
"""The longest time for all files together."""
_MOST_OF_BODY = imports.MOST_BYTES + (1 << 20)
"""Bytes of the files and the rest of the form."""


class Intake:
    """The route's endpoint. `most_bytes` bounds the whole form, `read_seconds` the wait for its next piece."""

    def __init__(self, most_bytes: int = _MOST_OF_BODY, read_seconds: float = READ_SECONDS) -> None:
        self._most_bytes = most_bytes
        self._read_seconds = read_seconds
        # Each upload occupies its size on disk until it is in the database.
        self._places = Places({"process": 8, "tenant": 2})

    async def upload(self, request: Request) -> Response:
        """Store the files, queue the import, and redirect to the Stores page, which shows its progress."""
        if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return refusals.refuse("Import files from the Stores page", 403)
        try:
            actor = await run_in_threadpool(_actor, request.cookies)
            if actor is None:
                return refusals.refuse("Sign in first, then import the files again", 401)
            async with self._places.taken("process", f"tenant {actor.tenant_id}"):
                async with asyncio.timeout(WHOLE_SECONDS):
                    await self._store(request, actor)
        except (HTTPException, ClientDisconnect) as error:
            detail = getattr(error, "detail", "the connection ended")
            return refusals.refuse(f"The upload was incomplete ({detail}); import them again", 400)
        except TimeoutError:
            return refusals.refuse("The upload was too slow; import the files again", 408, {"Connection": "close"})
        except (InvalidInput, NotAllowed, NotFound, TransientError) as error:
            return refusals.respond(error)
        return RedirectResponse("/stores", status_code=303, headers={"Cache-Control": "no-store"})

    async def _store(self, request: Request, actor: Actor) -> None:
        """Store the files in the database, through temporary files on disk.

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
            await run_in_threadpool(_request_import, actor, form)


def _actor(cookie_values: dict[str, str]) -> Actor | None:
    """The signed-in user, if the role allows an import; None without a session. Called before any file is read."""
    token = cookies.session_token(cookie_values)
    session = accounts.session_of(token, datetime.now(UTC)) if token else None
    if session is None:
        return None
    actor = Actor(session.user_id, session.tenant_id)
    accounts.authorise(actor, Action.SYNC)
    return actor


def _request_import(actor: Actor, form: FormData) -> None:
    files = [file for file in form.getlist("files") if isinstance(file, UploadFile) and file.filename]
    uploads = [imports.Upload(file.filename or "", file.size or 0, file.file) for file in files]
    any_currency = form.get("currencies") == "all"
    imports.request(actor, _store_id(form), uploads, datetime.now(UTC), any_currency)


def _store_id(form: FormData) -> int:
    text = form.get("store", "")
    if not isinstance(text, str) or not text.isascii() or not text.isdigit() or len(text) > 18:
        raise StoreNotFound
    return int(text)


routes = [Route(addresses.IMPORTS, Intake().upload, methods=["POST"])]
