"""Limits the websockets of open pages: their origin, their number, and the messages that a browser sends over them.

The sign-in page needs a websocket, so strangers open them too. The limits therefore follow the needs of that page.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import urlsplit

from google.protobuf.message import DecodeError
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.state.common import GENERATED_ELEMENT_ID_PREFIX

from core import accounts, logs
from core.config import settings
from core.errors import XenoError
from core.network.addresses import neighbourhood
from core.network.token_bucket import TokenBucket
from dashboard.web import cookies, visitors

ADDRESS = "/_stcore/stream"
MOST_OF_VISITORS = 500
"""Open pages of all visitors who are not signed in."""
MOST_OF_ADDRESS = 60
"""Open pages of one network address whose visitors are not signed in."""
MOST_OF_USER = 60
"""Open pages of one signed-in user, and open streams of news (`live`): each page has one of each."""
MOST_BYTES = 1 << 20
"""Bytes of one message from a browser: a page's forms with all their text are a few kilobytes."""
BURST, PER_SECOND = 100, 20
"""Messages of one page at once, and per second after that: each may run a script. Beyond this the connection is
closed; a page reconnects by itself."""

TAKEN = frozenset({"rerun_script", "stop_script", "app_heartbeat", "backend_operation_request"})
"""The messages that pages send. Of the others, "clear_cache" empties the cache of all users, and
"file_urls_request" asks for an upload."""

_OF_WIDGETS = (GENERATED_ELEMENT_ID_PREFIX, f"$$STREAMLIT_INTERNAL_KEY_{GENERATED_ELEMENT_ID_PREFIX}")
"""The prefixes of the ids of widgets, and of the triggers of our components."""
_POLICY_VIOLATION, _PROTOCOL_ERROR, _UNSUPPORTED, _TOO_BIG = 1008, 1002, 1003, 1009
_QUIET_SECONDS = 60
_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")

log = logs.get(__name__)


class SocketGate:
    """ASGI application for websockets: refuses each that is not one of our pages, before it is accepted."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._origins = own_origins(settings().public_url)
        self._open: Counter[str] = Counter()
        self._logged_at: dict[str, float] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one websocket until it is closed."""
        connection = HTTPConnection(scope)
        origin = connection.headers.get("origin", "")
        if scope["path"] != ADDRESS or origin not in self._origins:
            self._log_refusal("PUBLIC_URL is not the address in the browser", origin=origin[:200])
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
            return
        bounds = await _bounds(connection)
        if any(self._open[name] >= most for name, most in bounds.items()):
            self._log_refusal("too many are open", bound=min(bounds, key=bounds.__getitem__))
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
            return
        with self._counted(bounds):
            wire = _Wire(receive, send)
            await self._app(scope, wire.receive, wire.send)

    def _log_refusal(self, reason: str, **details: str) -> None:
        """Log a refusal, each reason once a minute: a flood must not fill the disk."""
        now = time.monotonic()
        if now - self._logged_at.get(reason, -_QUIET_SECONDS) >= _QUIET_SECONDS:
            self._logged_at[reason] = now
            log.warning("a page was refused its websocket", reason=reason, **details)

    @contextmanager
    def _counted(self, names: dict[str, int]) -> Iterator[None]:
        self._open.update(names.keys())
        try:
            yield
        finally:
            self._open.subtract(names.keys())
            for name in names:
                if self._open[name] <= 0:
                    del self._open[name]


class _Wire:
    """One websocket without messages that no page sends, and without the errors of a closed browser."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._ended = False
        self._bucket = TokenBucket(BURST, PER_SECOND)

    async def receive(self) -> Message:
        """The next message of a page; a disconnect in place of one that breaks the protocol."""
        while True:
            message = await self._receive()
            if message["type"] != "websocket.receive":
                return message
            code = self._judge(message.get("bytes"))
            if code is not None:
                await self.send({"type": "websocket.close", "code": code})
                self._ended = True
                return {"type": "websocket.disconnect", "code": code}
            if BackMsg.FromString(message["bytes"]).WhichOneof("type") in TAKEN:
                return message

    async def send(self, message: Message) -> None:
        """Send a message, unless the browser has disconnected, which `receive` reports next.

        Streamlit would log an error here as a fault of its own, with a trace.
        """
        if self._ended:
            return
        try:
            await self._send(message)
        except OSError:
            self._ended = True

    def _judge(self, sent: bytes | None) -> int | None:
        """Count this message; returns the close code where no page sends such a message, or so many."""
        is_too_many = self._bucket.take() is not None
        if sent is None:
            return _UNSUPPORTED
        if len(sent) > MOST_BYTES:
            return _TOO_BIG
        if is_too_many:
            return _POLICY_VIOLATION
        return None if _is_of_a_page(sent) else _PROTOCOL_ERROR


def own_origins(public_url: str) -> frozenset[str]:
    """The accepted Origin headers: the origin of PUBLIC_URL; for a loopback address, its other names too."""
    parts = urlsplit(public_url)
    standard = {"http": 80, "https": 443}.get(parts.scheme)
    port = f":{parts.port}" if parts.port not in (None, standard) else ""
    host = parts.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    names = _LOOPBACK_NAMES if shown in _LOOPBACK_NAMES else (shown,)
    return frozenset(f"{parts.scheme}://{name}{port}" for name in names)


async def _bounds(connection: HTTPConnection) -> dict[str, int]:
    """The names that this websocket is counted under, each with its limit."""
    token = cookies.session_token(connection.cookies)
    user_id = await run_in_threadpool(_user_of, token) if token else None
    if user_id is not None:
        return {f"user {user_id}": MOST_OF_USER}
    address = neighbourhood(visitors.stamped_address(connection.headers))
    return {f"address {address}": MOST_OF_ADDRESS, "strangers": MOST_OF_VISITORS}


def _user_of(token: str) -> int | None:
    try:
        return accounts.user_of(token, datetime.now(UTC))
    except XenoError:  # the page itself reports that the database is unavailable
        return None


def _is_of_a_page(sent: bytes) -> bool:
    """Whether this message sets only widgets. Any other name would reach the session state of the script."""
    try:
        message = BackMsg.FromString(sent)
    except DecodeError:
        return False
    widgets = message.rerun_script.widget_states.widgets if message.HasField("rerun_script") else ()
    return all(widget.id.startswith(_OF_WIDGETS) and _is_readable(widget) for widget in widgets)


def _is_readable(widget: WidgetState) -> bool:
    try:
        json.loads(widget.json_value or "null")
        json.loads(widget.json_trigger_value or "null")
    except ValueError:
        return False
    return True
