"""A business whose last days were compared."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.cast import Cast
from tests.dashboard.health.page import ago, complete, note


@pytest.fixture
def checked(cast: Cast) -> Cast:
    """Acme's last three days: equal, repaired, and one that differs."""
    complete(cast.acme)
    note(cast.acme, ago(1))
    note(cast.acme, ago(2), "repaired", orders=[{"order_id": 1, "name": "#1001", "what": "missing"}])
    note(
        cast.acme,
        ago(3),
        "differs",
        ours=3,
        our_total=Decimal("90.50"),
        their_total=Decimal("120.75"),
        orders=[{"order_id": 2, "name": "#1002", "what": "deleted"}],
    )
    return cast
