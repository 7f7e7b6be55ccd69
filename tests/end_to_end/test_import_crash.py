"""After kill -9 of the worker, an import continues after its last chunk, and every order is stored once."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text

from core import imports
from core.database import tenant_session
from core.imports import ImportView
from tests.cast import Cast
from tests.core.shopify.csv_files import file, first
from tests.end_to_end.processes import Installation, installed, wait_until

ORDERS = 12_000


@pytest.fixture
def installation(cast: Cast, database_url: str, tmp_path: Path) -> Iterator[Installation]:
    with installed(database_url, tmp_path) as running:
        yield running


def test_an_import_continues_where_its_worker_was_killed(installation: Installation, cast: Cast) -> None:
    content = file(*(first(Name=f"#{number}", Id=str(9_000_000 + number)) for number in range(ORDERS)))
    upload = imports.Upload("orders_export_1.csv", len(content), io.BytesIO(content))
    import_id = imports.request(cast.alice.actor, cast.acme.store_id, [upload], datetime.now(UTC))

    def view() -> ImportView:
        return imports.find(cast.acme.tenant_id, import_id)

    worker = installation.worker()
    wait_until(lambda: view().orders_done, "orders are written", installation.logs)
    worker.kill()
    killed = view()
    assert killed.state == "running", "the worker was killed in mid-import"
    assert 0 < killed.orders_done < ORDERS

    installation.worker()
    wait_until(lambda: not view().active, "the import ends", installation.logs, seconds=150)
    assert view().error is None
    assert (view().orders_done, view().orders_kept) == (ORDERS, 0), "no order was counted twice, none was left out"
    with tenant_session(cast.acme.tenant_id) as session:
        counts = session.execute(text("SELECT count(*), sum(total) FROM orders")).one()
        assert counts == (ORDERS, ORDERS * Decimal("52.60"))
        assert session.scalar(text("SELECT count(*) FROM import_chunks")) == 0
