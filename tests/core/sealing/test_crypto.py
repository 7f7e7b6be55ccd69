"""Stored credentials open with our key, for their own tenant, and not otherwise."""

from __future__ import annotations

import pytest

from core.errors import ConfigError
from core.sealing.crypto import Sealer, fingerprint, is_equal, new_token

OLD, NEW = "o" * 32, "n" * 32
CREDENTIALS = {"kind": "admin_token", "token": "shpat_0123456789", "secret": "shpss_0123456789"}
ACME, GLOBEX = 1, 2


def test_a_seal_opens_to_its_value() -> None:
    sealer = Sealer([NEW])

    assert sealer.open(ACME, sealer.seal(ACME, CREDENTIALS)) == CREDENTIALS


def test_a_seal_shows_nothing_and_is_another_one_each_time() -> None:
    sealer = Sealer([NEW])
    sealed = sealer.seal(ACME, CREDENTIALS)

    assert "shpat" not in sealed
    assert sealed != sealer.seal(ACME, CREDENTIALS)


def test_a_seal_copied_into_another_tenants_row_does_not_open() -> None:
    sealer = Sealer([NEW])

    with pytest.raises(ConfigError, match="another tenant; connect the store again"):
        sealer.open(GLOBEX, sealer.seal(ACME, CREDENTIALS))


def test_a_wrong_key_says_which_setting_to_look_at() -> None:
    sealed = Sealer([OLD]).seal(ACME, CREDENTIALS)

    with pytest.raises(ConfigError, match="SECRET_KEY_PREVIOUS") as refused:
        Sealer([NEW]).open(ACME, sealed)
    assert sealed not in str(refused.value)


@pytest.mark.parametrize("broken", ["", "nonsense", "gAAAAAB", "ü"])
def test_a_text_that_is_no_seal_is_refused_with_a_sentence(broken: str) -> None:
    with pytest.raises(ConfigError):
        Sealer([NEW]).open(ACME, broken)


def test_a_changed_seal_does_not_open() -> None:
    sealer = Sealer([NEW])
    sealed = sealer.seal(ACME, CREDENTIALS)
    changed = sealed[:40] + ("A" if sealed[40] != "A" else "B") + sealed[41:]

    with pytest.raises(ConfigError):
        sealer.open(ACME, changed)


def test_after_a_rotation_the_old_key_still_opens_and_the_new_one_seals() -> None:
    rotated = Sealer([NEW, OLD])

    assert rotated.open(ACME, Sealer([OLD]).seal(ACME, CREDENTIALS)) == CREDENTIALS
    assert Sealer([NEW]).open(ACME, rotated.seal(ACME, CREDENTIALS)) == CREDENTIALS


def test_a_resealed_value_does_not_need_the_old_key() -> None:
    resealed = Sealer([NEW, OLD]).reseal(Sealer([OLD]).seal(ACME, CREDENTIALS))

    assert Sealer([NEW]).open(ACME, resealed) == CREDENTIALS
    with pytest.raises(ConfigError):
        Sealer([OLD]).open(ACME, resealed)


def test_tokens_are_long_and_never_the_same() -> None:
    tokens = {new_token() for _ in range(100)}

    assert len(tokens) == 100
    assert min(map(len, tokens)) >= 43, "256 bits"


def test_the_database_keeps_a_fingerprint_from_which_the_token_cannot_be_read() -> None:
    token = new_token()

    assert fingerprint(token) == fingerprint(token)
    assert fingerprint(token) != fingerprint(token + "x")
    assert len(fingerprint(token)) == 32
    assert token.encode() not in fingerprint(token)


@pytest.mark.parametrize(("one", "other"), [("a", "a"), (b"a", "a"), ("ü", "ü".encode())])
def test_equal_secrets_are_the_same_as_text_and_as_bytes(one: str | bytes, other: str | bytes) -> None:
    assert is_equal(one, other)


@pytest.mark.parametrize(("one", "other"), [("a", "b"), ("", "a"), ("a", "aa"), (b"a", "A")])
def test_different_secrets_are_not(one: str | bytes, other: str | bytes) -> None:
    assert not is_equal(one, other)


def test_a_value_sealed_with_the_new_key_does_not_need_the_old_one() -> None:
    sealed = Sealer([OLD]).seal(ACME, CREDENTIALS)

    resealed = Sealer([NEW, OLD]).reseal(sealed)

    assert Sealer([NEW]).open(ACME, resealed) == CREDENTIALS
    assert Sealer([NEW, OLD]).reseal(resealed) == resealed, "once is enough"


def test_a_seal_that_no_key_opens_is_not_resealed() -> None:
    with pytest.raises(ConfigError, match="SECRET_KEY_PREVIOUS"):
        Sealer([NEW]).reseal(Sealer([OLD]).seal(ACME, CREDENTIALS))
