"""Serves a shop of `big_shop` from disk, as fast as files can be sent: `python -m tests.bench.disk_shopify FOLDER
PORT`.

It answers the documents of a first load, so that the benchmark measures the product and not the simulator.
"""

from __future__ import annotations

import json
import mmap
import re
import sys
from bisect import bisect_left
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

_OPERATION = re.compile(r"^(?:query|mutation) (\w+)", re.MULTILINE)
_ENTITY = re.compile(r"^query Bulk(\w+)", re.MULTILINE)
_BOUND = re.compile(r"created_at:(>=|<)'([^']+)'")
_ORDER_LINE = re.compile(rb'^\{"id":"(gid://shopify/Order/\d+)".*$', re.MULTILINE)
_COST = {
    "requestedQueryCost": 10,
    "actualQueryCost": 10,
    "throttleStatus": {"maximumAvailable": 20000, "currentlyAvailable": 20000, "restoreRate": 1000},
}

_SINGLE_FILES = ("customers", "checkouts", "products", "inventory")
"""The entities in one file, which is read at once."""


class DiskShop:
    """The files of one shop, and its requested bulk operations."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.counts = json.loads((folder / "counts.json").read_text())
        self.index = json.loads((folder / "orders.index.json").read_text())
        with (folder / "details.jsonl").open("rb") as lines:
            self.details = mmap.mmap(lines.fileno(), 0, access=mmap.ACCESS_READ)
        self.places = {line[1].decode(): line.span() for line in _ORDER_LINE.finditer(self.details)}
        """By the order's id: where its line begins and ends."""
        self.lines = {name: _count(folder / f"{name}.jsonl") for name in _SINGLE_FILES}
        self.operations: list[tuple[str, int, int, int]] = []
        """By number: the file, from where until where, and how many lines that is."""

    def answer(self, name: str, variables: dict[str, Any], address: str) -> str:
        """Return the data of one document, as JSON."""
        if name == "OrderDetails":
            return '{"nodes":[' + ",".join(map(self._detail, variables["ids"])) + "]}"
        data: dict[str, Any] = {}
        if name == "Counts":
            data = {f"{kind}Count": {"count": self.counts[kind]} for kind in ("orders", "customers", "products")}
        elif name == "BulkRun":
            self.operations.append(self._part(variables["query"]))
            gid = f"gid://shopify/BulkOperation/{len(self.operations)}"
            data = {"bulkOperationRunQuery": {"bulkOperation": {"id": gid}, "userErrors": []}}
        elif name == "BulkPoll":
            data = {"bulkOperation": self._operation(variables["id"], address)}
        return json.dumps(data)

    def _detail(self, gid: str) -> str:
        """Return an order as JSON; null where there is none."""
        start, end = self.places.get(gid, (0, 0))
        return self.details[start:end].decode() or "null"

    def _part(self, query: str) -> tuple[str, int, int, int]:
        entity = _ENTITY.findall(query)[0].lower()
        if entity != "orders":
            return entity, 0, (self.folder / f"{entity}.jsonl").stat().st_size, self.lines[entity]
        bounds = dict(_BOUND.findall(query))
        first, last = (
            bisect_left(self.index, [bounds.get(side, other)]) for side, other in ((">=", ""), ("<", "9998"))
        )
        lines = sum(row[2] for row in self.index[first:last])
        return entity, self.index[first][1], self.index[last][1], lines

    def _operation(self, gid: str, address: str) -> dict[str, Any]:
        number = int(gid.rpartition("/")[2])
        _, start, end, lines = self.operations[number - 1]
        return {
            "id": gid,
            "status": "COMPLETED",
            "errorCode": None,
            "objectCount": str(lines),
            "fileSize": str(end - start),
            "url": f"{address}/result/{number}" if lines else None,
        }


class Handler(BaseHTTPRequestHandler):
    """Serves one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    shop: DiskShop

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = _OPERATION.findall(body["query"])[0]
        data = self.shop.answer(name, body["variables"], f"http://{self.headers['Host']}")
        self._head(
            "application/json", len(out := f'{{"data":{data},"extensions":{{"cost":{json.dumps(_COST)}}}}}'.encode())
        )
        self.wfile.write(out)

    def do_GET(self) -> None:
        entity, start, end, _ = self.shop.operations[int(self.path.rpartition("/")[2]) - 1]
        self._head("application/jsonl", end - start)
        with (self.shop.folder / f"{entity}.jsonl").open("rb") as lines:
            lines.seek(start)
            remaining = end - start
            while remaining:
                chunk = lines.read(min(remaining, 1 << 18))
                remaining -= len(chunk)
                self.wfile.write(chunk)

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing."""

    def _head(self, kind: str, length: int) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        self.send_header("X-Shopify-API-Version", "2026-10")
        self.end_headers()


def _count(path: Path) -> int:
    with path.open("rb") as lines:
        return sum(1 for _ in lines)


if __name__ == "__main__":
    Handler.shop = DiskShop(Path(sys.argv[1]))
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Handler).serve_forever()
