"""Invitation and password links through the real processes and a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from core import accounts
from core.accounts import Role
from tests.cast import PASSWORD, Cast, make_cast
from tests.end_to_end.processes import Installation, installed, wait_until
from tests.end_to_end.test_sign_in import expect_sign_in_page, expect_signed_in, sign_in
from tests.mailbox import SENDER, Mailbox

pytestmark = pytest.mark.browser

expect.set_options(timeout=45_000)


@pytest.fixture
def people(context: BrowserContext) -> Cast:
    """The cast, in the database of the dashboard."""
    return make_cast()


@pytest.fixture
def mailing(
    clean_database: None, database_url: str, post: Mailbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """A dashboard and a worker that send mail."""
    folder = tmp_path_factory.mktemp("mailing")
    with installed(database_url, folder, SMTP_URL=post.url, MAIL_FROM=SENDER) as installation:
        installation.web()
        installation.worker()
        yield installation


def test_an_invited_person_opens_the_link_registers_and_is_in_the_business(
    browser: Browser, context: BrowserContext, web: str, people: Cast
) -> None:
    owner = context.new_page()
    owner.goto("/settings?section=Members")
    sign_in(owner, people.alice.email)
    owner.get_by_label("Email address to invite").fill("eve@example.com")
    owner.get_by_role("button", name="Invite", exact=True).click()
    link = owner.get_by_test_id("stCode").inner_text().strip()

    with browser.new_context(base_url=web) as elsewhere:
        guest = elsewhere.new_page()
        requested: list[str] = []
        guest.on("request", lambda request: requested.append(request.url + request.headers.get("referer", "")))
        guest.goto(link)
        expect(guest.get_by_role("heading", name="Join Acme")).to_be_visible()
        secret = link.partition("#")[2]
        assert secret not in guest.url
        assert not [address for address in requested if secret in address.replace(link, "")]
        assert secret not in str(guest.evaluate("document.documentElement.outerHTML + document.cookie"))
        guest.go_back()
        assert secret not in guest.url
        guest.goto("/?link=invitation")

        form = guest.get_by_test_id("stForm").filter(has_text="Create account and join")
        form.get_by_label("Your name").fill("Eve")
        form.get_by_label("Password", exact=True).fill(PASSWORD)
        form.get_by_label("Password again").fill(PASSWORD)
        form.get_by_role("button", name="Create account and join").click()
        expect_signed_in(guest, "Eve")
        user = accounts.find_user("eve@example.com")
        assert [(tenant.name, tenant.role) for tenant in accounts.tenants_of(user.user_id)] == [("Acme", Role.VIEWER)]

        guest.goto("/?link=invitation")
        expect(guest.get_by_text("used, withdrawn")).to_be_visible()
        guest.get_by_role("button", name="Go to Xeno").click()
        expect_signed_in(guest, "Eve")


def test_signing_out_everywhere_ends_the_session_of_every_browser(
    browser: Browser, context: BrowserContext, web: str, people: Cast
) -> None:
    here = context.new_page()
    here.goto("/settings?section=Security")
    sign_in(here, people.alice.email)
    expect_signed_in(here, people.alice.name)
    with browser.new_context(base_url=web) as phone:
        there = phone.new_page()
        there.goto("/settings?section=Security")
        sign_in(there, people.alice.email)
        expect(there.get_by_text("Signed in (2)")).to_be_visible()
        expect(there.get_by_text("Chrome on Linux (this browser)")).to_be_visible()
        there.get_by_role("button", name="Sign out everywhere").click()
        there.get_by_test_id("stPopoverBody").get_by_role("button", name="Sign out everywhere").click()
        expect_sign_in_page(there)
        expect_sign_in_page(here)


def test_a_forgotten_password_comes_back_by_a_mail(browser: Browser, mailing: Installation, post: Mailbox) -> None:
    people = make_cast()
    with browser.new_context(base_url=mailing.web_url) as context:
        context.set_default_timeout(45_000)
        page = context.new_page()
        page.goto("/stores")
        page.get_by_text("Forgot your password?").click()
        form = page.get_by_test_id("stForm").filter(has_text="Email me a link").first
        form.get_by_label("Email address").fill(people.alice.email)
        form.get_by_role("button", name="Email me a link").click()
        expect(page.get_by_text("If this address has an account, we emailed it a link")).to_be_visible()
        wait_until(lambda: post.mails, "the mail arrives", mailing.logs)
        assert post.link.startswith(mailing.web_url)

        set_password(page, post.link, "an even better password")
        expect_signed_in(page, people.alice.name)
        page.goto(post.link)
        expect(page.get_by_text("This link was used")).to_be_visible()
    with browser.new_context(base_url=mailing.web_url) as afterwards:
        page = afterwards.new_page()
        page.goto("/")
        sign_in(page, people.alice.email, "an even better password")
        expect_signed_in(page, people.alice.name)
    logs = "".join(process.log.read_text(errors="replace") for process in mailing.processes)
    assert post.token not in logs, "no process writes the secret of a link"
    assert people.alice.email not in logs


def set_password(page: Page, link: str, password: str) -> None:
    page.goto(link)
    form = page.get_by_test_id("stForm").filter(has_text="Set password")
    form.get_by_label("Password", exact=True).fill(password)
    form.get_by_label("Password again").fill(password)
    form.get_by_role("button", name="Set password").click()
