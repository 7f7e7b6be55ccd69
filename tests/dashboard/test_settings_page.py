"""The Settings page, run as each of the cast."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from core import accounts
from core.accounts import Role
from tests.cast import NOW, PASSWORD, Cast, sign_in
from tests.dashboard.pages import opened, said


def press(app: AppTest, label: str) -> AppTest:
    (button,) = [button for button in app.button if button.label == label]
    app = button.click().run()
    assert not app.exception
    return app


def type_in(app: AppTest, label: str, value: str) -> None:
    (entry,) = [entry for entry in app.text_input if entry.label == label]
    entry.set_value(value)


def labels(app: AppTest) -> set[str]:
    return {button.label for button in app.button}


def test_an_owner_finds_the_account_the_business_and_its_members(cast: Cast) -> None:
    app = opened(cast.alice, "settings")
    assert not app.exception
    values = {entry.label: entry.value for entry in app.text_input}
    assert values["Your name"] == "Alice Archer"
    assert values["Email address"] == "alice@acme.example"
    assert values["Name of the business"] == "Acme"
    page = said(app)
    assert "**Members** (2)" in page
    assert "Bob Baker" in page
    assert "Charlie" not in page


def test_a_viewer_sees_the_members_but_changes_nothing_of_the_business(cast: Cast) -> None:
    app = opened(cast.bob, "settings")
    assert "Alice Archer" in said(app)
    assert labels(app) & {"Rename", "Remove", "Add", "Leave"} == {"Leave"}, "which everybody may"
    assert "Change password" in labels(app)


def test_dana_who_has_no_store_finds_her_settings_too(cast: Cast) -> None:
    app = opened(cast.dana, "settings")
    assert not app.exception
    assert "**Members** (1)" in said(app)


def test_charlie_after_alice_sees_his_own_people_only(cast: Cast) -> None:
    opened(cast.alice, "settings")
    page = said(opened(cast.charlie, "settings"))
    assert "Charlie Cooper" in page
    assert "Alice" not in page


def test_a_new_name_is_saved_and_shown(cast: Cast) -> None:
    app = opened(cast.alice, "settings")
    type_in(app, "Your name", "Alice Ames")
    press(app, "Save")
    assert [message.value for message in app.success] == ["Saved."]
    assert "Alice Ames" in said(app)


def test_the_business_is_renamed(cast: Cast) -> None:
    app = opened(cast.alice, "settings")
    type_in(app, "Name of the business", "Acme Ltd")
    press(app, "Rename")
    assert accounts.tenants_of(cast.bob.user_id)[0].name == "Acme Ltd"


def test_somebody_with_an_account_is_added_with_a_role(cast: Cast) -> None:
    app = opened(cast.alice, "settings")
    type_in(app, "Email address of their account", cast.dana.email)
    app.selectbox(key="add-member-role").set_value(Role.ANALYST)
    press(app, "Add")
    assert "Dana Draper" in said(app)
    assert {tenant.name: tenant.role for tenant in accounts.tenants_of(cast.dana.user_id)}["Acme"] is Role.ANALYST


def test_an_address_without_an_account_is_refused_with_what_to_do(cast: Cast) -> None:
    app = opened(cast.alice, "settings")
    type_in(app, "Email address of their account", "nobody@example.com")
    press(app, "Add")
    assert ["ask them to register first" in message.value for message in app.error] == [True]


def test_an_owner_changes_a_role_and_removes_a_member(cast: Cast) -> None:
    app = opened(cast.alice, "settings")
    app.selectbox(key=f"role-{cast.bob.user_id}-viewer").set_value(Role.ANALYST).run()
    assert accounts.tenants_of(cast.bob.user_id)[0].role is Role.ANALYST
    app.button(key=f"remove-{cast.bob.user_id}").click().run()
    assert accounts.tenants_of(cast.bob.user_id) == ()
    assert "**Members** (1)" in said(app)


def test_the_last_owner_stays_whatever_is_pressed(cast: Cast) -> None:
    app = opened(cast.alice, "settings")
    press(app, "Leave")
    assert ["A business needs an owner" in message.value for message in app.error] == [True]
    assert accounts.tenants_of(cast.alice.user_id)[0].role is Role.OWNER


def change_password(app: AppTest, old: str, new: str, again: str) -> AppTest:
    type_in(app, "Current password", old)
    type_in(app, "New password", new)
    type_in(app, "New password again", again)
    return press(app, "Change password")


def test_a_changed_password_signs_out_here_and_everywhere(cast: Cast) -> None:
    elsewhere = sign_in(cast.alice)
    app = change_password(opened(cast.alice, "settings"), PASSWORD, "a better password", "a better password")
    assert "/auth/sign-out" in app.html[0].value
    assert not app.title
    assert "/auth/sign-out" in opened(cast.alice, token=elsewhere).html[0].value
    assert accounts.authenticate(cast.alice.email, "a better password", NOW) == cast.alice.user_id


@pytest.mark.parametrize(
    ("old", "new", "again", "reason"),
    [
        ("not the old one", "a better password", "a better password", "current password is not right"),
        (PASSWORD, "a better password", "another one instead", "repetition differ"),
        (PASSWORD, "short", "short", "at least 10"),
    ],
)
def test_a_refused_password_says_why_and_empties_the_fields(
    cast: Cast, old: str, new: str, again: str, reason: str
) -> None:
    app = change_password(opened(cast.alice, "settings"), old, new, again)
    assert [reason in message.value for message in app.error] == [True]
    assert [entry.value for entry in app.text_input if "assword" in entry.label] == ["", "", ""]
    assert accounts.authenticate(cast.alice.email, PASSWORD, NOW) == cast.alice.user_id


def test_the_browsers_where_one_is_signed_in_are_listed_and_one_is_signed_out(cast: Cast) -> None:
    token, elsewhere = sign_in(cast.alice), sign_in(cast.alice)
    app = opened(cast.alice, "settings", token)
    page = said(app)
    assert "**Signed in** (2)" in page
    assert page.count("(this browser)") == 1
    _, other = accounts.browsers_of(cast.alice.user_id, token, datetime.now(UTC))
    app.button(key=f"end-session-{other.session_id}").click().run()
    assert [message.value for message in app.success] == ["Signed out there."]
    assert "**Signed in** (1)" in said(app)
    assert accounts.session_of(elsewhere, datetime.now(UTC)) is None
    assert accounts.session_of(token, datetime.now(UTC)) is not None


def test_signing_out_everywhere_ends_this_session_too(cast: Cast) -> None:
    elsewhere = sign_in(cast.alice)
    app = opened(cast.alice, "settings")
    app.button(key="sign-out-everywhere").click().run()
    assert not app.exception
    assert "/auth/sign-out" in app.html[0].value
    assert not app.title
    assert accounts.session_of(elsewhere, datetime.now(UTC)) is None


def test_opening_a_page_notes_that_the_session_is_in_use(cast: Cast) -> None:
    day_before = datetime.now(UTC) - timedelta(days=1)
    token = sign_in(cast.alice, day_before)
    opened(cast.alice, "settings", token)
    session = accounts.session_of(token, datetime.now(UTC))
    assert session is not None
    assert session.last_seen_at - day_before >= timedelta(days=1)
