"""The news for open pages: server-sent events.

`/live/<store>` has the news of a store, `/live/stores` those of all stores of the tenant and of their runs, and
`/live` those of the session alone: a page without figures does not read them whenever an order comes in. An event
has the stamps of this moment; the page compares them with those that it was drawn from. One thread of the process
listens to PostgreSQL; an open page holds neither a thread nor a database connection.
"""

from __future__ import annotations

import asyncio
import json
import signal
import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from time import monotonic

import psycopg
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from core import logs
from core.accounts import SessionView
from core.database import driver_conninfo, news
from core.domain.periods import local_day
from core.errors import NotSignedIn, TransientError, XenoError
from core.stores import StoreView
from dashboard import addresses
from dashboard.web import cookies, refusals
from dashboard.web.live_access import Question, Reader
from dashboard.web.sockets import MOST_OF_USER

CHECK_SECONDS = 45.0
"""The time between two checks that the sessions still exist. Each sends a sign of life, too: proxies end a silent
connection after a minute."""
GATHER_SECONDS, BUSY_SECONDS = 0.05, 0.5
"""Changes within this time are one event; the longer one holds while a store changes without a pause."""
_LONGEST_WAIT = 5.0

log = logs.get(__name__)


@dataclass(eq=False)
class Subscriber:
    """One open page, and the payloads of `core.database.news` that it waits for.

    `changed` is set in the event loop of its request.
    """

    payloads: frozenset[str]
    loop: asyncio.AbstractEventLoop
    changed: asyncio.Event


class Listener:
    """Wakes subscribers when PostgreSQL announces a change.

    Its thread, with one connection, starts with the first subscriber and ends after the last one.
    """

    def __init__(self) -> None:
        self._subscribers: set[Subscriber] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.is_stopping = False

    @contextmanager
    def subscribed(self, payloads: frozenset[str]) -> Iterator[Subscriber]:
        """Subscribe a page for as long as its request runs."""
        subscriber = Subscriber(payloads, asyncio.get_running_loop(), asyncio.Event())
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
            concerns = payload in (None, news.ACCESS) or payload in subscriber.payloads
            if concerns and not subscriber.loop.is_closed():
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
_READER = Reader()
_open: Counter[int] = Counter()


async def stream(request: Request) -> Response:
    """Send events until the browser leaves or its session ends; 401 without one, 404 for a store of other tenants."""
    question = _question(request)
    if question is None:
        return _respond(NotSignedIn("Sign in first."))
    access = await _READER.read(question)
    if isinstance(access, XenoError):
        return _respond(access)
    if _open[access.session.user_id] >= MOST_OF_USER:
        return refusals.refuse("Too many pages are open; close some.", 429, {"Retry-After": "60"})
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    if request.method == "HEAD":
        return Response(media_type="text/event-stream", headers=headers)
    return StreamingResponse(_events(question, access.session), media_type="text/event-stream", headers=headers)


async def _events(question: Question, session: SessionView) -> AsyncIterator[str]:
    if _open[session.user_id] >= MOST_OF_USER:
        yield "retry: 60000\n\n"  # many requests at once have all passed the first check
        return
    _open[session.user_id] += 1
    try:
        with LISTENER.subscribed(_payloads(session.tenant_id, question.topic)) as subscriber:
            yield "retry: 1000\n\n"
            async for event in _changes(question, session, subscriber):
                yield event
    finally:
        _open[session.user_id] -= 1
        if _open[session.user_id] <= 0:
            del _open[session.user_id]


def _payloads(tenant_id: int, topic: str | None) -> frozenset[str]:
    """The news that a stream waits for. A report shows no run, and would be read again with each of its steps."""
    if topic is None:
        return frozenset()
    if topic == addresses.ALL_STORES:
        return frozenset({news.data_of(tenant_id), news.work_of(tenant_id)})
    return frozenset({news.data_of(tenant_id)})


async def _changes(question: Question, session: SessionView, subscriber: Subscriber) -> AsyncIterator[str]:
    gather, sent = GATHER_SECONDS, None
    while not LISTENER.is_stopping:
        # Read after subscribing, so that no change falls between the two.
        now = datetime.now(UTC)
        access = await _READER.read(question)
        if isinstance(access, TransientError):
            return  # the browser connects again
        if isinstance(access, XenoError) or not _is_same(access.session, session):
            yield "event: ended\ndata: -\n\n"
            return
        if access.stamps != sent:
            yield f"data: {json.dumps(access.stamps)}\n\n"
        sent = access.stamps
        try:
            wait = min(seconds_to_midnight(access.stores, now), seconds_to_check(monotonic()))
            await asyncio.wait_for(subscriber.changed.wait(), wait)
        except TimeoutError:
            sent = None  # the next event is a sign of life
            continue
        is_busy = (datetime.now(UTC) - now).total_seconds() < 2 * gather
        gather = BUSY_SECONDS if is_busy else GATHER_SECONDS
        await asyncio.sleep(gather)
        subscriber.changed.clear()


def seconds_to_midnight(of_page: Sequence[StoreView], now: datetime) -> float:
    """Seconds until a day begins in one of the stores, at most `CHECK_SECONDS`."""
    zones = {store.time_zone for store in of_page}
    midnights = [datetime.combine(local_day(now, zone) + timedelta(days=1), time.min, zone) for zone in zones]
    # In UTC: the difference of two times in one zone ignores a change of its clocks.
    return min([CHECK_SECONDS, *((midnight.astimezone(UTC) - now).total_seconds() for midnight in midnights)])


def seconds_to_check(clock: float) -> float:
    """Seconds until all streams of the process check their sessions together, by its monotonic `clock`."""
    wait = CHECK_SECONDS - clock % CHECK_SECONDS
    return wait if wait > 1 else wait + CHECK_SECONDS  # a timer that ran a little early must not run twice


def _is_server_stopping() -> bool:
    """Whether uvicorn waits for the last responses: it would wait for our streams forever."""
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return bool(getattr(server, "should_exit", False))


def _question(request: Request) -> Question | None:
    token = cookies.session_token(request.cookies)
    return Question(token, request.path_params.get("topic")) if token else None


def _respond(error: XenoError) -> Response:
    return refusals.refuse(str(error), 401) if isinstance(error, NotSignedIn) else refusals.respond(error)


def _is_same(now: SessionView, then: SessionView) -> bool:
    return (now.user_id, now.tenant_id, now.role) == (then.user_id, then.tenant_id, then.role)


routes = [Route(address, stream, methods=["GET"]) for address in (addresses.LIVE, f"{addresses.LIVE}/{{topic}}")]
