"""A stranger hammers on an owner's address, from the owner's own network, through the real page."""

from __future__ import annotations

import re
from http.cookies import SimpleCookie

import pytest
import requests
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.attack.browsers import Tab, tab
from tests.attack.ground import Ground
from tests.cast import PASSWORD

pytestmark = pytest.mark.timeout(300)
WRONG = "Wrong email or password"
TRIES = 8


def test_a_stranger_keeps_no_owner_out_and_learns_nothing(ground: Ground) -> None:
    known = signed_in(ground, {})
    assert known, "the owner signs in before the attack, which makes the browser a known one"

    answers = [refusal(ground, ground.acme.email, f"wrong password {number}") for number in range(TRIES)]
    answers.append(refusal(ground, ground.acme.email, PASSWORD))
    answers.append(refusal(ground, "nobody@example.com", "wrong password"))

    assert len(set(answers)) == 1, "wrong, too early and unknown read the same"
    assert [bool(signed_in(ground, known)) for _ in range(3)] == [True] * 3


def signed_in(ground: Ground, kept: dict[str, str]) -> dict[str, str]:
    """The cookies of known browsers that a sign-in with the right password leaves; none if it was refused."""
    page = requests.get(ground.installation.web_url, headers={"Accept": "text/html"}, timeout=20)
    nonce = page.cookies["xeno-nonce"]
    with tab(ground, nonce=nonce, kept=kept) as opened:
        shown = submitted(opened, ground.acme.email, PASSWORD)
    found = re.search(r"/auth/finish\?ticket=[\w-]+", shown)
    ground.tally.note("lock-out: the owner signs in", 200 if found else 401)
    if found is None:
        return {}
    answer = requests.get(
        ground.installation.web_url + found.group(), cookies={"xeno-nonce": nonce}, allow_redirects=False, timeout=20
    )
    jar = SimpleCookie()
    for header in answer.raw.headers.getlist("set-cookie"):
        jar.load(header)
    return {name: morsel.value for name, morsel in jar.items() if name.startswith("xeno-device-")}


def refusal(ground: Ground, email: str, password: str) -> str:
    """What a stranger is told."""
    with tab(ground) as opened:
        shown = submitted(opened, email, password)
    ground.tally.note("lock-out: a stranger tries a password", 401)
    assert "/auth/finish" not in shown
    (said,) = re.findall(rf"{WRONG}[^\"]*", shown)
    return str(said)


def submitted(opened: Tab, email: str, password: str) -> str:
    """Fill in the sign-in form and send it; all that the page then shows."""
    opened.run()
    elements = [each.delta.new_element for each in until_finished(opened)]
    (button,) = [each.button for each in elements if each.button.label == "Sign in"]
    entries = [each.text_input for each in elements if each.text_input.form_id == button.form_id != ""]
    message = BackMsg()
    for entry, value in zip(entries, (email, password), strict=True):
        message.rerun_script.widget_states.widgets.add(id=entry.id, string_value=value)
    message.rerun_script.widget_states.widgets.add(id=button.id, trigger_value=True)
    opened.send(message)
    next(each for each in opened.heard() if each.HasField("new_session"))
    return " ".join(str(each.delta) for each in until_finished(opened))


def until_finished(opened: Tab) -> list[ForwardMsg]:
    shown = []
    for each in opened.heard():
        if each.HasField("script_finished"):
            return shown
        shown.append(each)
    return shown
