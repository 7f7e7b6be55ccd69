"""Rows carry the version of the mapping that made them; of two equal versions the newer mapping wins."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import update

from core.database import tenant_session
from core.database.models import LineItem, Order, Sale
from core.domain import MAPPING_VERSION, Source
from tests.cast import Business, Cast
from tests.factories import REFUNDED, order
from tests.stored import row, rows, write


def as_an_older_mapping_made_it(business: Business, version: int = MAPPING_VERSION - 1) -> None:
    """The store's rows, as if an older mapping had made them, wrongly."""
    with tenant_session(business.tenant_id) as session:
        session.execute(update(Order).values(mapping_version=version, ledger_version=version, total=Decimal(1)))
        session.execute(update(LineItem).values(unit_price=Decimal(1)))
        session.execute(update(Sale).values(net=Decimal(1)))


@pytest.mark.parametrize("copy_from", [1, 200])
def test_what_is_written_carries_the_version_of_the_mapping(cast: Cast, copy_from: int) -> None:
    write(cast.acme, order(), copy_from=copy_from)

    stored = row(cast.acme, Order)
    assert (stored["mapping_version"], stored["ledger_version"]) == (MAPPING_VERSION, MAPPING_VERSION)


@pytest.mark.parametrize("source", [Source.API, Source.WEBHOOK, Source.CSV])
def test_the_same_version_by_a_newer_mapping_replaces_the_rows_of_an_older_one(cast: Cast, source: Source) -> None:
    write(cast.acme, order(source=source))
    right = rows(cast.acme, Order), rows(cast.acme, LineItem), rows(cast.acme, Sale)
    as_an_older_mapping_made_it(cast.acme)

    write(cast.acme, order(source=source))

    assert (rows(cast.acme, Order), rows(cast.acme, LineItem), rows(cast.acme, Sale)) == right


def test_the_same_version_by_the_same_mapping_is_written_once(cast: Cast) -> None:
    write(cast.acme, order())

    assert write(cast.acme, order()).orders == 0


def test_an_older_version_replaces_nothing_whatever_mapped_it(cast: Cast) -> None:
    write(cast.acme, order(updated_at=REFUNDED))
    as_an_older_mapping_made_it(cast.acme)

    assert write(cast.acme, order()).orders == 0


def test_a_webhook_does_not_replace_what_the_api_said_whatever_mapped_it(cast: Cast) -> None:
    """What it lacks would be lost; the order is re-read soon."""
    write(cast.acme, order())
    as_an_older_mapping_made_it(cast.acme)

    assert write(cast.acme, order(source=Source.WEBHOOK)).orders == 0
