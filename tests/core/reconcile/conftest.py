"""A store that is as Shopify has it."""

from __future__ import annotations

import pytest

from core import ingest
from core.database import tenant_session
from core.simulator.http.simulator import Simulator
from core.stores.clients import store_client
from tests.cast import NOW, Cast
from tests.core.reconcile.checking import SCOPES, change_store, everything


@pytest.fixture
def equal(connected: Cast, shopify: Simulator) -> Cast:
    """Acme's store, with all that its shop has, and scopes for everything."""
    cast = connected
    with store_client(cast.acme.key) as client:
        pages = list(everything(client))
    with tenant_session(cast.acme.tenant_id) as session:
        for page in pages:
            ingest.write(session, cast.acme.key, page.records, NOW)
    change_store(cast, complete_until=NOW, scopes=SCOPES, shop_created_at=shopify.live_shop().shop.created_at)
    return cast
