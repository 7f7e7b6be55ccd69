"""Whether the page says how far totals are compared, beside orders and sums."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import update

from core.database import tenant_session
from core.database.models import RollupAudit, Store
from tests.cast import Cast
from tests.dashboard.health.page import ago, complete, note, page
from tests.dashboard.pages import page_text


def test_without_read_reports_the_page_says_that_totals_are_not_compared(checked: Cast) -> None:
    sentence = "Orders are counted; totals are not compared without **read\\_reports**."
    assert sentence in page_text(page(checked.alice))


def test_reports_that_shopify_denies_despite_a_grant_are_mentioned_too(checked: Cast) -> None:
    with tenant_session(checked.acme.tenant_id) as session:
        session.execute(update(Store).values(scopes=["read_orders", "read_reports"]))

    assert "totals are not compared. Shopify shows its reports only to apps that it approved" in page_text(
        page(checked.alice)
    )


def test_compared_totals_need_no_note(cast: Cast) -> None:
    complete(cast.acme)
    note(cast.acme, ago(1), our_total=Decimal("90.50"), their_total=Decimal("90.50"))
    note(cast.acme, ago(0))

    assert "totals are not compared" not in page_text(page(cast.alice))


@pytest.mark.parametrize(
    ("differing", "sentence"),
    [
        (0, "The sums of all pages were recomputed from the orders at"),
        (3, "3 sums differed from the orders at"),
    ],
)
def test_the_page_says_whether_the_sums_equal_the_orders(cast: Cast, differing: int, sentence: str) -> None:
    complete(cast.acme)
    assert sentence not in page_text(page(cast.alice)), "no audit ran yet"
    with tenant_session(cast.acme.tenant_id) as session:
        session.add(
            RollupAudit(**cast.acme.key.parameters, audited_at=datetime.now(UTC), differing=differing),
        )
    assert sentence in page_text(page(cast.alice))
    assert sentence not in page_text(page(cast.charlie))
