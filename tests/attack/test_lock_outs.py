"""A stranger tries passwords of an owner, from the owner's own network, on the real page."""

from __future__ import annotations

import re
from http.cookies import SimpleCookie

import pytest
import requests
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.attack.browsers import Tab, tab
from tests.attack.target import Target
from tests.cast import PASSWORD

pytestmark = pytest.mark.timeout(300)
WRONG = "Wrong email or password"
TRIES = 8


def test_a_stranger_keeps_no_owner_out_and_learns_nothing(target: Target) -> None:
    known = sign_in(target, {})
    assert known, "the owner signs in before the attack, which makes the browser a known one"

    answers = [refusal(target, target.acme.email, f"wrong password {number}") for number in range(TRIES)]
    answers.append(refusal(target, target.acme.email, PASSWORD))
    answers.append(refusal(target, "nobody@example.com", "wrong password"))

    assert len(set(answers)) == 1, "wrong, too early and unknown read the same"
    assert [bool(sign_in(target, known)) for _ in range(3)] == [True] * 3


def sign_in(target: Target, cookies: dict[str, str]) -> dict[str, str]:
    """Sign in with the right password; returns the cookies of known browsers, none if it was refused."""
    page = requests.get(target.installation.web_url, headers={"Accept": "text/html"}, timeout=20)
    nonce = page.cookies["xeno-nonce"]
    with tab(target, nonce=nonce, cookies=cookies) as opened:
        page_text = submit(opened, target.acme.email, PASSWORD)
    match = re.search(r"/auth/finish\?ticket=[\w-]+", page_text)
    target.tally.note("lock-out: the owner signs in", 200 if match else 401)
    if match is None:
        return {}
    answer = requests.get(
        target.installation.web_url + match.group(), cookies={"xeno-nonce": nonce}, allow_redirects=False, timeout=20
    )
    jar = SimpleCookie()
    for header in answer.raw.headers.getlist("set-cookie"):
        jar.load(header)
    return {name: morsel.value for name, morsel in jar.items() if name.startswith("xeno-device-")}


def refusal(target: Target, email: str, password: str) -> str:
    """Return the message that a stranger gets."""
    with tab(target) as opened:
        page_text = submit(opened, email, password)
    target.tally.note("lock-out: a stranger tries a password", 401)
    assert "/auth/finish" not in page_text
    (message,) = re.findall(rf"{WRONG}[^\"]*", page_text)
    return str(message)


def submit(opened: Tab, email: str, password: str) -> str:
    """Fill in the sign-in form and send it; returns everything that the page then shows."""
    opened.run()
    elements = [shown.delta.new_element for shown in until_finished(opened)]
    (button,) = [element.button for element in elements if element.button.label == "Sign in"]
    entries = [element.text_input for element in elements if element.text_input.form_id == button.form_id != ""]
    message = BackMsg()
    for entry, value in zip(entries, (email, password), strict=True):
        message.rerun_script.widget_states.widgets.add(id=entry.id, string_value=value)
    message.rerun_script.widget_states.widgets.add(id=button.id, trigger_value=True)
    opened.send(message)
    next(shown for shown in opened.messages() if shown.HasField("new_session"))
    return " ".join(str(shown.delta) for shown in until_finished(opened))


def until_finished(opened: Tab) -> list[ForwardMsg]:
    messages = []
    for message in opened.messages():
        if message.HasField("script_finished"):
            return messages
        messages.append(message)
    return messages
