"""A shop of any size on disk, as the simulator would tell of it: made once, then read by `tests.bench.disk_shopify`.

A small shop is made by `core.simulator`; its files are then written many times over, each copy with ids of its own.
So a hundred thousand orders take seconds, and their mix of lines, discounts, refunds and edits is the small shop's.
Every order is there as a whole, too: which of them are asked for by id is the product's choice.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from zlib import crc32

from core.shopify import documents
from core.simulator.http.live_shop import LiveShop, Setup
from core.simulator.life.journal import Journal
from core.simulator.shop.shop import ShopSpec
from core.simulator.webhooks.deliveries import Sender

BASE = 5000
"""Orders of the small shop."""
_STEP = 10**9
"""Between the ids of one copy and those of the next: more than the small shop's ids of a kind are apart."""
_OWN = re.compile(r"(gid:\\?/\\?/shopify\\?/(?!Product\\?/|ProductVariant|InventoryItem)\w+\\?/)(\d+)")
_CREATED = re.compile(r'"createdAt":"([^"]+)"')
_DETAIL_SIZES = {"lines": 20, "refunds": 5, "refundLines": 10, "agreements": 10, "sales": 20}
_DETAILED_AT_ONCE = 50
_DOCUMENTS = (
    *("bulk_orders", "bulk_customers", "bulk_checkouts", "bulk_products", "bulk_inventory"),
    "order_details",
)


def prepare(folder: Path, orders: int) -> Path:
    """The folder of a shop with this many orders; it is made if it is not there."""
    # What is asked for is what is in the files: one made for other documents, or by other code, is of no use.
    asked = "".join([*(documents.load(name) for name in _DOCUMENTS), Path(__file__).read_text()])
    made = folder / f"shop-{orders}-{crc32(asked.encode()):08x}"
    if not (made / "counts.json").exists():
        made.mkdir(parents=True, exist_ok=True)
        _make(made, orders)
    return made


def _make(folder: Path, orders: int) -> None:
    until = date(2026, 11, 20)
    spec = ShopSpec(seed=7, orders=min(BASE, orders), customers=min(BASE, orders) // 4, until=until)
    setup = Setup(spec, bucket_size=1e9, restore_rate=1e9)
    live = LiveShop(setup, clock=lambda: datetime.now(UTC), journal=Journal(None), sender=Sender([]))
    copies = max(1, orders // BASE)
    counts = {
        "orders": _write_orders(folder, _groups(live, "orders"), copies),
        "customers": _write(folder / "customers.jsonl", _groups(live, "customers"), copies),
        "checkouts": _write(folder / "checkouts.jsonl", _groups(live, "checkouts"), copies),
        "products": _write(folder / "products.jsonl", _groups(live, "products"), 1),
        "inventory": _write(folder / "inventory.jsonl", _groups(live, "inventory"), 1),
    }
    _write_details(folder / "details.jsonl", live, copies)
    (folder / "counts.json").write_text(json.dumps(counts))


def _groups(live: LiveShop, entity: str) -> list[str]:
    """Each root with its children, as text."""
    query = documents.load(f"bulk_{entity}").replace("{window}", "")
    live.answer({"query": documents.load("bulk_run"), "variables": {"query": query}})
    number = list(live.bulk.by_number)[-1]
    live.bulk.refresh(number)
    path, _ = live.bulk.file(number)
    assert path is not None
    groups: list[list[str]] = []
    for line in path.read_text().splitlines():
        if "__parentId" not in line:
            groups.append([])
        groups[-1].append(line + "\n")
    live.bulk.by_number.clear()
    return ["".join(group) for group in groups]


def _copied(text: str, copy: int) -> str:
    return _OWN.sub(lambda found: f"{found[1]}{int(found[2]) + copy * _STEP}", text) if copy else text


def _write(path: Path, groups: list[str], copies: int) -> int:
    with path.open("w") as out:
        for copy in range(copies):
            out.writelines(_copied(group, copy) for group in groups)
    return len(groups) * copies


def _write_orders(folder: Path, groups: list[str], copies: int) -> int:
    """By the time of creation, with an index of it: a slice is then a part of the file."""
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


def _write_details(path: Path, live: LiveShop, copies: int) -> None:
    gids = [f"gid://shopify/Order/{order_id}" for order_id in live.shop.orders]
    with path.open("w") as out:
        for first in range(0, len(gids), _DETAILED_AT_ONCE):
            variables = {**_DETAIL_SIZES, "ids": gids[first : first + _DETAILED_AT_ONCE]}
            answer = live.answer({"query": documents.load("order_details"), "variables": variables})
            for node in answer["data"]["nodes"]:
                text = json.dumps(node, separators=(",", ":"))
                assert '"hasNextPage":true' not in text, "the shop on disk has no further pages"
                out.writelines(_copied(text, copy) + "\n" for copy in range(copies))


def created(group: str) -> str:
    """When the order of a group of lines was created, as it says it."""
    found = _CREATED.search(group)
    assert found is not None
    return found[1]
