"""Websockets of the dashboard: who may open one, resume one, and what may be sent over it."""

from __future__ import annotations

import re
from contextlib import ExitStack, suppress

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import ConnectionClosed

from dashboard.web import sockets
from tests.attack.browsers import Tab, is_let_in, tab
from tests.attack.ground import Ground


@pytest.mark.parametrize(
    "origin",
    [None, "null", "https://evil.example", "http://127.0.0.1", "http://127.0.0.1:1", "http://evil.127.0.0.1"],
)
def test_a_page_of_another_origin_opens_no_websocket(ground: Ground, origin: str | None) -> None:
    assert is_let_in(ground, "websockets of our own origin")
    assert not is_let_in(ground, "websockets of other origins", origin=origin, session=ground.acme.session)


def test_a_host_header_that_agrees_with_a_foreign_origin_opens_no_websocket(ground: Ground) -> None:
    """A name of the attacker's that resolves to this server: Streamlit compares Origin with Host alone."""
    port = ground.installation.web_port
    assert not is_let_in(ground, "websockets of other origins", origin=f"http://rebound.example:{port}")


@pytest.mark.parametrize("thief", ["another user", "a stranger", "a stranger with a nonce"])
def test_a_session_is_not_resumed_by_who_knows_its_id_alone(ground: Ground, thief: str) -> None:
    options = {
        "another user": {"session": ground.globex.session},
        "a stranger": {},
        "a stranger with a nonce": {"nonce": "made-up"},
    }[thief]
    with tab(ground, ground.acme.session) as mine:
        session_id = mine.run()
        with tab(ground, resume=session_id, **options) as theirs:
            ground.tally.note("sessions taken over", 101)
            taken = theirs.run() == session_id
            seen = ground.acme.email in theirs.texts()
            ground.tally.crossed(int(taken or seen))
            assert not taken
            assert not seen
        assert mine.run() == session_id, "and its owner was not thrown out"


def test_a_dropped_session_is_resumed_by_its_own_browser_and_by_no_other(ground: Ground) -> None:
    with tab(ground, ground.acme.session) as mine:
        session_id = mine.run()
    with tab(ground, ground.globex.session, resume=session_id) as theirs:
        ground.tally.note("sessions taken over", 101)
        assert theirs.run() != session_id
    with tab(ground, ground.acme.session, resume=session_id) as mine:
        assert mine.run() == session_id


def test_a_page_that_was_another_users_is_loaded_afresh(ground: Ground) -> None:
    """The widgets of the first one's page still hold what was typed; it must not be sent in the second one's name."""
    with tab(ground, ground.acme.session) as first:
        session_id = first.run()
        assert ground.acme.name in first.texts()
    with tab(ground, ground.globex.session, resume=session_id) as second:
        second.run()
        assert "/auth/go.js" in second.texts()
    with tab(ground, ground.globex.session, resume="unknown-since-a-restart") as third:
        third.run()
        assert "/auth/go.js" not in third.texts()


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("a text", 1003),
        (b"\xff\xff no protobuf", 1002),
        (b"\x5a" + bytes([0x80, 0x80, 0x80, 0x01]) + b"x" * (1 << 21), 1009),
    ],
    ids=["text", "nonsense", "too big"],
)
def test_what_no_page_sends_closes_its_socket_and_leaves_no_trace(
    ground: Ground, sent: str | bytes, code: int
) -> None:
    before = ground.traces()
    with tab(ground) as stranger:
        ground.tally.note("broken frames", 101)
        stranger.socket.send(sent)
        assert stranger.closed_with() == code
    assert ground.traces() == before


def test_messages_that_no_page_sends_are_dropped(ground: Ground) -> None:
    """Streamlit empties the cache of all users for whoever asks, and gives strangers addresses to upload to."""
    before = ground.traces()
    with tab(ground) as stranger:
        for kind in (
            "clear_cache",
            "file_urls_request",
            "load_git_info",
            "set_run_on_save",
            "debug_shutdown_runtime",
        ):
            ground.tally.note("messages of no page", 101)
            stranger.send(_message(kind))
        stranger.rerun()
        answers = {each.WhichOneof("type") for each in stranger.until_the_end()}
    assert "delta" in answers
    assert answers.isdisjoint({"file_urls_response", "git_info_changed"})
    assert ground.traces() == before


def _message(kind: str) -> BackMsg:
    message = BackMsg()
    field = message.DESCRIPTOR.fields_by_name[kind]
    if field.message_type is None:
        setattr(message, kind, True)
    else:
        getattr(message, kind).SetInParent()
    return message


def test_one_address_opens_only_so_many_pages_without_signing_in_and_users_still_come_in(ground: Ground) -> None:
    with ExitStack() as stack:
        opened = 0
        while opened <= sockets.MOST_OF_ADDRESS and is_let_in(ground, "floods of websockets"):
            stack.enter_context(tab(ground))
            opened += 1
        assert opened == sockets.MOST_OF_ADDRESS
        assert is_let_in(ground, "websockets of users beside a flood", session=ground.acme.session)
        assert not is_let_in(ground, "floods of websockets", session="made-up")
    assert is_let_in(ground, "websockets after a flood")


def test_a_flood_of_messages_ends_its_socket_and_nobody_elses(ground: Ground) -> None:
    with tab(ground) as stranger, tab(ground, ground.acme.session) as mine:
        with suppress(ConnectionClosed):
            for _ in range(2 * sockets.BURST):
                ground.tally.note("floods of messages", 101)
                stranger.send(_message("app_heartbeat"))
        assert stranger.closed_with() == 1008
        assert mine.run()


def test_nobody_names_another_session_or_tenant_as_if_they_were_widgets(ground: Ground) -> None:
    before = ground.traces()
    for name, value in {"session_token": ground.acme.session, "tenant_id": str(ground.acme.tenant_id)}.items():
        with tab(ground, ground.globex.session) as theirs:
            theirs.run()
            theirs.texts()
            ground.tally.note("session state from outside", 101)
            message = BackMsg()
            message.rerun_script.widget_states.widgets.add(id=name, string_value=value)
            theirs.send(message)
            assert theirs.closed_with() == 1002
    assert ground.traces() == before


def test_values_of_any_kind_in_the_widgets_of_the_sign_in_page_leave_no_trace(ground: Ground) -> None:
    before = ground.traces()
    with tab(ground) as stranger:
        stranger.run()
        widgets = set(re.findall(r'id: "(\$\$ID-[^"]*)"', stranger.texts()))
        assert len(widgets) >= 3
        for value in ({"int_value": 1}, {"json_value": "[{}]"}, {"bytes_value": b"\xff"}, {"trigger_value": True}):
            ground.tally.note("odd values of widgets", 101)
            message = BackMsg()
            for widget in widgets:
                message.rerun_script.widget_states.widgets.add(id=widget, **value)
            stranger.send(message)
            stranger.texts()
        assert stranger.run()
    assert ground.traces() == before, ground.web.said()


def test_what_a_page_is_run_with_may_be_anything(ground: Ground) -> None:
    before = ground.traces()
    odd = "\0 ' \" <script> \ud7ff 😀" + "x" * 5000
    for name in ("query_string", "page_script_hash", "page_name", "fragment_id"):
        with tab(ground) as stranger:
            ground.tally.note("odd runs", 101)
            message = BackMsg()
            setattr(message.rerun_script, name, odd)
            stranger.send(message)
            assert Tab.run(stranger)
    with tab(ground) as stranger:
        ground.tally.note("odd runs", 101)
        message = BackMsg()
        message.rerun_script.context_info.timezone = odd
        message.rerun_script.context_info.url = "http://[" + odd
        stranger.send(message)
        assert stranger.run()
    assert ground.traces() == before, ground.web.log.read_text().replace("x" * 100, "")[-6000:]
