"""Websockets of the dashboard: opening and resuming them, and messages over them."""

from __future__ import annotations

import re
from contextlib import ExitStack, suppress

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import ConnectionClosed

from dashboard.web import sockets
from tests.attack.browsers import Tab, is_accepted, tab
from tests.attack.target import Target


@pytest.mark.parametrize(
    "origin",
    [None, "null", "https://evil.example", "http://127.0.0.1", "http://127.0.0.1:1", "http://evil.127.0.0.1"],
)
def test_a_page_of_another_origin_opens_no_websocket(target: Target, origin: str | None) -> None:
    assert is_accepted(target, "websockets of our own origin")
    assert not is_accepted(target, "websockets of other origins", origin=origin, session=target.acme.session)


def test_a_host_header_that_agrees_with_a_foreign_origin_opens_no_websocket(target: Target) -> None:
    """A name of the attacker's that resolves to this server: Streamlit compares Origin with Host alone."""
    port = target.installation.web_port
    assert not is_accepted(target, "websockets of other origins", origin=f"http://rebound.example:{port}")


@pytest.mark.parametrize("thief", ["another user", "a stranger", "a stranger with a nonce"])
def test_a_session_is_not_resumed_with_its_id_alone(target: Target, thief: str) -> None:
    options = {
        "another user": {"session": target.globex.session},
        "a stranger": {},
        "a stranger with a nonce": {"nonce": "made-up"},
    }[thief]
    with tab(target, target.acme.session) as victim:
        session_id = victim.run()
        with tab(target, resume=session_id, **options) as thief_tab:
            target.tally.note("sessions taken over", 101)
            taken = thief_tab.run() == session_id
            seen = target.acme.email in thief_tab.texts()
            target.tally.crossed(int(taken or seen))
            assert not taken
            assert not seen
        assert victim.run() == session_id, "and its owner keeps it"


def test_a_dropped_session_is_resumed_by_its_own_browser_and_by_no_other(target: Target) -> None:
    with tab(target, target.acme.session) as owner:
        session_id = owner.run()
    with tab(target, target.globex.session, resume=session_id) as thief_tab:
        target.tally.note("sessions taken over", 101)
        assert thief_tab.run() != session_id
    with tab(target, target.acme.session, resume=session_id) as owner:
        assert owner.run() == session_id


def test_a_page_of_another_user_is_reloaded(target: Target) -> None:
    """Its widgets still hold the first user's input, which must not be sent in the second user's name."""
    with tab(target, target.acme.session) as first:
        session_id = first.run()
        assert target.acme.name in first.texts()
    with tab(target, target.globex.session, resume=session_id) as second:
        second.run()
        assert "/auth/go.js" in second.texts()
    with tab(target, target.globex.session, resume="unknown-since-a-restart") as third:
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
def test_an_invalid_frame_closes_its_socket_and_leaves_no_trace(target: Target, sent: str | bytes, code: int) -> None:
    before = target.traces()
    with tab(target) as stranger:
        target.tally.note("broken frames", 101)
        stranger.socket.send(sent)
        assert stranger.closed_with() == code
    assert target.traces() == before


def test_messages_that_no_page_sends_are_dropped(target: Target) -> None:
    """Streamlit would clear the cache of all users for any sender, and give strangers addresses to upload to."""
    before = target.traces()
    with tab(target) as stranger:
        for kind in (
            "clear_cache",
            "file_urls_request",
            "load_git_info",
            "set_run_on_save",
            "debug_shutdown_runtime",
        ):
            target.tally.note("messages of no page", 101)
            stranger.send(_message(kind))
        stranger.rerun()
        answers = {message.WhichOneof("type") for message in stranger.until_the_end()}
    assert "delta" in answers
    assert answers.isdisjoint({"file_urls_response", "git_info_changed"})
    assert target.traces() == before


def _message(kind: str) -> BackMsg:
    message = BackMsg()
    field = message.DESCRIPTOR.fields_by_name[kind]
    if field.message_type is None:
        setattr(message, kind, True)
    else:
        getattr(message, kind).SetInParent()
    return message


def test_one_address_opens_only_so_many_pages_without_signing_in_and_users_still_come_in(target: Target) -> None:
    with ExitStack() as stack:
        opened = 0
        while opened <= sockets.MOST_OF_ADDRESS and is_accepted(target, "floods of websockets"):
            stack.enter_context(tab(target))
            opened += 1
        assert opened == sockets.MOST_OF_ADDRESS
        assert is_accepted(target, "websockets of users beside a flood", session=target.acme.session)
        assert not is_accepted(target, "floods of websockets", session="made-up")
    assert is_accepted(target, "websockets after a flood")


def test_a_flood_of_messages_ends_only_its_own_socket(target: Target) -> None:
    with tab(target) as stranger, tab(target, target.acme.session) as user:
        with suppress(ConnectionClosed):
            for _ in range(2 * sockets.BURST):
                target.tally.note("floods of messages", 101)
                stranger.send(_message("app_heartbeat"))
        assert stranger.closed_with() == 1008
        assert user.run()


def test_no_session_or_tenant_can_be_set_like_a_widget(target: Target) -> None:
    before = target.traces()
    for name, value in {"session_token": target.acme.session, "tenant_id": str(target.acme.tenant_id)}.items():
        with tab(target, target.globex.session) as theirs:
            theirs.run()
            theirs.texts()
            target.tally.note("session state from outside", 101)
            message = BackMsg()
            message.rerun_script.widget_states.widgets.add(id=name, string_value=value)
            theirs.send(message)
            assert theirs.closed_with() == 1002
    assert target.traces() == before


def test_values_of_any_kind_in_the_widgets_of_the_sign_in_page_leave_no_trace(target: Target) -> None:
    before = target.traces()
    with tab(target) as stranger:
        stranger.run()
        widgets = set(re.findall(r'id: "(\$\$ID-[^"]*)"', stranger.texts()))
        assert len(widgets) >= 3
        for value in ({"int_value": 1}, {"json_value": "[{}]"}, {"bytes_value": b"\xff"}, {"trigger_value": True}):
            target.tally.note("odd values of widgets", 101)
            message = BackMsg()
            for widget in widgets:
                message.rerun_script.widget_states.widgets.add(id=widget, **value)
            stranger.send(message)
            stranger.texts()
        assert stranger.run()
    assert target.traces() == before, target.web.log_tail()


def test_a_page_runs_with_any_parameters(target: Target) -> None:
    before = target.traces()
    odd = "\0 ' \" <script> \ud7ff 😀" + "x" * 5000
    for name in ("query_string", "page_script_hash", "page_name", "fragment_id"):
        with tab(target) as stranger:
            target.tally.note("odd runs", 101)
            message = BackMsg()
            setattr(message.rerun_script, name, odd)
            stranger.send(message)
            assert Tab.run(stranger)
    with tab(target) as stranger:
        target.tally.note("odd runs", 101)
        message = BackMsg()
        message.rerun_script.context_info.timezone = odd
        message.rerun_script.context_info.url = "http://[" + odd
        stranger.send(message)
        assert stranger.run()
    assert target.traces() == before, target.web.log.read_text().replace("x" * 100, "")[-6000:]
