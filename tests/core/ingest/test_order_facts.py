"""How an order came about and came back: stored from the API, kept beside a webhook, blanked with its person."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from msgspec.structs import replace

from core.database import tenant_session
from core.database.models import Order, Redaction, ReturnLine, Transaction
from core.domain import Journey, Source, Visit
from core.domain import ReturnLine as ReturnRecord
from core.domain import Transaction as TransactionRecord
from core.ingest import redaction
from tests.cast import Cast
from tests.factories import PLACED, order
from tests.stored import row, write

LATER = PLACED + timedelta(minutes=5)
LAST = Visit(
    PLACED, "Google", "ad", "https://www.google.com/", "https://acme.example/?gclid=abc", "google", "cpc", "May", "x"
)
FOUND = Journey(Visit(PLACED, "direct"), LAST, 3)
BACK = ReturnRecord(5, 4, PLACED, "open", 1, "size_too_small", "Too small", "Ada wrote", 11)
PAID = TransactionRecord(9, "sale", "success", PLACED, Decimal("40.00"), fee=Decimal("1.01"), fee_currency="EUR")


def test_a_webhook_blanks_none_of_them_whichever_comes_first(cast: Cast) -> None:
    read = order(journey=FOUND, tags=("vip",), location_id=7, return_lines=(BACK,), transactions=(PAID,))
    delivered = order(updated_at=LATER, source=Source.WEBHOOK, tags=("late",), location_id=7)
    kept = []
    for business, records in ((cast.acme, (read, delivered)), (cast.globex, (delivered, read))):
        for record in records:
            write(business, record)
        stored = row(business, Order)
        kept.append([stored[name] for name in ("tags", "location_id", "journey", "visit_source", "visit_campaign")])
    assert kept[0] == kept[1]
    assert kept[0][0] == ["late"]
    assert kept[0][2]["last"]["landing_page"] == "https://acme.example/?gclid=abc"
    assert kept[0][3:] == ["google", "May"]
    assert row(cast.acme, ReturnLine)["reason"] == "size_too_small"


def test_visits_that_shopify_computes_after_the_order_are_those_of_a_later_reading(cast: Cast) -> None:
    write(cast.acme, order())
    assert write(cast.acme, order(journey=FOUND)).orders == 1
    assert write(cast.acme, order(journey=FOUND)).orders == 0
    assert row(cast.acme, Order)["visit_source"] == "google"


def test_a_fee_that_is_known_stays_when_a_later_reading_lacks_it(cast: Cast) -> None:
    write(cast.acme, order(transactions=(PAID,)))
    write(cast.acme, order(updated_at=LATER, transactions=(replace(PAID, fee=None, fee_currency=None, amount=5),)))
    stored = row(cast.acme, Transaction)
    assert (stored["fee"], stored["amount"]) == (Decimal("1.01"), 5)


def test_a_redacted_order_keeps_its_source_and_campaign_but_no_address_and_no_word(cast: Cast) -> None:
    read = order(journey=FOUND, tags=("Ada",), return_lines=(BACK,))
    write(cast.acme, read)
    with tenant_session(cast.acme.tenant_id) as session:
        redaction.blank(session, cast.acme.key, [], [read.order_id])
        session.add(Redaction(**cast.acme.key.parameters, kind="order", shopify_id=read.order_id, redacted_at=LATER))
    for _ in range(2):
        stored, back = row(cast.acme, Order), row(cast.acme, ReturnLine)
        assert stored["journey"]["last"].keys() == {
            *("occurred_at", "source", "source_type", "utm_source", "utm_medium", "utm_campaign")
        }
        assert (stored["tags"], stored["visit_campaign"], back["note"], back["reason"]) == (
            *([], "May", None, "size_too_small"),
        )
        write(cast.acme, replace(read, updated_at=LATER))
