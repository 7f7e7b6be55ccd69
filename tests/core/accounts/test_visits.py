"""Visits: when the one before ended, for each user and store apart."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from core import accounts
from core.accounts import Actor
from core.errors import NotAllowed
from tests.cast import NOW, Cast, add_store

MINUTE = timedelta(minutes=1)


def test_a_break_of_more_than_half_an_hour_ends_a_visit(cast: Cast) -> None:
    actor, store_id = cast.alice.actor, cast.acme.store_id

    def previous_after(now: datetime) -> datetime | None:
        accounts.record_visit(actor, store_id, now)
        return accounts.previous_visit(actor, store_id)

    assert accounts.previous_visit(actor, store_id) is None
    assert previous_after(NOW) is None
    assert previous_after(NOW + 30 * MINUTE) is None, "30 minutes are no longer than 30 minutes"
    assert previous_after(NOW + 61 * MINUTE) == NOW + 30 * MINUTE
    assert previous_after(NOW + 80 * MINUTE) == NOW + 30 * MINUTE, "the same visit goes on"
    assert previous_after(NOW + 500 * MINUTE) == NOW + 80 * MINUTE


def test_visits_are_of_one_user_and_one_store(cast: Cast) -> None:
    other = add_store(cast.alice.tenant_id, "Other", "other.myshopify.com", "EUR", "Europe/Berlin")
    for days in (0, 1):
        accounts.record_visit(cast.alice.actor, cast.acme.store_id, NOW + timedelta(days=days))
    assert accounts.previous_visit(cast.alice.actor, cast.acme.store_id) == NOW
    assert accounts.previous_visit(cast.alice.actor, other.store_id) is None
    assert accounts.previous_visit(cast.bob.actor, cast.acme.store_id) is None
    stranger = Actor(cast.alice.user_id, cast.charlie.tenant_id)
    assert accounts.previous_visit(stranger, cast.acme.store_id) is None


def test_a_stranger_leaves_no_visit(cast: Cast) -> None:
    stranger = Actor(cast.charlie.user_id, cast.acme.tenant_id)
    with pytest.raises(NotAllowed):
        accounts.record_visit(stranger, cast.acme.store_id, NOW)
    assert accounts.previous_visit(stranger, cast.acme.store_id) is None
