"""The Settings page, run as each of the cast."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from core import accounts
from core.accounts import Role, Theme
from core.errors import NotFound
from tests.cast import NOW, PASSWORD, Cast, sign_in
from tests.dashboard.pages import ENTRY, button_labels, open_page, page_text, press, type_in
from tests.mailbox import Mailbox


def test_an_owner_finds_the_account_the_business_and_its_members(cast: Cast) -> None:
    app = open_page(cast.alice, "settings")
    assert not app.exception
    values = {entry.label: entry.value for entry in app.text_input}
    assert values["Your name"] == "Alice Archer"
    assert values["Business name"] == "Acme"
    page = page_text(app)
    assert "You sign in as alice" in page
    assert "**Members** (2)" in page
    assert "Bob Baker" in page
    assert "Charlie" not in page


def test_a_viewer_sees_the_members_but_changes_nothing_of_the_business(cast: Cast) -> None:
    app = open_page(cast.bob, "settings")
    assert "Alice Archer" in page_text(app)
    assert button_labels(app) & {"Rename", "Remove", "Invite", "Leave"} == {"Leave"}, "which everybody may"
    assert "Change password" in button_labels(app)


def test_dana_who_has_no_store_finds_her_settings_too(cast: Cast) -> None:
    app = open_page(cast.dana, "settings")
    assert not app.exception
    assert "**Members** (1)" in page_text(app)


def test_charlie_after_alice_sees_his_own_people_only(cast: Cast) -> None:
    open_page(cast.alice, "settings")
    page = page_text(open_page(cast.charlie, "settings"))
    assert "Charlie Cooper" in page
    assert "Alice" not in page


def test_a_new_name_is_saved_and_shown(cast: Cast) -> None:
    app = open_page(cast.alice, "settings")
    type_in(app, "Your name", "Alice Ames")
    press(app, "Save")
    assert [message.value for message in app.success] == ["Name saved."]
    assert "Alice Ames" in page_text(app)


def test_the_business_is_renamed(cast: Cast) -> None:
    app = open_page(cast.alice, "settings")
    type_in(app, "Business name", "Acme Ltd")
    press(app, "Rename")
    assert accounts.tenants_of(cast.bob.user_id)[0].name == "Acme Ltd"


def invite(app: AppTest, email: str, role: Role = Role.VIEWER) -> AppTest:
    (entry,) = [entry for entry in app.text_input if entry.key and entry.key.startswith("invite-email")]
    entry.set_value(email)
    (choice,) = [choice for choice in app.selectbox if choice.key and choice.key.startswith("invite-role")]
    choice.set_value(role)
    return press(app, "Invite")


def test_an_owner_invites_somebody_and_gets_the_link_to_pass_on(cast: Cast) -> None:
    app = invite(open_page(cast.alice, "settings"), "eve@example.com", Role.ANALYST)
    (link,) = [code.value for code in app.code]
    assert "/auth/invitation#" in link
    offer = accounts.open_invitation(link.partition("#")[2], datetime.now(UTC))
    assert (offer.email, offer.role) == ("eve@example.com", Role.ANALYST)
    assert "Analyst · invited just now, open for 7 days" in page_text(app)
    app = press(app, "Done")
    assert not app.code
    assert "eve@example.com" in page_text(app)


def test_an_invitation_is_renewed_and_revoked_in_the_list(cast: Cast) -> None:
    app = invite(open_page(cast.alice, "settings"), "eve@example.com")
    (first,) = [code.value for code in app.code]
    app = press_in_list(app, "New link", "renew")
    (second,) = [code.value for code in app.code]
    assert first != second
    app = press_in_list(app, "Revoke", "revoke")
    assert ["can no longer join" in message.value for message in app.success] == [True]
    assert not app.code
    assert "Viewer · revoked" in page_text(app)
    with pytest.raises(NotFound):
        accounts.open_invitation(second.partition("#")[2], datetime.now(UTC))


def press_in_list(app: AppTest, label: str, key: str) -> AppTest:
    button, *_ = [button for button in app.button if button.label == label and (button.key or "").startswith(key)]
    app = button.click().run()
    assert not app.exception
    return app


def test_an_invalid_address_is_refused_and_the_entry_stays(cast: Cast) -> None:
    app = invite(open_page(cast.alice, "settings"), "no address")
    assert ["not an email address" in message.value for message in app.error] == [True]
    assert "no address" in [entry.value for entry in app.text_input]


def test_an_owner_makes_a_link_for_a_member_who_forgot_the_password(cast: Cast) -> None:
    app = press(open_page(cast.alice, "settings"), "Make a password link")
    (link,) = [code.value for code in app.code]
    assert accounts.open_reset(link.partition("#")[2], datetime.now(UTC)).user_id == cast.bob.user_id
    assert not press(app, "Done").code
    assert "Make a password link" not in button_labels(open_page(cast.bob, "settings"))


def test_with_mail_neither_an_invitation_nor_a_reset_shows_its_link(cast: Cast, mailbox: Mailbox) -> None:
    app = invite(open_page(cast.alice, "settings"), "eve@example.com")
    assert ["We emailed an invitation" in message.value for message in app.success] == [True]
    assert not app.code
    assert "Send again" in button_labels(app)
    app = press(app, "Email a password link")
    assert ["We emailed a password link" in message.value for message in app.success] == [True]
    assert not app.code


def test_a_page_that_reruns_by_itself_does_not_keep_its_session_from_idling(cast: Cast) -> None:
    day_before = datetime.now(UTC) - timedelta(days=1)
    token = sign_in(cast.dana, day_before)
    app = AppTest.from_file(ENTRY, default_timeout=30)
    app.session_state["session_token"] = token
    app.session_state["this run is not the viewer's doing"] = True
    for seen_at_once in (False, True):
        app.run()
        session = accounts.session_of(token, datetime.now(UTC))
        assert session is not None
        assert (session.last_seen_at > day_before) is seen_at_once


def test_a_viewer_invites_nobody_and_sees_no_invitations(cast: Cast) -> None:
    invite(open_page(cast.alice, "settings"), "eve@example.com")
    app = open_page(cast.bob, "settings")
    assert "eve@example.com" not in page_text(app)
    assert "Invite" not in button_labels(app)


def test_a_second_business_is_begun_and_looked_at(cast: Cast) -> None:
    token = sign_in(cast.bob)
    app = open_page(cast.bob, "settings", token)
    type_in(app, "Name of the new business", "Bob's own")
    app = press(app, "Create business")
    assert 'data-to="/"' in app.html[0].value
    session = accounts.session_of(token, datetime.now(UTC))
    assert session is not None
    assert (session.tenant_name, session.role) == ("Bob's own", Role.OWNER)


def test_an_owner_changes_a_role_and_removes_a_member(cast: Cast) -> None:
    app = open_page(cast.alice, "settings")
    app.selectbox(key=f"role-{cast.bob.user_id}-viewer").set_value(Role.ANALYST).run()
    assert accounts.tenants_of(cast.bob.user_id)[0].role is Role.ANALYST
    app.button(key=f"remove-{cast.bob.user_id}").click().run()
    assert accounts.tenants_of(cast.bob.user_id) == ()
    assert "**Members** (1)" in page_text(app)


def test_the_only_owner_finds_no_way_to_leave_but_how_to_hand_over(cast: Cast) -> None:
    app = open_page(cast.alice, "settings")
    assert "The only owner: make another member an owner before you leave." in page_text(app)
    assert "Leave" not in button_labels(app)
    assert not [box for box in app.selectbox if (box.key or "").startswith(f"role-{cast.alice.user_id}-")]

    app.selectbox(key=f"role-{cast.bob.user_id}-viewer").set_value(Role.OWNER).run()
    assert "The only owner" not in page_text(app)
    press(app, "Leave")
    assert accounts.tenants_of(cast.alice.user_id) == ()


def change_password(app: AppTest, old: str, new: str, again: str) -> AppTest:
    type_in(app, "Current password", old)
    type_in(app, "New password", new)
    type_in(app, "New password again", again)
    return press(app, "Change password")


def test_a_changed_password_signs_out_here_and_everywhere(cast: Cast) -> None:
    elsewhere = sign_in(cast.alice)
    app = change_password(open_page(cast.alice, "settings"), PASSWORD, "a better password", "a better password")
    assert "/auth/sign-out" in app.html[0].value
    assert not app.title
    assert "/auth/sign-out" in open_page(cast.alice, token=elsewhere).html[0].value
    assert accounts.authenticate(cast.alice.email, "a better password", NOW) == cast.alice.user_id


@pytest.mark.parametrize(
    ("old", "new", "again", "reason"),
    [
        ("not the old one", "a better password", "a better password", "current password is wrong"),
        (PASSWORD, "a better password", "another one instead", "new passwords differ"),
        (PASSWORD, "short", "short", "at least 10"),
    ],
)
def test_a_refused_password_says_why_and_empties_the_fields(
    cast: Cast, old: str, new: str, again: str, reason: str
) -> None:
    app = change_password(open_page(cast.alice, "settings"), old, new, again)
    assert [reason in message.value for message in app.error] == [True]
    assert [entry.value for entry in app.text_input if "assword" in entry.label] == ["", "", ""]
    assert accounts.authenticate(cast.alice.email, PASSWORD, NOW) == cast.alice.user_id


def test_the_browsers_where_one_is_signed_in_are_listed_and_one_is_signed_out(cast: Cast) -> None:
    token, elsewhere = sign_in(cast.alice), sign_in(cast.alice)
    app = open_page(cast.alice, "settings", token)
    page = page_text(app)
    assert "**Signed in** (2)" in page
    assert page.count("(this browser)") == 1
    _, other = accounts.browsers_of(cast.alice.user_id, token, datetime.now(UTC))
    app.button(key=f"end-session-{other.session_id}").click().run()
    assert ["is signed out." in message.value for message in app.success] == [True]
    assert "**Signed in** (1)" in page_text(app)
    assert accounts.session_of(elsewhere, datetime.now(UTC)) is None
    assert accounts.session_of(token, datetime.now(UTC)) is not None


def test_signing_out_everywhere_ends_this_session_too(cast: Cast) -> None:
    elsewhere = sign_in(cast.alice)
    app = open_page(cast.alice, "settings")
    app.button(key="sign-out-everywhere").click().run()
    assert not app.exception
    assert "/auth/sign-out" in app.html[0].value
    assert not app.title
    assert accounts.session_of(elsewhere, datetime.now(UTC)) is None


def test_opening_a_page_notes_that_the_session_is_in_use(cast: Cast) -> None:
    day_before = datetime.now(UTC) - timedelta(days=1)
    token = sign_in(cast.alice, day_before)
    open_page(cast.alice, "settings", token)
    session = accounts.session_of(token, datetime.now(UTC))
    assert session is not None
    assert session.last_seen_at - day_before >= timedelta(days=1)


def test_a_chosen_appearance_is_kept_for_the_user_and_loads_the_page_again(cast: Cast) -> None:
    app = open_page(cast.alice, "settings")
    app.button_group(key="theme-settings-system").set_value(Theme.DARK).run()
    assert not app.exception
    assert "/auth/theme?next=" in app.html[0].value
    assert accounts.theme_of(cast.alice.user_id) is Theme.DARK
    assert accounts.theme_of(cast.bob.user_id) is Theme.SYSTEM
