"""A real SMTP server for tests, and the mails that it accepted."""

from __future__ import annotations

import email
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from core.config import settings

SENDER = "Xeno <xeno@xeno.example>"


@dataclass
class Mailbox:
    """The accepted mails. An `answer` to a recipient other than "250 OK" refuses the mail."""

    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    answer: str = "250 OK"
    url: str = ""

    @property
    def link(self) -> str:
        """The one link in the last mail."""
        (link,) = re.findall(r"https?://\S+", self.text)
        return str(link)

    @property
    def token(self) -> str:
        """The secret in that link."""
        return self.link.partition("#")[2]

    @property
    def text(self) -> str:
        """The last mail."""
        return str(self.mails[-1].get_content()).replace("\r\n", "\n")


@dataclass
class _Handler:
    """Accepts mails into the mailbox."""

    mailbox: Mailbox

    async def handle_RCPT(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _: object) -> str:
        if self.mailbox.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.mailbox.answer

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        parsed = email.message_from_bytes(content, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        self.mailbox.mails.append(parsed)
        self.mailbox.recipients += envelope.rcpt_tos
        return "250 OK"


@pytest.fixture(scope="session")
def _smtp_server() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    controller = Controller(_Handler(mailbox), hostname="127.0.0.1", port=_free_port(), enable_SMTPUTF8=True)
    controller.start()
    mailbox.url = f"smtp://127.0.0.1:{controller.port}"
    yield mailbox
    controller.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def post(_smtp_server: Mailbox) -> Mailbox:
    """The server, empty. Nothing sends to it without `mailbox`."""
    _smtp_server.mails.clear()
    _smtp_server.recipients.clear()
    _smtp_server.answer = "250 OK"
    return _smtp_server


@pytest.fixture
def mailbox(post: Mailbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """The server, to which this process sends its mails."""
    monkeypatch.setenv("SMTP_URL", post.url)
    monkeypatch.setenv("MAIL_FROM", SENDER)
    settings.cache_clear()
    yield post
    monkeypatch.undo()
    settings.cache_clear()
