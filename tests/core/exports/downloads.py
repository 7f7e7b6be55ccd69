"""Downloads files of a shop, and reads their rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from core import exports, stores
from core.domain.periods import Period
from tests.core.metrics.conftest import Shop

NOTHING: Mapping[str, str] = {}


def download(
    shop: Shop, name: str, period: Period, narrowed: Mapping[str, str] = NOTHING, tenant_id: int | None = None
) -> list[dict[str, str]]:
    """Read the file's rows, by its header."""
    business = shop.business
    store = stores.find(business.key)
    store = replace(store, tenant_id=tenant_id or business.tenant_id)
    pieces = exports.stream(store, name, period, narrowed)
    return list(csv.DictReader(io.StringIO(b"".join(pieces).decode("utf-8-sig"), newline="")))


def total(rows: list[dict[str, str]], column: str) -> Decimal:
    return sum((Decimal(row[column]) for row in rows), Decimal(0))
