"""Handing mails to a real SMTP server."""

from __future__ import annotations

import pytest

from core.errors import MailDown, MailRefused
from core.network import mail
from core.network.mail import Letter, Relay
from tests.mailbox import SENDER, Mailbox

LETTER = Letter("eve@example.com", "Grüße an „Acme“", "Öffne https://xeno.example/auth/reset#" + "x" * 80 + "\n")


def test_a_mail_arrives_with_its_text_its_sender_and_one_recipient(post: Mailbox) -> None:
    mail.send(Relay.parse(post.url), SENDER, LETTER)
    (arrived,) = post.mails
    assert (arrived["From"], arrived["To"], arrived["Subject"]) == (SENDER, "eve@example.com", LETTER.subject)
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert arrived["Date"]
    assert arrived["Message-ID"].endswith("@xeno.example>")
    assert post.text == LETTER.text
    assert post.recipients == ["eve@example.com"]


@pytest.mark.parametrize(
    ("recipient", "subject"),
    [
        ("eve@example.com", "Hello\nBcc: all@example.com"),
        ("eve@example.com\r\nBcc: all@example.com", "Hello"),
        ("eve@example.com", "Hello\r\n\r\nanother text"),
    ],
)
def test_no_input_adds_a_header_to_a_mail(post: Mailbox, recipient: str, subject: str) -> None:
    with pytest.raises((ValueError, MailRefused)):
        mail.send(Relay.parse(post.url), SENDER, Letter(recipient, subject, "text"))
    assert post.mails == []


def test_a_mail_to_a_domain_in_other_letters_arrives(post: Mailbox) -> None:
    mail.send(Relay.parse(post.url), SENDER, Letter("eve@müller.example", "Hello", "text"))
    assert post.recipients == ["eve@xn--mller-kva.example"]


@pytest.mark.parametrize(("answer", "error"), [("451 Later", MailDown), ("550 No such user", MailRefused)])
def test_a_temporary_refusal_and_a_permanent_one_are_different_errors(
    post: Mailbox, answer: str, error: type[Exception]
) -> None:
    post.answer = answer
    with pytest.raises(error):
        mail.send(Relay.parse(post.url), SENDER, LETTER)


def test_a_server_that_is_away_is_retried() -> None:
    with pytest.raises(MailDown, match="cannot be reached"):
        mail.send(Relay.parse("smtp://127.0.0.1:1"), SENDER, LETTER)


def test_a_password_is_not_sent_to_a_server_that_does_not_ask_for_one_and_is_in_no_error(post: Mailbox) -> None:
    relay = Relay.parse(post.url.replace("://", "://user:hidden-password@"))
    with pytest.raises(MailRefused) as refused:
        mail.send(relay, SENDER, LETTER)
    assert "hidden-password" not in f"{refused.value}{relay!r}{LETTER!r}"
    assert "auth/reset" not in repr(LETTER)


@pytest.mark.parametrize(
    ("url", "relay"),
    [
        ("smtps://u%40x:p%2Fw@mail.example", Relay("smtps", "mail.example", 465, "u@x", "p/w")),
        ("smtp://mail.example", Relay("smtp", "mail.example", 587)),
        ("smtp+plain://postfix:2525", Relay("smtp+plain", "postfix", 2525)),
    ],
)
def test_the_address_of_a_server_says_how_to_talk_to_it(url: str, relay: Relay) -> None:
    assert Relay.parse(url) == relay


@pytest.mark.parametrize(
    "url",
    ["", "mail.example", "http://mail.example", "smtp://", "smtp+plain://u:p@h", "smtp://h/x", "smtp://h:99999"],
)
def test_an_address_that_says_something_else_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"must be|Port out of range"):
        Relay.parse(url)


@pytest.mark.parametrize("text", ["", "xeno", "Xeno <>", "a@b\nBcc: c@d", "@b"])
def test_a_sender_without_an_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be an address"):
        mail.clean_sender(text)
