"""Opens the dashboard's websocket like a browser, and like no browser."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from itertools import takewhile

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection, connect

from tests.attack.target import Target


class Tab:
    """One open page."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def run(self) -> str:
        """Run the page's script; returns the id of its session."""
        self.rerun()
        begun = next(message for message in self.messages() if message.HasField("new_session"))
        return str(begun.new_session.initialize.session_id)

    def rerun(self) -> None:
        """Request a run of the page's script."""
        message = BackMsg()
        message.rerun_script.SetInParent()
        self.send(message)

    def texts(self) -> str:
        """Return everything that the script shows until it ends, as one text."""
        return " ".join(str(message.delta) for message in self.until_the_end())

    def until_the_end(self) -> Iterator[ForwardMsg]:
        """Yield the messages to the browser until the script ends."""
        return takewhile(lambda message: not message.HasField("script_finished"), self.messages())

    def send(self, message: BackMsg) -> None:
        self.socket.send(message.SerializeToString())

    def messages(self, seconds: float = 20) -> Iterator[ForwardMsg]:
        """Yield the messages to the browser, as they come."""
        while True:
            data = self.socket.recv(timeout=seconds)
            assert isinstance(data, bytes)
            yield ForwardMsg.FromString(data)

    def closed_with(self, seconds: float = 10) -> int | None:
        """Return the code with which the server closes the socket."""
        try:
            while True:
                self.socket.recv(timeout=seconds)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None


@contextlib.contextmanager
def tab(
    target: Target,
    session: str | None = None,
    resume: str = "",
    origin: str | None = "",
    nonce: str = "",
    cookies: dict[str, str] | None = None,
) -> Iterator[Tab]:
    """Open a page of a browser with this session's cookie and `cookies`. `origin` "" is the dashboard's own, None
    sends none."""
    url = target.installation.web_url
    sent = {"xeno": session, "xeno-nonce": nonce, **(cookies or {})}
    cookie_header = "; ".join(f"{name}={value}" for name, value in sent.items() if value)
    with connect(
        url.replace("http://", "ws://") + "/_stcore/stream",
        origin=url if origin == "" else origin,  # type: ignore[arg-type]
        additional_headers={"Cookie": cookie_header} if cookie_header else {},
        subprotocols=["streamlit", "no-token", *([resume] if resume else [])],  # type: ignore[list-item]
        max_size=None,
        max_queue=None,
        close_timeout=1,
        proxy=None,
    ) as socket:
        yield Tab(socket)


def is_accepted(target: Target, attack: str, **options: str | None) -> bool:
    """Whether a page so opened is accepted; counted as an attempt of `attack`."""
    try:
        with tab(target, **options):  # type: ignore[arg-type]
            target.tally.note(attack, 101)
            return True
    except InvalidHandshake:
        target.tally.note(attack, 403)
        return False
