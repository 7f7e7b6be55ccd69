"""The sign-in page, and what it relies on in streamlit-authenticator, whose version is pinned for it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

import pytest
from streamlit.testing.v1 import AppTest
from streamlit_authenticator import Hasher
from streamlit_authenticator.controllers import AuthenticationController
from streamlit_authenticator.models import AuthenticationModel

from core import accounts
from core.config import DEMO_PASSWORD, DEMO_USER, settings
from core.database import rate_limits, system_session
from core.database.models import User
from core.errors import NotFound
from tests.cast import NOW, PASSWORD, Cast, sign_in
from tests.dashboard.pages import button_labels, open_page, open_signed_out, page_text, press
from tests.mailbox import Mailbox

WRONG = "Wrong email or password\\. After 5 wrong attempts in a row, wait 15 minutes or reset the password\\."


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """Sets an environment variable and has the settings read again."""

    def put(name: str, value: str) -> None:
        monkeypatch.setenv(name, value)
        settings.cache_clear()

    yield put
    monkeypatch.undo()
    settings.cache_clear()


def fill(app: AppTest, button: str, **entries: str) -> AppTest:
    """Fill the form that has this button, and press it."""
    (pressed,) = [candidate for candidate in app.button if candidate.label == button]
    for label, value in entries.items():
        (entry,) = [e for e in app.text_input if e.label == label.replace("_", " ") and e.form_id == pressed.form_id]
        entry.set_value(value)
    return pressed.click().run()


def try_signing_in(app: AppTest, email: str, password: str) -> AppTest:
    return fill(app, "Sign in", Email_address=email, Password=password)


def registering(app: AppTest, email: str = "zoe@example.com", again: str = PASSWORD) -> AppTest:
    return fill(
        app,
        "Create account",
        Your_name="Zoe",
        Business_name="Zoe & Sons 24/7",
        Email_address=email,
        Password=PASSWORD,
        Password_again=again,
    )


def test_a_stranger_sees_the_forms_and_no_page(cast: Cast) -> None:
    app = open_signed_out()
    assert not app.exception
    assert [tab.label for tab in app.tabs] == ["Sign in", "Create account"]
    assert not app.title
    assert not app.sidebar.button
    assert "Acme" not in page_text(app)


def test_an_unknown_address_and_a_wrong_password_get_the_same_answer(cast: Cast) -> None:
    answers = [
        try_signing_in(open_signed_out(), email, "wrong password").error
        for email in (cast.alice.email, "x@y.example")
    ]
    assert [[message.value for message in answer] for answer in answers] == [[WRONG], [WRONG]]


def test_empty_fields_are_asked_for_and_count_as_no_try(cast: Cast) -> None:
    app = open_signed_out()
    for _ in range(6):
        app = try_signing_in(app, cast.alice.email, "")
    assert [message.value for message in app.error] == ["Type your email address and your password\\."]


def test_after_five_wrong_passwords_the_right_one_gets_the_same_answer(cast: Cast) -> None:
    """A stranger learns neither that the address exists nor that tries are no longer checked."""
    for _ in range(5):
        try_signing_in(open_signed_out(), cast.alice.email, "wrong password")
    app = try_signing_in(open_signed_out(), cast.alice.email, PASSWORD)
    assert [message.value for message in app.error] == [WRONG]


def test_a_browser_without_cookies_gets_an_explanation(cast: Cast) -> None:
    app = try_signing_in(open_signed_out(), cast.alice.email, PASSWORD)
    assert ["did not accept a cookie" in message.value for message in app.error] == [True]


def test_registering_makes_an_account_with_any_name_a_business_may_have(clean_database: None) -> None:
    registering(open_signed_out())
    user = accounts.find_user("zoe@example.com")
    assert user.name == "Zoe"
    assert [tenant.name for tenant in accounts.tenants_of(user.user_id)] == ["Zoe & Sons 24/7"]


@pytest.mark.parametrize(
    ("email", "again", "reason"),
    [("not an address", PASSWORD, "not an email address"), ("zoe@example.com", "something else", "do not match")],
)
def test_a_refused_registration_says_why(clean_database: None, email: str, again: str, reason: str) -> None:
    app = registering(open_signed_out(), email, again)
    assert not app.exception
    assert [reason in message.value for message in app.error] == [True]


def test_the_demo_registers_at_once_and_says_when_the_address_is_taken(cast: Cast, setting) -> None:
    setting("DEMO", "true")
    app = registering(open_signed_out(), cast.alice.email)
    assert ["already has an account" in message.value for message in app.error] == [True]


def test_without_mail_the_page_says_whom_to_ask_and_has_nothing_to_try_addresses_on(cast: Cast) -> None:
    app = open_signed_out()
    assert button_labels(app) == {"Sign in"}
    page = page_text(app)
    assert "This server cannot send email" in page
    assert "You need an invitation" in page
    assert [code.value.split(" --")[0] for code in app.code] == [
        "python -m core.admin reset-password",
        "python -m core.admin registration-link",
    ]


@pytest.mark.parametrize("form", ["Forgot your password?", "Create account"])
def test_with_mail_the_answer_is_the_same_whether_or_not_the_address_has_an_account(
    cast: Cast, mailbox: Mailbox, form: str
) -> None:
    answers = []
    for email in (cast.alice.email, "nobody@example.com"):
        app = open_signed_out()
        key = "forgotten-email" if form == "Forgot your password?" else "register-email"
        app.text_input(key=key).set_value(email)
        button, *_ = [b for b in app.button if b.form_id == app.text_input(key=key).form_id]
        app = button.click().run()
        assert not app.exception
        answers.append([message.value for message in (*app.info, *app.error)])
    assert answers[0] == answers[1]
    assert "we emailed" in answers[0][0]


def test_an_invalid_address_gets_no_mail_and_one_sentence(cast: Cast, mailbox: Mailbox) -> None:
    app = open_signed_out()
    app.text_input(key="forgotten-email").set_value("nobody")
    button, *_ = [b for b in app.button if b.form_id == app.text_input(key="forgotten-email").form_id]
    assert ["not an email address" in message.value for message in button.click().run().error] == [True]


def test_where_registration_is_closed_there_is_no_form_for_it(clean_database: None, setting) -> None:
    setting("REGISTRATION_OPEN", "false")
    app = open_signed_out()
    assert not app.tabs
    assert [button.label for button in app.button] == ["Sign in"]


def test_the_demo_opens_with_one_click_and_only_the_demo_does(clean_database: None, setting) -> None:
    assert "Open the demo" not in button_labels(open_signed_out())
    setting("DEMO", "true")
    app = open_signed_out()
    assert "Open the demo" not in button_labels(app), "its Shopify is not the simulator"
    assert DEMO_PASSWORD.replace("-", "\\-") not in page_text(app)
    setting("SHOPIFY_ADMIN_URL", "http://127.0.0.1:8503/{shop}")
    app = open_signed_out()
    assert DEMO_PASSWORD.replace("-", "\\-") in page_text(app)
    app = press(app, "Open the demo")
    assert ["Wrong email or password" in message.value for message in app.error] == [True], "no such user here"
    accounts.register("Demo", DEMO_USER, DEMO_PASSWORD, "Demo Goods", datetime.now(UTC))
    app = press(app, "Open the demo")
    assert ["did not accept a cookie" in message.value for message in app.error] == [True], "AppTest has no cookies"


def test_a_password_manager_recognises_every_entry(clean_database: None, mailbox: Mailbox, setting) -> None:
    setting("DEMO", "true")
    entries = [entry.proto for entry in open_signed_out().text_input]
    hints = {(entry.label, entry.autocomplete) for entry in entries}
    assert hints == {
        ("Email address", "username"),
        ("Password", "current-password"),
        ("Your name", "name"),
        ("Business name", "organization"),
        ("Password", "new-password"),
        ("Password again", "new-password"),
    }
    assert all(entry.autocomplete for entry in entries)


def test_an_ended_session_leaves_the_page_for_a_fresh_one(cast: Cast) -> None:
    token = sign_in(cast.alice)
    app = open_page(cast.alice, "settings", token=token)
    assert app.title[0].value == "Settings"
    accounts.revoke_all(cast.alice.user_id, NOW + timedelta(days=400))
    app.run()
    assert not app.title
    assert "/auth/sign-out" in app.html[0].value


def test_a_user_without_a_business_may_create_one(cast: Cast) -> None:
    token = sign_in(cast.bob)
    accounts.remove_member(cast.alice.actor, cast.bob.user_id)
    app = open_page(cast.bob, token=token)
    assert "You are not a member of any business" in page_text(app)
    assert "Acme" not in page_text(app)
    app = fill(app, "Create business", Business_name="Bob's own")
    assert not app.exception
    assert [tenant.name for tenant in accounts.tenants_of(cast.bob.user_id)] == ["Bob's own"]
    assert app.title


# What we use of streamlit-authenticator. When one of these fails after an upgrade, read its views again.


def test_streamlit_authenticator_is_the_version_that_was_read() -> None:
    assert version("streamlit-authenticator") == "0.4.2"


def test_its_forms_call_the_controller_and_the_model_as_we_override_them() -> None:
    model = inspect.signature(AuthenticationModel.login).parameters
    assert list(model)[1:3] == ["username", "password"]
    register = inspect.signature(AuthenticationModel.register_user).parameters
    assert list(register)[1:6] == ["new_first_name", "new_last_name", "new_email", "new_username", "new_password"]
    controller = inspect.signature(AuthenticationController.__init__).parameters
    assert list(controller)[1:4] == ["credentials", "validator", "auto_hash"]


def test_it_sets_no_cookie_of_its_own(cast: Cast) -> None:
    app = try_signing_in(open_signed_out(), cast.alice.email, PASSWORD)
    assert app.session_state["authentication_status"] is None
    assert not app.get("component_instance")


def test_its_hasher_reads_our_hashes(cast: Cast) -> None:
    with system_session() as session:
        user = session.get(User, cast.alice.user_id)
        assert user is not None
        assert Hasher.check_pw(PASSWORD, user.password_hash)


def test_one_address_registers_only_so_often_and_learns_when_to_retry(clean_database: None) -> None:
    for _ in range(rate_limits.REGISTER.burst):
        rate_limits.take(rate_limits.REGISTER, rate_limits.address_subject("127.0.0.1"), datetime.now(UTC))
    app = registering(open_signed_out())
    assert not app.exception
    (error,) = app.error
    assert error.value.startswith("Too many accounts were created from your network in the last hour; wait ")
    with pytest.raises(NotFound):
        accounts.find_user("zoe@example.com")
