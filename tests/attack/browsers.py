"""Opens the dashboard's websocket as a browser does, and as no browser would."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from itertools import takewhile

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection, connect

from tests.attack.ground import Ground


class Tab:
    """One open page."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def run(self) -> str:
        """Run the page's script; the id of the session that it begins to run in."""
        self.rerun()
        begun = next(each for each in self.heard() if each.HasField("new_session"))
        return str(begun.new_session.initialize.session_id)

    def rerun(self) -> None:
        """Ask for a run of the page's script."""
        message = BackMsg()
        message.rerun_script.SetInParent()
        self.send(message)

    def texts(self) -> str:
        """All that the script says until it ends, as one text."""
        return " ".join(str(each.delta) for each in self.until_the_end())

    def until_the_end(self) -> Iterator[ForwardMsg]:
        """The messages to the browser until the script ends."""
        return takewhile(lambda each: not each.HasField("script_finished"), self.heard())

    def send(self, message: BackMsg) -> None:
        self.socket.send(message.SerializeToString())

    def heard(self, seconds: float = 20) -> Iterator[ForwardMsg]:
        """The messages to the browser, as they come."""
        while True:
            said = self.socket.recv(timeout=seconds)
            assert isinstance(said, bytes)
            yield ForwardMsg.FromString(said)

    def closed_with(self, seconds: float = 10) -> int | None:
        """The code with which the server closed the socket."""
        try:
            while True:
                self.socket.recv(timeout=seconds)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None


@contextlib.contextmanager
def tab(
    ground: Ground,
    session: str | None = None,
    resume: str = "",
    origin: str | None = "",
    nonce: str = "",
    kept: dict[str, str] | None = None,
) -> Iterator[Tab]:
    """A page of a browser with this session's cookie, and those that it `kept`; `origin` "" is the dashboard's own,
    None sends none."""
    url = ground.installation.web_url
    sent = {"xeno": session, "xeno-nonce": nonce, **(kept or {})}
    cookies = "; ".join(f"{name}={value}" for name, value in sent.items() if value)
    with connect(
        url.replace("http://", "ws://") + "/_stcore/stream",
        origin=url if origin == "" else origin,  # type: ignore[arg-type]
        additional_headers={"Cookie": cookies} if cookies else {},
        subprotocols=["streamlit", "no-token", *([resume] if resume else [])],  # type: ignore[list-item]
        max_size=None,
        max_queue=None,
        close_timeout=1,
        proxy=None,
    ) as socket:
        yield Tab(socket)


def is_let_in(ground: Ground, attack: str, **options: str | None) -> bool:
    """Whether a page so opened is accepted; counted as an attempt of `attack`."""
    try:
        with tab(ground, **options):  # type: ignore[arg-type]
            ground.tally.note(attack, 101)
            return True
    except InvalidHandshake:
        ground.tally.note(attack, 403)
        return False
