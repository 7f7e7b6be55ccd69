"""Where the import form of the Stores page posts its files: `/imports`, of the store of whoever is signed in.

A route and not an upload widget: that one keeps every file in memory, whole, and for visitors who have not signed in
as well. Here the session is asked first, and the bytes go through a file on disk into the database, at any size.
"""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from core import accounts, imports
from core.accounts import Action, Actor
from core.errors import DatabaseUnavailable, InvalidInput, NotAllowed, NotFound, XenoError
from dashboard import cookies

ADDRESS = "/imports"
MOST_FILES = 100
_STATUS: dict[type[XenoError], int] = {InvalidInput: 400, NotAllowed: 403, NotFound: 404, DatabaseUnavailable: 503}


async def upload(request: Request) -> Response:
    """Keep the files, ask the worker for the import, and go back to the Stores page, which shows its progress."""
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return _refusal("Import files from the Stores page", 403)
    try:
        actor = await run_in_threadpool(_actor, request.cookies)
        if actor is None:
            return _refusal("Sign in first, then import the files again", 401)
        async with request.form(max_files=MOST_FILES, max_fields=2) as form:
            await run_in_threadpool(_request, actor, form)
    except HTTPException as error:
        return _refusal(f"The files did not arrive whole ({error.detail}); import them again", 400)
    except (InvalidInput, NotAllowed, NotFound, DatabaseUnavailable) as error:
        return _refusal(str(error), _STATUS[type(error)])
    return RedirectResponse("/stores", status_code=303, headers={"Cache-Control": "no-store"})


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


def _refusal(sentence: str, status: int) -> Response:
    return PlainTextResponse(f"{sentence.rstrip('.')}.\n", status_code=status, headers={"Cache-Control": "no-store"})


routes = [Route(ADDRESS, upload, methods=["POST"])]
