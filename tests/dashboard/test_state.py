"""What a tab remembers, and that one room alone names it."""

from __future__ import annotations

import ast
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.accounts import Actor, Role
from dashboard import state
from tests.cast import Cast, sign_in

DASHBOARD = Path(state.__file__).parents[1]


def viewer_of(app: AppTest) -> state.Viewer:
    assert not app.exception
    viewer: state.Viewer = app.session_state["seen"]
    return viewer


def script() -> None:
    from datetime import UTC, datetime

    import streamlit as st

    from dashboard import state

    st.session_state["seen"] = state.require_viewer(datetime.now(UTC))


def run_as(token: str) -> AppTest:
    app = AppTest.from_function(script, default_timeout=30)
    app.session_state["session_token"] = token
    return app.run()


def test_the_viewer_is_the_signed_in_user_with_the_stores_of_the_business(cast: Cast) -> None:
    viewer = viewer_of(run_as(sign_in(cast.bob)))
    assert (viewer.name, viewer.email, viewer.role) == ("Bob Baker", "bob@acme.example", Role.VIEWER)
    assert (viewer.tenant_name, viewer.actor) == ("Acme", Actor(cast.bob.user_id, cast.acme.tenant_id))
    assert [store.name for store in viewer.stores] == ["Acme"]


def test_a_viewer_cannot_be_changed_on_the_way(cast: Cast) -> None:
    viewer = viewer_of(run_as(sign_in(cast.bob)))
    with pytest.raises(FrozenInstanceError):
        viewer.role = Role.OWNER  # type: ignore[misc]


def test_dana_has_no_store_yet(cast: Cast) -> None:
    assert viewer_of(run_as(sign_in(cast.dana))).stores == ()


def test_a_made_up_token_shows_no_page(cast: Cast) -> None:
    app = run_as("made-up")
    assert "seen" not in app.session_state
    assert "/auth/sign-out" in app.html[0].value


def test_no_other_file_names_the_session_state() -> None:
    naming = {
        path.relative_to(DASHBOARD).as_posix()
        for path in DASHBOARD.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "session_state"
    }
    assert naming == {
        f"state/{noun}.py"
        for noun in (
            *("arrivals", "carried", "forms", "links", "lists", "messages"),
            *("session", "shown_days", "shown_store", "viewer"),
        )
    }
