"""Hands mails to an SMTP server. Knows neither their contents nor any settings."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from urllib.parse import unquote, urlsplit

from core.errors import MailDown, MailRefused

TIMEOUT = 20.0
"""Seconds for each step of the conversation."""

_PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}
_LOCAL = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Relay:
    """The SMTP server that takes our mails, parsed from its address."""

    scheme: str
    """smtp: encrypted by STARTTLS, except on this machine; smtps: by TLS from the start; smtp+plain: not at all."""
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, url: str) -> Relay:
        """Parse an address such as smtp://user:password@mail.example.com:587.

        Raises:
            ValueError: it is malformed, or it would send a password in clear text.
        """
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
            raise ValueError("must be an address such as smtps://user:password@mail.example.com")
        if parts.scheme == "smtp+plain" and parts.username:
            raise ValueError("must be smtp:// or smtps:// where it holds a password; smtp+plain:// is not encrypted")
        port = parts.port or _PORTS[parts.scheme]
        return cls(parts.scheme, parts.hostname, port, unquote(parts.username or ""), unquote(parts.password or ""))


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail of plain text to one person."""

    recipient: str
    subject: str
    text: str = field(repr=False)


def clean_sender(text: str) -> str:
    """Return the sender of our mails without spaces around it, such as "Xeno <xeno@example.com>".

    Raises:
        ValueError: it contains no address.
    """
    local, _, domain = parseaddr(text)[1].rpartition("@")
    if not local or not domain or any(sign in text for sign in "\r\n"):
        raise ValueError("must be an address such as xeno@example.com or Xeno <xeno@example.com>")
    return text.strip()


def send(relay: Relay, sender: str, letter: Letter) -> None:
    """Send one mail. The server has accepted it when this returns.

    Raises:
        MailDown: the server cannot be reached or does not take the mail now.
        MailRefused: it will never take this mail.
    """
    message = _message(sender, letter)
    try:
        with _connection(relay) as connection:
            connection.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise _failure(max(codes, default=0)) from error
    except smtplib.SMTPNotSupportedError as error:
        raise MailRefused("The mail server cannot do what this mail or SMTP_URL needs of it.") from error
    except smtplib.SMTPAuthenticationError as error:
        raise MailDown("The mail server refused the user or password of SMTP_URL.") from error
    except smtplib.SMTPResponseException as error:
        raise _failure(error.smtp_code) from error
    except (OSError, smtplib.SMTPException) as error:
        raise MailDown(f"The mail server at {relay.host}:{relay.port} cannot be reached.") from error


def _connection(relay: Relay) -> smtplib.SMTP:
    if relay.scheme == "smtps":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            relay.host, relay.port, timeout=TIMEOUT, context=ssl.create_default_context()
        )
    else:
        connection = smtplib.SMTP(relay.host, relay.port, timeout=TIMEOUT)
    try:
        connection.ehlo()
        # A mail holds a link that signs in: it is not sent in clear text to another machine.
        if relay.scheme == "smtp" and (relay.host not in _LOCAL or connection.has_extn("starttls")):
            connection.starttls(context=ssl.create_default_context())
        if relay.user:
            connection.login(relay.user, relay.password)
    except BaseException:
        connection.close()
        raise
    return connection


def _message(sender: str, letter: Letter) -> EmailMessage:
    """Return the mail. EmailMessage raises ValueError for a line break in a header, so no input can add a header."""
    local, _, domain = letter.recipient.rpartition("@")
    try:
        recipient = f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError as error:
        raise MailRefused("There is no mail domain of this name.") from error
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = sender
    message["To"] = recipient
    message["Subject"] = letter.subject
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=parseaddr(sender)[1].rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    return message


def _failure(code: int) -> MailDown | MailRefused:
    """Return the error of an SMTP reply: 4xx is temporary, 5xx is permanent."""
    if code >= 500:
        return MailRefused(f"The mail server refused the mail for good (SMTP {code}).")
    return MailDown(f"The mail server does not take the mail now (SMTP {code}).")
