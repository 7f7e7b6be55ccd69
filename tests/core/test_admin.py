"""The operator's commands: the same functions and checks as the pages, and never a secret as an argument."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from threading import Thread, Timer

import pytest
import structlog

from core import accounts, admin, stores
from core.accounts import Role
from core.config import settings
from core.database import tenant_session
from core.simulator.http.live_shop import Setup
from core.simulator.http.simulator import Simulator
from core.sync import runs, steps
from tests.cast import NOW, PASSWORD, Business, Cast, add_member
from tests.core.conftest import ACME_TOKEN, SPEC
from tests.core.shopify.fakes import reply
from tests.core.transports import always
from tests.shopify_sends import ACME_SECRET

Run = Callable[..., tuple[int, str, str]]
ALICE = ("--user", "alice@acme.example")
ACME = ("--shop", "acme.myshopify.com")


@pytest.fixture(autouse=True)
def _own_logging(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The commands set up logging for their process, which is the tests' here; and there is no terminal."""
    before = logging.getLogger().handlers[:]
    for name in ("XENO_PASSWORD", "SHOPIFY_TOKEN", "SHOPIFY_CLIENT_ID", "SHOPIFY_SECRET"):
        monkeypatch.delenv(name, raising=False)
    yield
    logging.getLogger().handlers[:] = before
    structlog.reset_defaults()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs one command; what it returned and said."""

    def call(*arguments: str) -> tuple[int, str, str]:
        code = admin.main(list(arguments))
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


@pytest.fixture
def shopify(monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """A small shop of Acme's at Shopify."""
    setup = Setup(replace(SPEC, customers=3, orders=5), token=ACME_TOKEN, secret=ACME_SECRET)
    with Simulator([setup]).running() as simulator:
        monkeypatch.setenv("SHOPIFY_ADMIN_URL", simulator.admin_url)
        settings.cache_clear()
        yield simulator
        monkeypatch.undo()
        settings.cache_clear()


@pytest.fixture
def connected(cast: Cast, shopify: Simulator, run: Run, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """The cast; Acme's store was connected by a command."""
    monkeypatch.setenv("SHOPIFY_TOKEN", ACME_TOKEN)
    monkeypatch.setenv("SHOPIFY_SECRET", ACME_SECRET)
    assert run("connect-store", *ALICE, *ACME)[0] == 0
    return cast


def test_a_user_is_made_with_a_business_of_their_own(
    clean_database: None, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XENO_PASSWORD", PASSWORD)

    code, said, _ = run("create-user", "--name", "Eve", "--email", "eve@example.com", "--business", "Evil Corp")

    user = accounts.find_user("eve@example.com")
    assert (code, said) == (0, f"Created user {user.user_id}, eve@example.com, owner of Evil Corp.\n")
    assert [(each.name, each.role) for each in accounts.tenants_of(user.user_id)] == [("Evil Corp", Role.OWNER)]
    assert accounts.authenticate("eve@example.com", PASSWORD, NOW) == user.user_id


@pytest.mark.parametrize(
    ("email", "password", "sentence"),
    [
        ("alice@acme.example", PASSWORD, "already"),
        ("no address", PASSWORD, "This is not an email address; write it as name@example.com."),
        ("eve@example.com", "short", "Choose a password of at least 10 characters."),
    ],
)
def test_a_command_refuses_input_with_the_same_sentence_as_the_page(
    cast: Cast, run: Run, monkeypatch: pytest.MonkeyPatch, email: str, password: str, sentence: str
) -> None:
    monkeypatch.setenv("XENO_PASSWORD", password)

    code, said, refused = run("create-user", "--name", "Eve", "--email", email, "--business", "Evil Corp")

    assert (code, said) == (1, "")
    assert sentence in refused
    assert refused.endswith(".\n")
    assert not refused.endswith("..\n")


def test_an_owner_invites_by_a_command_that_prints_the_link(cast: Cast, run: Run) -> None:
    code, said, _ = run("invite", *ALICE, "--email", "eve@example.com", "--role", "analyst")

    offer = accounts.open_invitation(said.strip().partition("#")[2], datetime.now(UTC))
    assert (code, offer.tenant_name, offer.email, offer.role) == (0, "Acme", "eve@example.com", Role.ANALYST)


def test_the_operator_prints_a_link_for_a_forgotten_password_and_one_for_an_account(cast: Cast, run: Run) -> None:
    code, said, _ = run("reset-password", "--email", cast.bob.email)
    assert code == 0
    assert accounts.open_reset(said.strip().partition("#")[2], datetime.now(UTC)).email == cast.bob.email
    code, said, _ = run("registration-link", "--email", "eve@example.com")
    assert code == 0
    assert accounts.open_registration(said.strip().partition("#")[2], datetime.now(UTC)) == "eve@example.com"
    assert run("reset-password", "--email", "nobody@example.com")[0] == 1


def test_a_command_invites_for_owners_only(cast: Cast, run: Run) -> None:
    code, said, refused = run("invite", "--user", cast.bob.email, "--email", "eve@example.com")

    assert (code, said) == (1, "")
    assert "ask an owner to manage the business" in refused


def test_a_store_is_connected_with_the_token_from_the_environment(connected: Cast, shopify: Simulator) -> None:
    store = stores.find(connected.acme.key)

    assert (store.state, store.name) == ("connected", "Acme")
    (asked,) = runs.recent(connected.acme.key)
    assert asked.trigger == "command"


def test_connecting_names_missing_scopes_and_webhooks(
    cast: Cast, shopify: Simulator, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPIFY_TOKEN", ACME_TOKEN)
    monkeypatch.setenv("SHOPIFY_SECRET", ACME_SECRET)

    code, said, _ = run("connect-store", *ALICE, "--shop", "https://acme.myshopify.com/admin")

    assert code == 0
    assert said == (
        "Connected Acme (acme.myshopify.com), EUR, Europe/Berlin.\n"
        "No public address is set (PUBLIC_WEBHOOK_URL), so orders arrive only with scheduled syncs.\n"
    )


def test_a_client_id_in_the_environment_connects_by_client_credentials(
    cast: Cast, shopify: Simulator, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPIFY_CLIENT_ID", shopify.live_shop().setup.client_id)
    monkeypatch.setenv("SHOPIFY_SECRET", ACME_SECRET)

    assert run("connect-store", *ALICE, *ACME)[0] == 0
    monkeypatch.setenv("SHOPIFY_SECRET", "wrong")
    code, _, refused = run("connect-store", *ALICE, *ACME)
    assert code == 1
    assert "client id and secret" in refused


def test_without_a_terminal_the_error_names_the_variable_of_the_secret(
    cast: Cast, run: Run, shopify: Simulator
) -> None:
    code, _, refused = run("connect-store", *ALICE, *ACME)

    assert (code, refused) == (1, "There is no terminal to ask for the secret; set SHOPIFY_TOKEN.\n")


def test_no_secret_is_an_argument() -> None:
    with pytest.raises(SystemExit):
        admin.main(["connect-store", *ALICE, *ACME, "--token", "shpat_x"])


def test_a_sync_is_requested_and_with_wait_its_outcome_is_printed(connected: Cast, run: Run) -> None:
    acme = connected.acme
    (first,) = runs.recent(acme.key)
    code, said, _ = run("sync", *ALICE, *ACME)
    assert (code, said) == (0, f"Sync run {first.run_id} of acme.myshopify.com is queued.\n")

    worker = Thread(target=work_on_every_run, args=(acme,))
    Timer(0.5, worker.start).start()
    code, said, _ = run("sync", *ALICE, *ACME, "--wait")
    worker.join()

    assert code == 0
    assert said.splitlines()[0] == f"Sync run {first.run_id} of acme.myshopify.com is queued."
    assert said.splitlines()[-1].startswith("It succeeded with ")


def test_a_sync_with_wait_waits_for_a_run_that_began_after_the_command(
    connected: Cast, run: Run, shopify: Simulator
) -> None:
    """Before, it joined the run under way and said that it succeeded, without the orders since."""
    acme = connected.acme
    (first,) = runs.recent(acme.key)
    with tenant_session(acme.tenant_id) as session:
        assert runs.claim(session, runs.key_of(acme.key, first.run_id), datetime.now(UTC))

    asked_at = datetime.now(UTC)
    worker = Thread(target=work_on_every_run, args=(acme,))
    Timer(0.5, worker.start).start()
    code, said, _ = run("sync", *ALICE, *ACME, "--wait")
    worker.join()

    (second, _) = runs.recent(acme.key)
    assert code == 0
    assert said.splitlines()[:2] == [
        f"Sync run {second.run_id} of acme.myshopify.com is queued.",
        "It follows the run under way, which began before you asked.",
    ]
    assert second.started_at is not None
    assert second.started_at > asked_at


def work_on_every_run(business: Business) -> None:
    """As a worker does, until no run is left; for a minute at most."""
    ends = time.monotonic() + 60
    while active := [run for run in runs.recent(business.key) if run.active]:
        assert time.monotonic() < ends
        steps.work_on(business.key, active[-1].run_id)


def test_a_sync_that_fails_ends_the_waiting_with_the_reason_and_a_code(connected: Cast, run: Run) -> None:
    acme = connected.acme
    (first,) = runs.recent(acme.key)
    frozen = always(lambda: reply({"errors": "Unavailable Shop"}, 402))
    worker = Thread(target=steps.work_on, args=(acme.key, first.run_id, frozen))
    Timer(0.5, worker.start).start()

    code, said, refused = run("sync", *ALICE, *ACME, "--wait")
    worker.join()

    reason = "acme.myshopify.com is frozen until its Shopify bill is paid."
    assert code == 1
    assert said.splitlines()[-1] == f"It failed with 0 records. {reason}"
    assert refused.splitlines()[-1] == f"The sync failed: {reason}"


def test_a_viewer_may_not_sync_by_command_either(cast: Cast, run: Run) -> None:
    code, _, refused = run("sync", "--user", "bob@acme.example", *ACME)

    assert (code, refused) == (1, "Your role here is viewer; ask an owner to start a sync.\n")


def test_the_stores_of_the_users_own_business_are_listed_and_no_others(cast: Cast, run: Run) -> None:
    code, said, _ = run("list-stores", *ALICE)

    assert (code, said) == (
        0,
        f"{cast.acme.store_id}\tacme.myshopify.com\tconnected\tEUR\tEurope/Berlin\tnever synced\n",
    )
    assert run("list-stores", "--user", "dana@initech.example") == (0, "", "")


def test_of_several_businesses_one_has_to_be_chosen(cast: Cast, run: Run) -> None:
    add_member(cast.charlie.actor, cast.alice.email, Role.VIEWER, NOW)

    code, _, refused = run("list-stores", *ALICE)
    assert (code, "choose one with --business: Acme, Globex" in refused) == (1, True)
    assert "globex.myshopify.com" in run("list-stores", *ALICE, "--business", "Globex")[1]
    assert run("list-stores", *ALICE, "--business", "Initech")[0] == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("list-stores", "--user", "nobody@example.com"), "."),
        (
            ("sync", *ALICE, "--shop", "globex.myshopify.com"),
            "globex.myshopify.com is not connected; connect",
        ),
        (("sync", *ALICE, "--shop", "example.com"), "."),
    ],
)
def test_a_missing_user_or_store_is_an_error_of_one_sentence(
    cast: Cast, run: Run, arguments: tuple[str, ...], sentence: str
) -> None:
    code, said, refused = run(*arguments)

    assert (code, said) == (1, "")
    assert sentence in refused
    assert "Traceback" not in refused


def test_without_a_key_nothing_is_done_and_the_setting_is_named(
    cast: Cast, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as environment:
        environment.delenv("SECRET_KEY")
        settings.cache_clear()
        outcome = run("list-stores", *ALICE)
    settings.cache_clear()

    assert outcome == (1, "", "SECRET_KEY is not set; see .env.example for what it is.\n")


def test_resealing_covers_all_tenants_and_prints_no_name(connected: Cast, run: Run) -> None:
    assert run("reseal") == (0, "Resealed with SECRET_KEY: 0. Sealed with it before: 1.\n", "")
