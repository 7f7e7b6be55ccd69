"""The network address and the browser of a request, from its connection and cookies.

`stamped` puts both into headers, because Streamlit gives a page the headers of its websocket but not the connection.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from threading import Event

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import Scope

from core import logs
from core.config import settings
from core.network.addresses import client_address, parse_networks
from core.sealing.crypto import fingerprint, new_token
from dashboard.web import cookies

ADDRESS = "x-xeno-address"
"""The header with the client's address."""
IDENTITY = "x-xeno-visitor"
"""The header with the browser's identity. `.streamlit/config.toml` makes it part of Streamlit's `user_info`, and
Streamlit resumes a session only for equal ones."""

log = logs.get(__name__)

_MOST_KEPT = 10_000
_LOOPBACK = "127.0.0.1"
_BELIEVED_BY_UVICORN = parse_networks("127.0.0.1, ::1")


def stamped(scope: Scope) -> Scope:
    """The scope with the headers `ADDRESS` and `IDENTITY`, without any that the client sent under these names."""
    names = (ADDRESS.encode(), IDENTITY.encode())
    connection = HTTPConnection(scope)
    values = (address_of(connection).encode(), _identity(connection.cookies).encode())
    headers = [pair for pair in scope["headers"] if pair[0].lower() not in names]
    return {**scope, "headers": [*headers, *zip(names, values, strict=True)]}


def address_of(connection: HTTPConnection) -> str:
    """The address of the client: the peer of the connection, or the address that a trusted proxy names."""
    forwarded = connection.headers.getlist("x-forwarded-for")
    peer = _peer(connection, forwarded)
    address = client_address(peer, forwarded, settings().proxies)
    if forwarded and address == peer == _LOOPBACK:
        _warn_of_unnamed_proxy()
    return address


def stamped_address(headers: Headers | Mapping[str, str]) -> str:
    """The address that `stamped` added; the loopback address in tests without a server."""
    return headers.get(ADDRESS) or _LOOPBACK


class Owners:
    """The owners of the latest Streamlit sessions of this process: session id → identity."""

    def __init__(self) -> None:
        self._identities: OrderedDict[str, str] = OrderedDict()

    def record(self, session_id: str, headers: Mapping[str, str]) -> None:
        """Record the identity that opened this session."""
        self._identities[session_id] = headers.get(IDENTITY, "")
        while len(self._identities) > _MOST_KEPT:
            self._identities.popitem(last=False)

    def is_refused_resume(self, headers: Mapping[str, str]) -> bool:
        """Whether this websocket asked for a session of another identity.

        Streamlit has begun a new session for it, but the page still shows the text typed into the old one.
        """
        # Streamlit's use of this header: its protocol, a token, and the session to resume.
        resumed = [*headers.get("sec-websocket-protocol", "").split(","), "", ""][2].strip()
        return self._identities.get(resumed, headers.get(IDENTITY)) != headers.get(IDENTITY)


owners = Owners()
"""One for the process, like Streamlit's sessions."""


_warned_of_proxy = Event()


def _warn_of_unnamed_proxy() -> None:
    """Warn once in the life of the process."""
    if _warned_of_proxy.is_set():
        return
    _warned_of_proxy.set()
    log.warning("a proxy on this machine is not in TRUSTED_PROXIES: all its visitors share one rate limit")


def _peer(connection: HTTPConnection, forwarded: list[str]) -> str | None:
    """The peer before uvicorn replaced it.

    Streamlit starts uvicorn so that it trusts X-Forwarded-For of every peer on this machine, and replaces the peer by
    the address named there. So a peer that equals the named address counts as one on this machine. A remote peer
    gains nothing by naming itself.
    """
    peer = connection.client.host if connection.client else None
    replaced = bool(forwarded) and peer == client_address(_LOOPBACK, forwarded, _BELIEVED_BY_UVICORN)
    return _LOOPBACK if replaced else peer


def _identity(cookie_values: Mapping[str, str]) -> str:
    """A hash of the session's cookie, or of the sign-in nonce; without cookies, a new one each time."""
    token = cookies.session_token(cookie_values) or cookie_values.get(cookies.nonce_cookie()) or new_token()
    return fingerprint(f"visitor {token}").hex()
