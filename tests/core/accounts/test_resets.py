"""Links for a forgotten password: who gets one, and that it works once."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from core import accounts
from core.accounts import Actor, LinkKind, Role
from core.config import settings
from core.database import rate_limits, system_session
from core.database.models import PasswordReset, User
from core.errors import InvalidInput, MailDown, MailRefused, NotAllowed, NotFound, NotSignedIn, RateLimited
from tests.cast import NOW, PASSWORD, Cast, add_member, sign_in
from tests.mailbox import Mailbox

HOUR = timedelta(hours=1)
BETTER = "a better password"
NETWORK = "192.0.2.7"


def token_of(link: str | None) -> str:
    assert link is not None
    return link.partition("#")[2]


def operators(cast: Cast) -> str:
    return token_of(accounts.create_reset_link(cast.alice.email, NOW))


def jobs() -> list[dict[str, object]]:
    with system_session() as session:
        return list(session.scalars(text("SELECT args FROM procrastinate_jobs WHERE task_name = 'mail_link'")))


def work() -> None:
    """Run the queued mails, as the worker does."""
    for job in jobs():
        arguments = dict(job)
        accounts.mail_link(LinkKind(str(arguments.pop("kind"))), NOW, **arguments)  # type: ignore[arg-type]
    with system_session() as session:
        session.execute(text("DELETE FROM procrastinate_jobs WHERE task_name = 'mail_link'"))


def test_a_link_sets_a_password_once_and_ends_every_session(cast: Cast) -> None:
    here, there = sign_in(cast.alice, NOW), sign_in(cast.alice, NOW)
    ticket = accounts.issue_ticket(cast.alice.user_id, "nonce", NOW)
    token = operators(cast)
    assert accounts.open_reset(token, NOW).email == cast.alice.email
    assert accounts.reset_password(token, BETTER, NOW) == cast.alice.user_id
    assert accounts.authenticate(cast.alice.email, BETTER, NOW) == cast.alice.user_id
    with pytest.raises(NotSignedIn):
        accounts.authenticate(cast.alice.email, PASSWORD, NOW)
    assert accounts.session_of(here, NOW) is None
    assert accounts.session_of(there, NOW) is None
    with pytest.raises(NotSignedIn):
        accounts.redeem_ticket(ticket, "nonce", NOW)
    for again in (lambda: accounts.open_reset(token, NOW), lambda: accounts.reset_password(token, PASSWORD, NOW)):
        with pytest.raises(NotFound, match="ask for a new link"):
            again()


def test_a_link_is_good_for_an_hour(cast: Cast) -> None:
    token = operators(cast)
    assert accounts.open_reset(token, NOW + HOUR - timedelta(seconds=1))
    with pytest.raises(NotFound):
        accounts.reset_password(token, BETTER, NOW + HOUR)
    assert accounts.purge_expired(NOW + HOUR) >= 1
    with system_session() as session:
        assert session.scalar(select(func.count()).select_from(PasswordReset)) == 0


def test_using_one_link_ends_the_users_other_links_and_no_other_users(cast: Cast) -> None:
    first, second = operators(cast), operators(cast)
    bobs = token_of(accounts.create_reset_link(cast.bob.email, NOW))
    accounts.reset_password(second, BETTER, NOW)
    with pytest.raises(NotFound):
        accounts.open_reset(first, NOW)
    assert accounts.open_reset(bobs, NOW).user_id == cast.bob.user_id


def test_five_who_use_one_link_at_once_set_one_password(cast: Cast) -> None:
    token = operators(cast)
    with ThreadPoolExecutor(5) as pool:
        outcomes = [pool.submit(accounts.reset_password, token, f"{BETTER} {n}", NOW) for n in range(5)]
    assert sum(outcome.exception() is None for outcome in outcomes) == 1


def test_a_password_that_cannot_be_used_leaves_the_link_good(cast: Cast) -> None:
    token = operators(cast)
    with pytest.raises(InvalidInput, match="at least 10"):
        accounts.reset_password(token, "short", NOW)
    assert accounts.open_reset(token, NOW)


@pytest.mark.parametrize("token", ["", "x", "é", "nul\0byte", "x" * 10_000])
def test_a_made_up_link_sets_nothing(cast: Cast, token: str) -> None:
    with pytest.raises(NotFound):
        accounts.reset_password(token, BETTER, NOW)


def test_the_database_and_the_queue_hold_no_secret_of_a_link(cast: Cast, mailbox: Mailbox) -> None:
    accounts.request_reset(cast.alice.email, NETWORK, NOW)
    assert jobs() == [{"kind": "reset", "email": cast.alice.email}]
    work()
    with system_session() as session:
        (kept,) = session.scalars(select(PasswordReset.token_hash))
    assert mailbox.token.encode() not in kept
    assert len(mailbox.token) >= 43


def test_a_link_by_mail_goes_to_the_mailbox_of_the_account_however_it_was_typed(cast: Cast, mailbox: Mailbox) -> None:
    accounts.request_reset(" ALICE@acme.example ", NETWORK, NOW)
    work()
    assert mailbox.recipients == [cast.alice.email]
    assert mailbox.link.startswith(f"{settings().public_url}/auth/reset#")
    assert accounts.reset_password(mailbox.token, BETTER, NOW) == cast.alice.user_id


def test_an_unknown_address_gets_no_mail_and_the_same_answer_from_the_same_work(cast: Cast, mailbox: Mailbox) -> None:
    def seconds(email: str) -> float:
        began = time.perf_counter()
        accounts.request_reset(email, NETWORK, NOW)
        return time.perf_counter() - began

    known, unknown = [], []
    for _ in range(3):
        known.append(seconds(cast.alice.email))
        unknown.append(seconds("nobody@example.com"))
    assert 0.2 < statistics.median(known) / statistics.median(unknown) < 5
    assert len(jobs()) == 6
    work()
    assert set(mailbox.recipients) == {cast.alice.email}


def test_a_mailbox_gets_three_mails_in_an_hour_and_a_stranger_sees_no_difference(
    cast: Cast, mailbox: Mailbox
) -> None:
    for number in range(6):
        accounts.request_reset(cast.alice.email, f"192.0.2.{number}", NOW)
    assert len(jobs()) == 3
    accounts.request_reset(cast.alice.email, NETWORK, NOW + HOUR)
    assert len(jobs()) == 4


def test_one_network_asks_for_ten_mails_in_an_hour(cast: Cast, mailbox: Mailbox) -> None:
    for number in range(rate_limits.MAIL_FROM_ADDRESS.burst):
        accounts.request_reset(f"nobody-{number}@example.com", NETWORK, NOW)
    with pytest.raises(RateLimited, match="from your network"):
        accounts.request_reset("another@example.com", NETWORK, NOW)


def test_without_mail_nothing_is_asked_for(cast: Cast) -> None:
    with pytest.raises(NotAllowed, match="ask an owner of your business or the operator"):
        accounts.request_reset(cast.alice.email, NETWORK, NOW)
    assert jobs() == []


@pytest.mark.parametrize(("answer", "error"), [("451 Later", MailDown), ("550 Never", MailRefused)])
def test_a_mail_that_did_not_go_leaves_no_link_behind(
    cast: Cast, mailbox: Mailbox, answer: str, error: type[Exception]
) -> None:
    mailbox.answer = answer
    with pytest.raises(error):
        accounts.mail_link(LinkKind.RESET, NOW, email=cast.alice.email)
    with system_session() as session:
        assert session.scalar(select(func.count()).select_from(PasswordReset)) == 0


def test_the_operator_learns_that_no_account_has_the_address(cast: Cast) -> None:
    with pytest.raises(NotFound):
        accounts.create_reset_link("nobody@example.com", NOW)


def test_an_owner_makes_a_link_for_a_member(cast: Cast) -> None:
    token = token_of(accounts.reset_member(cast.alice.actor, cast.bob.user_id, NOW))
    assert accounts.reset_password(token, BETTER, NOW) == cast.bob.user_id


def test_only_an_owner_makes_a_link_and_only_for_a_member_of_their_business(cast: Cast) -> None:
    stranger = Actor(cast.charlie.user_id, cast.acme.tenant_id)
    refused: list[tuple[Callable[[], object], type[Exception]]] = [
        (lambda: accounts.reset_member(cast.bob.actor, cast.alice.user_id, NOW), NotAllowed),
        (lambda: accounts.reset_member(stranger, cast.bob.user_id, NOW), NotAllowed),
        (lambda: accounts.reset_member(cast.alice.actor, cast.charlie.user_id, NOW), NotFound),
        (lambda: accounts.reset_member(cast.alice.actor, cast.alice.user_id, NOW), InvalidInput),
    ]
    for attempt, error in refused:
        with pytest.raises(error):
            attempt()
    with system_session() as session:
        assert session.scalar(select(func.count()).select_from(PasswordReset)) == 0


def test_an_owner_cannot_take_over_a_member_of_another_business(cast: Cast) -> None:
    add_member(cast.alice.actor, cast.charlie.email, Role.VIEWER, NOW)
    with pytest.raises(NotAllowed, match="the operator of this server can"):
        accounts.reset_member(cast.alice.actor, cast.charlie.user_id, NOW)


def test_a_link_that_an_owner_made_ends_when_the_member_joins_another_business(cast: Cast) -> None:
    """Otherwise the owner could keep the link until the member is an owner elsewhere."""
    token = token_of(accounts.reset_member(cast.alice.actor, cast.bob.user_id, NOW))
    add_member(cast.charlie.actor, cast.bob.email, Role.OWNER, NOW)
    with pytest.raises(NotFound):
        accounts.reset_password(token, BETTER, NOW)
    assert accounts.authenticate(cast.bob.email, PASSWORD, NOW) == cast.bob.user_id


def test_a_link_that_an_owner_made_ends_with_their_ownership(cast: Cast) -> None:
    add_member(cast.alice.actor, cast.dana.email, Role.OWNER, NOW)
    dana = Actor(cast.dana.user_id, cast.acme.tenant_id)
    token = token_of(accounts.reset_member(dana, cast.bob.user_id, NOW))
    accounts.remove_member(cast.alice.actor, cast.dana.user_id)
    with pytest.raises(NotFound):
        accounts.open_reset(token, NOW)


def test_a_link_that_an_owner_made_ends_when_the_member_is_removed(cast: Cast) -> None:
    token = token_of(accounts.reset_member(cast.alice.actor, cast.bob.user_id, NOW))
    accounts.remove_member(cast.alice.actor, cast.bob.user_id)
    with pytest.raises(NotFound):
        accounts.open_reset(token, NOW)


def test_with_a_mail_server_an_owners_link_goes_to_the_member_only(cast: Cast, mailbox: Mailbox) -> None:
    """So an owner can neither take over an account nor learn of other businesses."""
    add_member_by_mail(cast, mailbox)
    assert accounts.reset_member(cast.alice.actor, cast.charlie.user_id, NOW) is None
    work()
    assert mailbox.recipients[-1] == cast.charlie.email
    assert accounts.reset_password(mailbox.token, BETTER, NOW) == cast.charlie.user_id


def add_member_by_mail(cast: Cast, mailbox: Mailbox) -> None:
    assert accounts.invite(cast.alice.actor, cast.charlie.email, Role.VIEWER, NOW) is None
    work()
    accounts.accept_invitation(mailbox.token, cast.charlie.user_id, NOW)


def test_a_mailed_invitation_is_the_only_copy_of_its_link(cast: Cast, mailbox: Mailbox) -> None:
    accounts.rename_tenant(cast.alice.actor, "Win at http://evil.example now")
    assert accounts.invite(cast.alice.actor, "eve@example.com", Role.ANALYST, NOW) is None
    assert jobs() == [
        {
            "kind": "invitation",
            "tenant_id": cast.acme.tenant_id,
            "invitation_id": accounts.invitations(cast.alice.actor, NOW)[0].invitation_id,
        }
    ]
    work()
    assert mailbox.recipients == ["eve@example.com"]
    assert mailbox.link.startswith(f"{settings().public_url}/auth/invitation#")
    assert "evil.example" not in mailbox.text + mailbox.mails[-1]["Subject"]
    assert accounts.open_invitation(mailbox.token, NOW).role is Role.ANALYST
    assert accounts.invitations(cast.alice.actor, NOW)[0].mailed_at == NOW


def test_an_invitation_whose_mail_is_refused_says_so_in_the_list(cast: Cast, mailbox: Mailbox) -> None:
    mailbox.answer = "550 No such user"
    accounts.invite(cast.alice.actor, "eve@example.com", Role.ANALYST, NOW)
    with pytest.raises(MailRefused):
        work()
    (first, *_) = accounts.invitations(cast.alice.actor, NOW)
    assert (first.mailed_at, first.mail_note) == (None, "The mail server refused the mail for good (SMTP 550).")


def test_a_revoked_invitation_is_not_mailed(cast: Cast, mailbox: Mailbox) -> None:
    accounts.invite(cast.alice.actor, "eve@example.com", Role.ANALYST, NOW)
    accounts.revoke_invitation(cast.alice.actor, accounts.invitations(cast.alice.actor, NOW)[0].invitation_id, NOW)
    work()
    assert mailbox.mails == []


def test_a_stranger_registers_by_a_link_that_is_mailed_to_the_address(cast: Cast, mailbox: Mailbox) -> None:
    accounts.request_registration("eve@example.com", NETWORK, NOW)
    work()
    assert mailbox.recipients == ["eve@example.com"]
    assert accounts.open_registration(mailbox.token, NOW) == "eve@example.com"
    user_id = accounts.finish_registration(mailbox.token, "Eve", PASSWORD, "Eve & Co", NOW)
    assert [(tenant.name, tenant.role) for tenant in accounts.tenants_of(user_id)] == [("Eve & Co", Role.OWNER)]
    assert accounts.authenticate("eve@example.com", PASSWORD, NOW) == user_id
    with pytest.raises(NotFound, match="ask for a new link"):
        accounts.finish_registration(mailbox.token, "Eve", PASSWORD, "Eve & Co", NOW)


def test_only_the_mailbox_learns_that_an_address_has_an_account(cast: Cast, mailbox: Mailbox) -> None:
    for email in (cast.alice.email, "eve@example.com"):
        accounts.request_registration(email, NETWORK, NOW)
    assert [job["kind"] for job in jobs()] == ["registration"] * 2
    work()
    assert mailbox.recipients == [cast.alice.email, "eve@example.com"]
    assert "You already have one" in str(mailbox.mails[0].get_content())
    assert "/auth/" not in str(mailbox.mails[0].get_content())


def test_a_registration_link_is_good_for_a_day_and_a_refused_entry_leaves_it_good(cast: Cast) -> None:
    token = token_of(accounts.create_registration_link("eve@example.com", NOW))
    with pytest.raises(InvalidInput, match="Type the name of your business"):
        accounts.finish_registration(token, "Eve", PASSWORD, "", NOW)
    almost = NOW + timedelta(days=1) - timedelta(seconds=1)
    assert accounts.open_registration(token, almost) == "eve@example.com"
    with pytest.raises(NotFound):
        accounts.finish_registration(token, "Eve", PASSWORD, "Eve", NOW + timedelta(days=1))


def test_without_mail_strangers_do_not_register_so_there_is_nothing_to_find_out(cast: Cast) -> None:
    for email in (cast.alice.email, "eve@example.com"):
        with pytest.raises(NotAllowed, match="You need an invitation to register"):
            accounts.request_registration(email, NETWORK, NOW)
        with pytest.raises(NotAllowed):
            accounts.register_at_once("Eve", email, PASSWORD, "Eve", NETWORK, NOW)
    assert jobs() == []


def test_the_first_user_of_an_installation_registers_at_once_and_the_second_does_not(clean_database: None) -> None:
    assert accounts.can_register_at_once()
    user_id = accounts.register_at_once("Eve", "eve@example.com", PASSWORD, "Eve", NETWORK, NOW)
    assert accounts.authenticate("eve@example.com", PASSWORD, NOW) == user_id
    assert not accounts.can_register_at_once()
    with pytest.raises(NotAllowed):
        accounts.register_at_once("Mallory", "m@example.com", PASSWORD, "M", NETWORK, NOW)


def test_closed_registration_still_lets_the_operators_link_work(
    clean_database: None, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGISTRATION_OPEN", "false")
    settings.cache_clear()
    assert not accounts.can_register_at_once()
    with pytest.raises(NotAllowed):
        accounts.request_registration("eve@example.com", NETWORK, NOW)
    token = token_of(accounts.create_registration_link("eve@example.com", NOW))
    assert accounts.finish_registration(token, "Eve", PASSWORD, "Eve", NOW)


def test_no_address_is_mailed_that_is_two_or_a_header(cast: Cast, mailbox: Mailbox) -> None:
    for email in ("a@b.example\nBcc: all@example.com", "a@b.example,c@d.example", "a@b.example\x00", ""):
        with pytest.raises(InvalidInput):
            accounts.request_reset(email, NETWORK, NOW)
        with pytest.raises(InvalidInput):
            accounts.request_registration(email, NETWORK, NOW)
    with system_session() as session:
        assert session.scalar(select(func.count()).select_from(User)) == 4
    assert jobs() == []
