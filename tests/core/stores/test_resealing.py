"""After SECRET_KEY has changed, a command reseals everything; then the old key is not needed."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from core import admin
from core.config import settings
from core.database import system_session, tenant_session
from core.database.models import PendingConnection, Store
from core.errors import ConfigError, InvalidInput
from core.sealing.seal import NO_TENANT, sealer
from core.shopify.auth import AccessToken, AdminToken
from core.stores import resealing, tokens
from core.stores.credentials import previous_secret_columns, signing_secrets
from core.stores.resealing import Resealed
from tests.cast import NOW, Business, Cast
from tests.shopify_sends import ACME_SECRET, GLOBEX_SECRET, give_secret

NEW = "the-new-key-0123456789abcdef-0123456789abcdef"
SetKeys = Callable[..., None]


@pytest.fixture
def set_keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[SetKeys]:
    """Sets SECRET_KEY and the one before it, as at a restart."""

    def call(key: str, previous: str | None = None) -> None:
        monkeypatch.setenv("SECRET_KEY", key)
        if previous is None:
            monkeypatch.delenv("SECRET_KEY_PREVIOUS", raising=False)
        else:
            monkeypatch.setenv("SECRET_KEY_PREVIOUS", previous)
        settings.cache_clear()

    yield call
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def sealed(cast: Cast) -> Iterator[Cast]:
    """Two tenants' credentials, a previous secret and a token of one, and an installation without a tenant."""
    give_secret(cast.acme, ACME_SECRET)
    give_secret(cast.globex, GLOBEX_SECRET)
    with tenant_session(cast.acme.tenant_id) as session:
        tokens.store_token(session, cast.acme.key, AccessToken("shpat_of_an_hour"), NOW)
        store = session.get_one(Store, (cast.acme.tenant_id, cast.acme.store_id))
        for column, value in previous_secret_columns(store, AdminToken("shpat_x", "shpss_next"), NOW).items():
            setattr(store, column, value)
    pending = sealer().seal(NO_TENANT, {"value": "shpat_pending"})
    with system_session() as session:
        session.add(
            PendingConnection(
                claim_hash=b"claim", shop_domain="new.myshopify.com", client_id="c", sealed=pending, expires_at=NOW
            )
        )
    yield cast
    with system_session() as session:
        session.delete(session.get_one(PendingConnection, b"claim"))


def secrets(business: Business) -> tuple[str, ...]:
    with tenant_session(business.tenant_id) as session:
        store = session.get_one(Store, (business.tenant_id, business.store_id))
        return signing_secrets(store, NOW + timedelta(minutes=1))


def test_after_resealing_the_new_key_opens_everything_and_the_old_one_is_not_needed(
    sealed: Cast, set_keys: SetKeys
) -> None:
    before = secrets(sealed.acme)
    old = settings().secret_key.get_secret_value()
    set_keys(NEW, old)

    assert resealing.reseal() == Resealed(renewed=5)

    set_keys(NEW)
    assert secrets(sealed.acme) == before
    assert secrets(sealed.globex) == (GLOBEX_SECRET,)
    set_keys(old)
    with pytest.raises(ConfigError, match="SECRET_KEY_PREVIOUS"):
        secrets(sealed.globex)


def test_resealing_twice_changes_nothing(sealed: Cast, set_keys: SetKeys) -> None:
    set_keys(NEW, settings().secret_key.get_secret_value())
    resealing.reseal()

    assert resealing.reseal() == Resealed(current=5)


def test_the_command_says_how_much_it_sealed_and_shows_no_secret(
    sealed: Cast, set_keys: SetKeys, capsys: pytest.CaptureFixture[str]
) -> None:
    set_keys(NEW, settings().secret_key.get_secret_value())

    admin.reseal(Namespace())
    assert capsys.readouterr().out == "Resealed with SECRET_KEY: 5. Sealed with it before: 0.\n"


def test_a_seal_that_no_key_opens_stays_and_is_counted(sealed: Cast, set_keys: SetKeys) -> None:
    give_back = settings().secret_key.get_secret_value()
    set_keys(NEW)

    with pytest.raises(InvalidInput, match=r"^Neither SECRET_KEY nor SECRET_KEY_PREVIOUS opens 5 more: "):
        admin.reseal(Namespace())
    set_keys(give_back)
    assert secrets(sealed.globex) == (GLOBEX_SECRET,)
