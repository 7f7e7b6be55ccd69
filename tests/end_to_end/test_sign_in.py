"""Signing in and out with a real browser, and a copied cookie."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from core import accounts
from dashboard import navigation
from tests.cast import PASSWORD, make_cast

pytestmark = pytest.mark.browser

expect.set_options(timeout=45_000)

PAGES = tuple(page.url_path for page in navigation.PAGES)
WRONG = "Wrong email or password."


def test_registering_signs_in_and_the_session_survives_a_reload_of_every_page_and_a_new_tab(
    context: BrowserContext,
) -> None:
    page = context.new_page()
    page.goto("/stores")
    register(page, "Zoe", "Zoe & Sons *GmbH*", "zoe@example.com", "a good password")
    expect(page.get_by_role("heading", name="Stores", exact=True)).to_be_visible()
    for path in PAGES:
        page.goto(f"/{path}")
        expect_signed_in(page, "Zoe")
        page.reload()
        expect_signed_in(page, "Zoe")
        assert page.url.rstrip("/").endswith(f"/{path}".rstrip("/"))
    tab = context.new_page()
    tab.goto("/settings")
    expect_signed_in(tab, "Zoe")
    expect(tab.get_by_label("Business name")).to_have_value("Zoe & Sons *GmbH*")


def test_a_bookmarked_page_opens_with_its_filters_after_signing_in(context: BrowserContext) -> None:
    people = make_cast()
    page = context.new_page()
    page.goto("/stores?anything=a%20b")
    sign_in(page, people.alice.email)
    expect_signed_in(page, people.alice.name)
    assert page.url.endswith(("/stores?anything=a+b", "/stores?anything=a%20b"))


def test_scripts_cannot_read_the_session_and_other_sites_cannot_send_it(context: BrowserContext) -> None:
    people = make_cast()
    page = context.new_page()
    page.goto("/stores")
    sign_in(page, people.alice.email)
    expect_signed_in(page, people.alice.name)
    cookie = {entry["name"]: entry for entry in context.cookies()}["xeno"]
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    assert cookie["path"] == "/"
    assert cookie["value"] not in page.evaluate("document.cookie")


def test_signing_out_ends_every_tab_and_a_copied_cookie_is_worth_nothing(
    browser: Browser, context: BrowserContext, web: str
) -> None:
    people = make_cast()
    page = context.new_page()
    page.goto("/settings")
    sign_in(page, people.alice.email)
    expect_signed_in(page, people.alice.name)
    other_tab = context.new_page()
    other_tab.goto("/stores")
    expect_signed_in(other_tab, people.alice.name)
    copied = context.cookies()

    sign_out(page, people.alice.name)
    assert "xeno" not in {entry["name"] for entry in context.cookies()}
    expect_sign_in_page(other_tab)
    with browser.new_context(base_url=web) as thief:
        thief.add_cookies(copied)  # type: ignore[arg-type]  # add_cookies accepts the result of cookies()
        stolen = thief.new_page()
        stolen.goto("/stores")
        expect_sign_in_page(stolen)


def test_a_changed_password_signs_out_the_other_browser_at_once(
    browser: Browser, context: BrowserContext, web: str
) -> None:
    people = make_cast()
    page = context.new_page()
    page.goto("/settings?section=Security")
    sign_in(page, people.alice.email)
    expect_signed_in(page, people.alice.name)
    with browser.new_context(base_url=web) as phone:
        elsewhere = phone.new_page()
        elsewhere.goto("/settings?section=Security")
        sign_in(elsewhere, people.alice.email)
        expect_signed_in(elsewhere, people.alice.name)

        page.get_by_label("Current password").fill(PASSWORD)
        page.get_by_label("New password", exact=True).fill("an even better password")
        page.get_by_label("New password again").fill("an even better password")
        page.get_by_role("button", name="Change password").click()
        expect_sign_in_page(page)
        expect_sign_in_page(elsewhere)
    sign_in(page, people.alice.email)
    expect(page.get_by_text(WRONG)).to_be_visible()
    sign_in(page, people.alice.email, "an even better password")
    expect_signed_in(page, people.alice.name)


def test_an_unknown_address_and_a_wrong_password_read_the_same(context: BrowserContext) -> None:
    people = make_cast()
    page = context.new_page()
    page.goto("/")
    for email in (people.alice.email, "nobody@example.com"):
        sign_in(page, email, "not the password")
        expect(page.get_by_text(WRONG)).to_be_visible()
        page.reload()


def test_five_wrong_passwords_stop_a_stranger_in_every_process_and_never_the_owner(
    browser: Browser, context: BrowserContext, another_web: str
) -> None:
    people = make_cast()
    owner = context.new_page()
    owner.goto("/")
    sign_in(owner, people.alice.email)
    expect_signed_in(owner, people.alice.name)
    sign_out(owner, people.alice.name)
    with browser.new_context(base_url=another_web) as elsewhere:
        stranger = elsewhere.new_page()
        for tries in range(5):
            stranger.goto("/")
            sign_in(stranger, people.alice.email, f"wrong password {tries}")
            expect(stranger.get_by_text(WRONG)).to_be_visible()
        stranger.goto("/")
        sign_in(stranger, people.alice.email, PASSWORD)
        expect(stranger.get_by_text(WRONG)).to_be_visible()
    sign_in(owner, people.alice.email)
    expect_signed_in(owner, people.alice.name)


def test_the_next_user_of_the_same_browser_sees_nothing_of_the_last_page(context: BrowserContext) -> None:
    people = make_cast()
    page = context.new_page()
    page.goto("/settings?section=Members")
    sign_in(page, people.alice.email)
    page.get_by_role("textbox", name="Email address to invite").fill("somebody.secret@example.com")
    sign_out(page, people.alice.name)
    sign_in(page, people.charlie.email)
    expect_signed_in(page, people.charlie.name)
    expect(page.get_by_role("textbox", name="Email address to invite")).to_have_value("")
    expect(page.get_by_text("Acme")).to_have_count(0)


def test_a_page_runs_under_a_policy_that_forbids_foreign_and_inline_scripts(context: BrowserContext) -> None:
    people = make_cast()
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "Security Policy" in message.text else None)
    policy = page.goto("/stores").headers["content-security-policy"]  # type: ignore[union-attr]  # it answers
    assert "script-src 'self'" in policy
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]
    sign_in(page, people.alice.email)
    expect_signed_in(page, people.alice.name)
    for path in PAGES:
        page.goto(f"/{path}")
        expect_signed_in(page, people.alice.name)
    assert refused == []


def register(page: Page, name: str, business: str, email: str, password: str) -> None:
    page.get_by_role("tab", name="Create account").click()
    form = page.get_by_test_id("stForm").filter(has_text="Password again")
    form.get_by_label("Your name").fill(name)
    form.get_by_label("Business name").fill(business)
    form.get_by_label("Email address").fill(email)
    form.get_by_label("Password", exact=True).fill(password)
    form.get_by_label("Password again").fill(password)
    form.get_by_role("button", name="Create account").click()


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    form = page.get_by_test_id("stForm").filter(has=page.get_by_role("button", name="Sign in"))
    form.get_by_label("Email address").fill(email)
    form.get_by_label("Password", exact=True).fill(password)
    form.get_by_role("button", name="Sign in").click()


def sign_in_as_new(page: Page, name: str, business: str, email: str, password: str) -> None:
    """Sign in as a user whom the operator makes: without mail, only the first user registers on the page."""
    accounts.register(name, email, password, business, datetime.now(UTC))
    sign_in(page, email, password)


def sign_out(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()
    page.get_by_test_id("stPopoverBody").get_by_role("button", name="Sign out").click()
    expect_sign_in_page(page)


def expect_signed_in(page: Page, name: str) -> None:
    expect(page.get_by_test_id("stSidebar").get_by_role("button", name=name)).to_be_visible()


def expect_sign_in_page(page: Page) -> None:
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.get_by_test_id("stSidebar")).to_have_count(0)
