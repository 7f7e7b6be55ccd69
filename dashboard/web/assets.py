"""The scripts, styles and fonts of Streamlit's page and of our components: compressed, and cached for good.

Streamlit serves these files uncompressed. They are nearly all of a first load: nine megabytes, two and a half when
compressed. Their names contain a hash of their content, so a browser never needs to ask for one again.
"""

from __future__ import annotations

import gzip
import mimetypes
import re
from functools import cache
from pathlib import Path

import streamlit
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard import components

_FOLDER = Path(streamlit.__file__).with_name("static")
FILES = {
    **{f"/{path.relative_to(_FOLDER).as_posix()}": (path,) for path in _FOLDER.glob("static/**/*") if path.is_file()},
    **components.FILES,
}
"""By address: the files whose contents are served there, one after the other."""
COMPRESSED = frozenset({".js", ".css", ".svg", ".json", ".map", ".wasm"})
"""Suffixes. Fonts and images are compressed by their formats."""
FOR_GOOD = "public, max-age=31536000, immutable"


class Assets:
    """ASGI middleware: answers for these files, and passes every other request on.

    A route could not, because Streamlit keeps these addresses to itself.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request for a file, or pass it on."""
        paths = FILES.get(scope.get("path", "")) if scope["type"] == "http" else None
        if paths is None:
            await self._app(scope, receive, send)
            return
        response = await run_in_threadpool(_response, paths, Headers(scope=scope))
        await response(scope, receive, send)


def accepts_gzip(headers: Headers) -> bool:
    """Whether Accept-Encoding names gzip, and not with a weight of zero."""
    return re.search(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", headers.get("accept-encoding", ""), re.I) is not None


def _response(paths: tuple[Path, ...], accepted: Headers) -> Response:
    headers = {"Cache-Control": FOR_GOOD}
    if paths[-1].suffix not in COMPRESSED:
        return FileResponse(paths[-1], headers=headers)
    headers["Vary"] = "Accept-Encoding"
    media_type = mimetypes.guess_type(paths[-1].name)[0]
    if not accepts_gzip(accepted):
        return Response(_content(paths), headers=headers, media_type=media_type)
    headers["Content-Encoding"] = "gzip"
    return Response(_compress(paths), headers=headers, media_type=media_type)


def _content(paths: tuple[Path, ...]) -> bytes:
    return b"".join(path.read_bytes() for path in paths)


@cache
def _compress(paths: tuple[Path, ...]) -> bytes:
    # Once in a process: the largest script takes half a second, and all together a few megabytes of memory.
    return gzip.compress(_content(paths), 9, mtime=0)
