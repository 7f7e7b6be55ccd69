"""The news of a store for open pages: server-sent events at `/live/<store>`.

One thread of the process listens to PostgreSQL; an open page holds neither a thread nor a database connection.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from core import accounts, logs, stores
from core.accounts import SessionView
from core.database import StoreKey, driver_conninfo, news
from core.domain.ids import LARGEST_ID
from core.errors import StoreNotFound, XenoError
from core.stores import StoreView
from dashboard import addresses
from dashboard.web import cookies, refusals
from dashboard.web.sockets import MOST_OF_USER

CHECK_SECONDS = 20.0
"""The longest time between two checks that the session still exists. Each sends a sign of life, too."""
GATHER_SECONDS = 0.05
"""Changes within this time are one event."""
_LONGEST_WAIT = 5.0

log = logs.get(__name__)


@dataclass(eq=False)
class Subscriber:
    """One open page. `changed` is set in the event loop of its request."""

    tenant_id: int
    loop: asyncio.AbstractEventLoop
    changed: asyncio.Event


class Listener:
    """Wakes the subscribers of a tenant when PostgreSQL announces a change.

    Its thread, with one connection, starts with the first subscriber and ends after the last one.
    """

    def __init__(self) -> None:
        self._subscribers: set[Subscriber] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.is_stopping = False

    @contextmanager
    def subscribed(self, tenant_id: int) -> Iterator[Subscriber]:
        """Subscribe a page for as long as its request runs."""
        subscriber = Subscriber(tenant_id, asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._subscribers.add(subscriber)
            if self._thread is None:
                self._thread = threading.Thread(target=self._listen, name="live news", daemon=True)
                self._thread.start()
        try:
            yield subscriber
        finally:
            with self._lock:
                self._subscribers.discard(subscriber)

    def wake(self, payload: str | None) -> None:
        """Wake the subscribers that an announcement concerns; all of them for None and for `news.ACCESS`."""
        with self._lock:
            awake = list(self._subscribers)
        for subscriber in awake:
            if payload in (None, news.ACCESS, str(subscriber.tenant_id)) and not subscriber.loop.is_closed():
                subscriber.loop.call_soon_threadsafe(subscriber.changed.set)

    def _listen(self) -> None:
        wait = 0.5
        while not self._end_thread():
            try:
                conninfo, arguments = driver_conninfo()
                with psycopg.connect(conninfo, autocommit=True, **arguments) as connection:
                    connection.execute(f"LISTEN {news.CHANNEL}")
                    wait = 0.5
                    self.wake(None)  # announcements during the interruption are lost
                    while self._subscribers and not _is_server_stopping():
                        for notice in connection.notifies(timeout=1.0):
                            self.wake(notice.payload)
            except (psycopg.Error, XenoError, OSError) as error:
                log.warning("listening for news was interrupted", kind=type(error).__name__)
                threading.Event().wait(wait)
                wait = min(2 * wait, _LONGEST_WAIT)

    def _end_thread(self) -> bool:
        """End the thread if no page is open or the server stops; the next subscriber starts another one."""
        with self._lock:
            self.is_stopping = _is_server_stopping()
            if self._subscribers and not self.is_stopping:
                return False
            self._thread = None
        self.wake(None)  # streams end when the server stops
        return True


LISTENER = Listener()
_open: Counter[int] = Counter()


async def stream(request: Request) -> Response:
    """Send events until the browser leaves or its session ends; 401 without one, 404 for a store of other tenants."""
    access = await run_in_threadpool(_authenticate, request)
    if isinstance(access, Response):
        return access
    session, _ = access
    if _open[session.user_id] >= MOST_OF_USER:
        return refusals.refuse("Too many pages are open; close some.", 429, {"Retry-After": "60"})
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_events(request, session), media_type="text/event-stream", headers=headers)


async def _events(request: Request, session: SessionView) -> AsyncIterator[str]:
    _open[session.user_id] += 1
    try:
        with LISTENER.subscribed(session.tenant_id) as subscriber:
            yield "retry: 1000\n\n"
            while not LISTENER.is_stopping:
                # Read after subscribing, so that no change falls between the two.
                access = await run_in_threadpool(_authenticate, request)
                if isinstance(access, Response) and access.status_code == 503:
                    return  # the browser connects again
                if isinstance(access, Response) or not _is_same(access[0], session):
                    yield "event: ended\ndata: -\n\n"
                    return
                yield f"data: {stores.fingerprint(access[1])}\n\n"
                try:
                    await asyncio.wait_for(subscriber.changed.wait(), CHECK_SECONDS)
                except TimeoutError:
                    continue
                await asyncio.sleep(GATHER_SECONDS)
                subscriber.changed.clear()
    finally:
        _open[session.user_id] -= 1
        if _open[session.user_id] <= 0:
            del _open[session.user_id]


def _is_server_stopping() -> bool:
    """Whether uvicorn waits for the last responses: it would wait for our streams forever."""
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return bool(getattr(server, "should_exit", False))


def _authenticate(request: Request) -> tuple[SessionView, StoreView] | Response:
    token = cookies.session_token(request.cookies)
    store_id = request.path_params["store_id"]
    try:
        session = accounts.session_of(token, datetime.now(UTC)) if token else None
        if session is None:
            return refusals.refuse("Sign in first.", 401)
        if store_id > LARGEST_ID:
            raise StoreNotFound
        return session, stores.find(StoreKey(session.tenant_id, store_id))
    except XenoError as error:
        return refusals.respond(error)


def _is_same(now: SessionView, then: SessionView) -> bool:
    return (now.user_id, now.tenant_id, now.role) == (then.user_id, then.tenant_id, then.role)


routes = [Route(f"{addresses.LIVE}/{{store_id:int}}", stream, methods=["GET"])]
