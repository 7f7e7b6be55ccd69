"""The file of past imports of orders."""

from __future__ import annotations

from core.database import tenant_session
from core.database.models import Import
from tests.cast import NOW, Cast
from tests.core.exports.downloads import download
from tests.core.metrics.conftest import shop_of


def test_past_imports_are_a_file_with_what_was_known_and_skipped(cast: Cast) -> None:
    acme = shop_of(cast.acme)
    counts = {"orders_done": 3, "orders_kept": 1, "orders_uneven": 0, "orders_skipped": 2, "bytes_total": 9}
    given = {**cast.acme.key.parameters, **counts, "file_names": ["=a.csv", "b.csv"], "currency": "EUR"}
    with tenant_session(cast.acme.tenant_id) as session:
        session.add(Import(**given, state="succeeded", requested_at=NOW))
    (found,) = download(acme, "imports", acme.days("2026-11-01", "2026-11-30"))
    assert found["files"] == "'=a.csv, b.csv", "and no formula"
    assert (found["state"], found["requested_at"]) == ("succeeded", "2026-11-20 13:00:00")
    assert [found[name] for name in ("imported", "known", "uneven", "skipped")] == ["3", "1", "0", "2"]
