"""A shop of any size on disk, in the simulator's format: made once, then served by `tests.bench.disk_shopify`.

`core.simulator` makes a small shop. Its files are written many times over, each copy with its own ids. So a hundred
thousand orders take seconds, with the small shop's mix of lines, discounts, refunds and edits. Every order is there
whole, too, because the product chooses which it reads by id.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from zlib import crc32

from core.shopify import documents
from core.shopify.pages import DETAILED_AT_ONCE
from core.simulator.http.live_shop import LiveShop, Setup
from core.simulator.life.journal import Journal
from core.simulator.shop.shop import ShopSpec
from core.simulator.webhooks.deliveries import Sender

BASE = 5000
"""The number of orders of the small shop."""
_STEP = 10**9
"""The distance between the ids of two copies: more than the small shop's range of ids of one kind."""
_OWN = re.compile(r"(gid:\\?/\\?/shopify\\?/(?!Product\\?/|ProductVariant|InventoryItem)\w+\\?/)(\d+)")
_CREATED = re.compile(r'"createdAt":"([^"]+)"')
_DETAIL_SIZES = {"lines": 20, "refunds": 5, "refundLines": 10, "agreements": 10, "sales": 20}
_DOCUMENTS = (
    *("bulk_orders", "bulk_customers", "bulk_checkouts", "bulk_products", "bulk_inventory"),
    "order_details",
)


def prepare(folder: Path, orders: int) -> Path:
    """Return the folder of a shop with this many orders, after making it if it is missing."""
    # The name covers the documents and this code, because files made for others have other fields.
    version = "".join([*(documents.load(name) for name in _DOCUMENTS), Path(__file__).read_text()])
    shop_folder = folder / f"shop-{orders}-{crc32(version.encode()):08x}"
    if not (shop_folder / "counts.json").exists():
        shop_folder.mkdir(parents=True, exist_ok=True)
        _make(shop_folder, orders)
    return shop_folder


def _make(folder: Path, orders: int) -> None:
    until = date(2026, 11, 20)
    spec = ShopSpec(seed=7, orders=min(BASE, orders), customers=min(BASE, orders) // 4, until=until)
    setup = Setup(spec, bucket_size=1e9, restore_rate=1e9)
    live_shop = LiveShop(setup, clock=lambda: datetime.now(UTC), journal=Journal(None), sender=Sender([]))
    copies = max(1, orders // BASE)
    counts = {
        "orders": _write_orders(folder, _groups(live_shop, "orders"), copies),
        "customers": _write(folder / "customers.jsonl", _groups(live_shop, "customers"), copies),
        "checkouts": _write(folder / "checkouts.jsonl", _groups(live_shop, "checkouts"), copies),
        "products": _write(folder / "products.jsonl", _groups(live_shop, "products"), 1),
        "inventory": _write(folder / "inventory.jsonl", _groups(live_shop, "inventory"), 1),
    }
    _write_details(folder / "details.jsonl", live_shop, copies)
    (folder / "counts.json").write_text(json.dumps(counts))


def _groups(live_shop: LiveShop, entity: str) -> list[str]:
    """Return each root with its children, as text."""
    query = documents.load(f"bulk_{entity}").replace("{window}", "")
    live_shop.answer({"query": documents.load("bulk_run"), "variables": {"query": query}})
    number = list(live_shop.bulk.by_number)[-1]
    live_shop.bulk.refresh(number)
    path, _ = live_shop.bulk.file(number)
    assert path is not None
    groups: list[list[str]] = []
    for line in path.read_text().splitlines():
        if "__parentId" not in line:
            groups.append([])
        groups[-1].append(line + "\n")
    live_shop.bulk.by_number.clear()
    return ["".join(group) for group in groups]


def _copied(text: str, copy: int) -> str:
    return _OWN.sub(lambda match: f"{match[1]}{int(match[2]) + copy * _STEP}", text) if copy else text


def _write(path: Path, groups: list[str], copies: int) -> int:
    with path.open("w") as out:
        for copy in range(copies):
            out.writelines(_copied(group, copy) for group in groups)
    return len(groups) * copies


def _write_orders(folder: Path, groups: list[str], copies: int) -> int:
    """Write the orders by the time of creation, with an index of it: a slice is then one part of the file."""
    dated = sorted((created(group), group) for group in groups)
    index: list[tuple[str, int, int]] = []
    with (folder / "orders.jsonl").open("w") as out:
        for at, group in dated:
            for copy in range(copies):
                index.append((at, out.tell(), group.count("\n")))
                out.write(_copied(group, copy))
        index.append(("9999", out.tell(), 0))
    (folder / "orders.index.json").write_text(json.dumps(index))
    return len(groups) * copies


def _write_details(path: Path, live_shop: LiveShop, copies: int) -> None:
    gids = [f"gid://shopify/Order/{order_id}" for order_id in live_shop.shop.orders]
    with path.open("w") as out:
        for first in range(0, len(gids), DETAILED_AT_ONCE):
            variables = {**_DETAIL_SIZES, "ids": gids[first : first + DETAILED_AT_ONCE]}
            answer = live_shop.answer({"query": documents.load("order_details"), "variables": variables})
            for node in answer["data"]["nodes"]:
                text = json.dumps(node, separators=(",", ":"))
                assert '"hasNextPage":true' not in text, "the shop on disk has no further pages"
                out.writelines(_copied(text, copy) + "\n" for copy in range(copies))


def created(group: str) -> str:
    """Return when the order of a group of lines was created."""
    match = _CREATED.search(group)
    assert match is not None
    return match[1]
