"""Shopify's answers about orders are kept, compressed: a better mapping makes its rows of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from core.config import settings
from core.database import tenant_session
from core.database.models import Order, OrderAnswer
from core.domain import MAPPING_VERSION, Deleted, Kind, Source
from core.errors import UnmappableError
from core.ingest import answers, redaction
from core.shopify import mapping
from core.shopify.mapping import kept_answers
from core.sync.remap.kept import write_kept
from tests.cast import NOW, Business, Cast
from tests.core.shopify import nodes
from tests.stored import row, rows, write

READ = mapping.order(nodes.order(7, email="ada@example.com"))


def remap(business: Business) -> int:
    return write_kept(business.key, 10, NOW)


def outdate(business: Business, **values: object) -> None:
    """Store rows as an older mapping made them."""
    with tenant_session(business.tenant_id) as session:
        older = {"mapping_version": MAPPING_VERSION - 1, "ledger_version": MAPPING_VERSION - 1}
        session.execute(update(Order).where(business.key.owns(Order)).values(**older, **values))


def test_a_kept_answer_maps_to_the_same_order() -> None:
    assert READ.answer is not None
    kept = answers.packed(READ.answer)
    assert kept_answers.order(answers.unpacked(kept, answers.DICTIONARY)) == READ
    assert b"ada@" not in kept
    with pytest.raises(UnmappableError):
        answers.unpacked(kept[:-20], answers.DICTIONARY)


def test_rows_of_an_older_mapping_are_made_again_of_the_answer_without_a_request(cast: Cast) -> None:
    write(cast.acme, READ)
    outdate(cast.acme, name="wrong")
    assert remap(cast.acme) == 1
    stored = row(cast.acme, Order)
    assert (stored["name"], stored["mapping_version"]) == (READ.name, MAPPING_VERSION)
    assert remap(cast.acme) == 0


def test_an_answer_that_is_damaged_older_than_its_order_or_lacks_fields_is_not_used(cast: Cast) -> None:
    write(cast.acme, READ)
    outdate(cast.acme)
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(update(OrderAnswer).values(answer=b"damaged"))
    assert remap(cast.acme) == 1
    assert rows(cast.acme, OrderAnswer) == [], "the order is read from Shopify next"
    assert row(cast.acme, Order)["mapping_version"] < MAPPING_VERSION

    write(cast.acme, READ)
    outdate(cast.acme, updated_at=READ.updated_at + timedelta(hours=1))
    assert remap(cast.acme) == 0
    outdate(cast.acme, updated_at=READ.updated_at)
    with tenant_session(cast.acme.tenant_id) as session:
        session.execute(update(OrderAnswer).values(documents_version=0))
    assert remap(cast.acme) == 0


def test_a_redacted_a_deleted_and_a_delivered_order_have_no_answer(cast: Cast) -> None:
    write(cast.acme, READ)
    with tenant_session(cast.acme.tenant_id) as session:
        redaction.blank(session, cast.acme.key, [], [READ.order_id])
    assert rows(cast.acme, OrderAnswer) == []
    write(cast.globex, READ)
    write(cast.globex, Deleted(Kind.ORDER, READ.order_id, NOW))
    assert rows(cast.globex, OrderAnswer) == []
    assert READ.source is Source.API


def test_an_installation_may_keep_none(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEEP_ORDER_ANSWERS", "false")
    settings.cache_clear()
    try:
        write(cast.acme, READ)
    finally:
        monkeypatch.undo()
        settings.cache_clear()
    assert rows(cast.acme, OrderAnswer) == []
