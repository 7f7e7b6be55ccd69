"""Streams a file from PostgreSQL to a browser that may stop reading or disconnect at any time.

A file takes one of a few places, and keeps it only as long as its browser reads.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Protocol

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from core import logs
from core.errors import RateLimited, XenoError

WAIT_SECONDS = 10.0
"""The longest wait of a file for a place. Small files leave theirs within a moment."""
WRITE_SECONDS = 30.0
"""The longest time for a browser to read one piece of some 64 KB."""

WHOLE_SECONDS = 3600.0
"""The longest time for a whole file, however steadily the browser reads."""

log = logs.get(__name__)


class Pieces(Protocol):
    """The content: see `core.exports.Pieces`."""

    def __iter__(self) -> Iterator[bytes]: ...
    def __next__(self) -> bytes: ...
    def close(self) -> None: ...
    def cancel(self) -> None: ...


class Places:
    """Limits the files that are sent at once. `most` is by the kind of name: "tenant" for "tenant 7"."""

    def __init__(self, most: Mapping[str, int], wait_seconds: float = WAIT_SECONDS) -> None:
        self._most = most
        self._wait_seconds = wait_seconds
        self._taken: Counter[str] = Counter()
        self._waiting: set[asyncio.Event] = set()

    @asynccontextmanager
    async def taken(self, *names: str) -> AsyncIterator[None]:
        """Hold one place under each of these names.

        Raises:
            RateLimited: none was free for `wait_seconds`.
        """
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._wait_for(names)
        except TimeoutError:
            raise RateLimited(
                "Too many downloads are running; wait until one has finished, then try again.", retry_after=10
            ) from None
        self._taken.update(names)
        try:
            yield
        finally:
            self._taken.subtract(names)
            self._taken = +self._taken  # drops names without a place
            for freed in self._waiting:
                freed.set()

    async def _wait_for(self, names: tuple[str, ...]) -> None:
        while any(self._taken[name] >= self._most[name.partition(" ")[0]] for name in names):
            freed = asyncio.Event()
            self._waiting.add(freed)
            try:
                await freed.wait()
            finally:
                self._waiting.discard(freed)


class Download(Response):
    """The response with a file; if it cannot begin, the response that `refuse` makes of the error."""

    def __init__(
        self,
        pieces: Pieces,
        places: Places,
        names: tuple[str, ...],
        refuse: Callable[[XenoError], Response],
        headers: Mapping[str, str],
        media_type: str,
        write_seconds: float = WRITE_SECONDS,
        whole_seconds: float = WHOLE_SECONDS,
    ) -> None:
        super().__init__(headers=headers, media_type=media_type)
        del self.headers["content-length"]
        self._pieces = pieces
        self._places, self._names = places, names
        self._refuse = refuse
        self._write_seconds, self._whole_seconds = write_seconds, whole_seconds
        self._has_begun = self._is_disconnected = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file, as far as the browser reads it."""
        try:
            async with self._places.taken(*self._names):
                await self._send_watched(receive, send)
        except XenoError as error:
            if not self._has_begun:
                await self._refuse(error)(scope, receive, send)
            elif not self._is_disconnected:
                # The response stays without its end, so the browser reports an incomplete file.
                log.warning("download aborted", reason=str(error))

    async def _send_watched(self, receive: Receive, send: Send) -> None:
        watcher = asyncio.create_task(self._watch(receive))
        try:
            async with asyncio.timeout(self._whole_seconds):
                await self._send_pieces(send)
        except TimeoutError:
            log.info("download ended: the browser reads too slowly")
        finally:
            watcher.cancel()
            # Shielded: a cancelled response must still give its database connection back.
            await asyncio.shield(run_in_threadpool(self._pieces.close))

    async def _send_pieces(self, send: Send) -> None:
        piece = await run_in_threadpool(next, self._pieces, b"")
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        self._has_begun = True
        while piece and not self._is_disconnected:
            async with asyncio.timeout(self._write_seconds):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            piece = await run_in_threadpool(next, self._pieces, b"")
        if not self._is_disconnected:
            await send({"type": "http.response.body", "body": b""})

    async def _watch(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._is_disconnected = True
        await run_in_threadpool(self._pieces.cancel)
