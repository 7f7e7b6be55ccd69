"""Stock by location: the newest version of webhooks and the API, and the API's above a webhook's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core.database.models import InventoryLevel, Location, Store, UnreadableRecord, Variant
from core.domain import Kind, Source, Unreadable
from core.webhooks import apply
from tests.cast import NOW, Cast
from tests.core.webhooks.test_apply import sample
from tests.factories import level, product, variant
from tests.shopify_sends import deliveries, store_delivery
from tests.stored import row, rows, write

ITEM, WAREHOUSE = 271878346596884015, 24826418
BODY = {
    "inventory_item_id": ITEM,
    "location_id": WAREHOUSE,
    "available": 7,
    "updated_at": "2026-11-20T19:00:00-05:00",
    "admin_graphql_api_id": f"gid://shopify/InventoryLevel/548380009?inventory_item_id={ITEM}",
}
"""With the keys of the level that Shopify's reference shows; a body as it was delivered is not at hand."""


def receive(cast: Cast, **changes: Any) -> None:
    store_delivery(cast.acme, "inventory_levels/update", BODY | changes, NOW)
    apply.apply_pending(cast.acme.key, NOW)


def test_a_level_is_kept_at_once_under_its_item_and_location(cast: Cast) -> None:
    receive(cast)

    kept = row(cast.acme, InventoryLevel)
    assert (kept["inventory_item_id"], kept["location_id"], kept["available"]) == (ITEM, WAREHOUSE, 7)
    assert (kept["updated_at"].isoformat(), kept["source"]) == ("2026-11-21T00:00:00+00:00", "webhook")
    assert kept["on_hand"] is None, "a webhook does not have it"
    assert rows(cast.acme, Location) == []


def test_global_ids_are_the_same_ids(cast: Cast) -> None:
    item, location = f"gid://shopify/InventoryItem/{ITEM}", f"gid://shopify/Location/{WAREHOUSE}"
    receive(cast, inventory_item_id=item, location_id=location)

    kept = row(cast.acme, InventoryLevel)
    assert (kept["inventory_item_id"], kept["location_id"]) == (ITEM, WAREHOUSE)


def test_what_is_not_counted_is_not_zero_and_too_much_sold_is_below_it(cast: Cast) -> None:
    receive(cast, available=None)
    receive(cast, location_id=2, available=-4)

    assert [each["available"] for each in rows(cast.acme, InventoryLevel)] == [-4, None]


@pytest.mark.parametrize("name", ["inventory_item_id", "location_id"])
def test_a_body_that_does_not_say_whose_or_where_fails_with_the_field(cast: Cast, name: str) -> None:
    receive(cast, **{name: None})

    assert rows(cast.acme, InventoryLevel) == []
    (kept,) = deliveries(cast.acme)
    assert (kept.state, kept.reason) == ("failed", f"inventory_levels/update: {name} is missing")


def test_the_newest_version_stays_whatever_the_order_of_arrival_and_twice_is_once(cast: Cast) -> None:
    for second in (2, 4, 3, 4):
        body = BODY | {"updated_at": f"2026-11-21T00:00:0{second}Z", "available": second}
        store_delivery(cast.acme, "inventory_levels/update", body, NOW)
    apply.apply_pending(cast.acme.key, NOW)
    receive(cast, updated_at="2026-11-21T00:00:01Z", available=1)

    assert row(cast.acme, InventoryLevel)["available"] == 4


def test_the_api_adds_fields_that_a_webhook_of_the_same_change_lacks_and_a_late_webhook_removes_none(
    cast: Cast,
) -> None:
    receive(cast)
    updated_at = row(cast.acme, InventoryLevel)["updated_at"]
    write(cast.acme, level(ITEM, WAREHOUSE, updated_at=updated_at, available=7, on_hand=9))
    receive(cast)

    kept = row(cast.acme, InventoryLevel)
    assert (kept["available"], kept["on_hand"], kept["source"]) == (7, 9, "api")
    assert row(cast.acme, Location)["name"] == "Warehouse"


def test_a_location_is_called_what_the_api_called_it_last(cast: Cast) -> None:
    later = NOW + timedelta(hours=1)
    write(cast.acme, level(), level(location_name="Depot", updated_at=later))
    write(cast.acme, level(source=Source.WEBHOOK, location_name=None, updated_at=later + timedelta(hours=1)))

    assert row(cast.acme, Location)["name"] == "Depot"


def test_many_levels_at_once_are_what_they_are_one_by_one(cast: Cast) -> None:
    """From 200 rows on they are copied and merged as a set."""
    older = [level(item, place, available=item) for item in range(150) for place in (1, 2)]
    newer = [level(item, 1, available=-item, updated_at=NOW + timedelta(hours=1)) for item in range(0, 150, 2)]
    assert write(cast.acme, *older[:250]).levels == 250
    assert write(cast.acme, *newer, *older).levels == 50 + 63
    for each in (*newer, *older):
        write(cast.globex, each)

    assert len(rows(cast.acme, InventoryLevel)) == 300
    assert [_plain(each) for each in rows(cast.acme, InventoryLevel)] == [
        _plain(each) for each in rows(cast.globex, InventoryLevel)
    ]


def test_a_variants_own_quantity_stays_what_its_product_says(cast: Cast) -> None:
    write(cast.acme, product(variants=(variant(inventory_item_id=ITEM, inventory_quantity=12),)))
    receive(cast)

    assert row(cast.acme, Variant)["inventory_quantity"] == 12


def test_levels_make_no_page_read_its_numbers_again(cast: Cast) -> None:
    receive(cast)

    assert row(cast.acme, Store)["revision"] == 0


def test_an_item_that_could_not_be_read_is_forgotten_as_such_once_it_can(cast: Cast) -> None:
    write(cast.acme, Unreadable(Kind.INVENTORY_ITEM, ITEM, "the API's inventory item: updatedAt is missing"))
    receive(cast)
    assert len(rows(cast.acme, UnreadableRecord)) == 1, "of a webhook nothing follows for the API"

    write(cast.acme, level(ITEM))
    assert rows(cast.acme, UnreadableRecord) == []


def test_what_a_store_had_in_stock_goes_with_it(cast: Cast) -> None:
    write(cast.acme, level())
    store_delivery(cast.acme, "shop/redact", sample("shop__redact"), NOW + timedelta(days=3))
    apply.apply_pending(cast.acme.key, NOW)

    assert rows(cast.acme, InventoryLevel) == rows(cast.acme, Location) == []


def _plain(stored: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in stored.items() if name not in ("tenant_id", "store_id")}
