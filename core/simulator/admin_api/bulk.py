"""Bulk operations: started by a mutation, polled until they end, their rows in a file that anybody may fetch.

What becomes of one is its `BulkOutcome`; the operator of the simulator decides over those of the next ones.
"""

from __future__ import annotations

import json
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from core.simulator.admin_api import bulk_query
from core.simulator.admin_api.bulk_query import Row
from core.simulator.admin_api.search import Fields, Searchable
from core.simulator.shop.formats import api_time, gid
from core.simulator.shop.ids import Ids

MOST_AT_ONCE = 5
_KEPT = timedelta(days=7)


class BulkOutcome(StrEnum):
    """What becomes of an operation, in Shopify's words where it has some."""

    COMPLETED = "completed"
    FAILED = "failed"
    """… with INTERNAL_SERVER_ERROR, and nothing to show."""
    PARTIAL = "partial"
    """… with TIMEOUT, and half of the rows as partial data, cut in the middle of a line."""
    ACCESS_DENIED = "access_denied"
    EXPIRED = "expired"
    CANCELED = "canceled"
    """Shopify itself gives it up."""
    CUT = "cut"
    """It is completed, but the file ends before all rows that it should have."""
    GONE = "gone"
    """It is completed, but the file's address no longer works."""


@dataclass(slots=True)
class Operation:
    """One operation; what it found is in `path` once it was asked for after its end."""

    number: int
    text: str
    created_at: datetime
    ends_at: datetime
    fate: BulkOutcome
    status: str = "CREATED"
    path: Path | None = None
    objects: int = 0
    roots: int = 0
    asked_to_cancel: bool = False

    @property
    def ended(self) -> bool:
        """Whether nothing more becomes of it."""
        return self.status in ("COMPLETED", "FAILED", "EXPIRED", "CANCELED")

    @property
    def complete(self) -> bool:
        """Whether all of its rows are there."""
        return self.status == "COMPLETED"

    @property
    def error_code(self) -> str | None:
        """Why it failed; None unless it did."""
        if self.status != "FAILED":
            return None
        codes = {BulkOutcome.ACCESS_DENIED: "ACCESS_DENIED", BulkOutcome.PARTIAL: "TIMEOUT"}
        return codes.get(self.fate, "INTERNAL_SERVER_ERROR")


@dataclass(slots=True)
class BulkOperations:
    """All of one shop's; they do not outlive the simulator. `rows` executes an operation's text, `chance` decides
    over operations that the operator has not decided over."""

    domain: str
    clock: Callable[[], datetime]
    rows: Callable[[str], Iterator[Row]]
    allowed: Callable[[str], bool] = lambda _: True
    """Whether the app may read all that an operation's text asks."""
    chance: Callable[[], BulkOutcome] = lambda: BulkOutcome.COMPLETED
    address: str = "http://127.0.0.1"
    """Where the simulator is reached, as its last caller did."""
    on_start: Callable[[Operation], None] = lambda _: None
    """Told of each operation that is under way from now on."""
    by_number: dict[int, Operation] = field(default_factory=dict)
    _seconds: float = 0
    _fates: deque[BulkOutcome] = field(default_factory=deque)
    _ids: Ids = field(init=False)
    _folder: tempfile.TemporaryDirectory[str] | None = None

    def __post_init__(self) -> None:
        self._ids = Ids(self.domain)

    def expect(self, fates: Iterable[BulkOutcome] = (), seconds: float | None = None) -> None:
        """Decide over the next operations, and how long each runs from now on."""
        self._fates.extend(fates)
        self._seconds = self._seconds if seconds is None else seconds

    def run(self, text: str) -> dict[str, Any]:
        """The payload of bulkOperationRunQuery."""
        refusal = bulk_query.refusal(text)
        if refusal:
            return _payload(None, {"field": ["query"], "message": refusal, "code": "INVALID"})
        under_way = [number for number in self.by_number if not self.now(number).ended]
        if len(under_way) >= MOST_AT_ONCE:
            named = ", ".join(gid("BulkOperation", number) for number in under_way)
            message = f"A bulk query operation for this app and shop is already in progress: {named}."
            return _payload(None, {"field": None, "message": message, "code": "OPERATION_IN_PROGRESS"})
        now = self.clock()
        fate = self._fates.popleft() if self._fates else self.chance()
        if not self.allowed(text):
            fate = BulkOutcome.ACCESS_DENIED
        made = Operation(self._ids.next("bulk"), text, now, now + timedelta(seconds=self._seconds), fate)
        self.by_number[made.number] = made
        self.on_start(made)
        return _payload(self.drawn(made.number, as_created=True))

    def cancel(self, number: int) -> dict[str, Any]:
        """The payload of bulkOperationCancel: a running operation is canceling until it is next looked at."""
        if number not in self.by_number:
            return _payload(None, {"field": ["id"], "message": "Bulk operation does not exist"})
        found = self.now(number)
        if found.ended:
            message = f"A bulk operation cannot be canceled when it is {found.status.lower()}"
            return _payload(self.drawn(number), {"field": None, "message": message})
        found.status, found.asked_to_cancel = "CANCELING", True
        return _payload(self.drawn(number, as_created=True))

    def node(self, number: int) -> dict[str, Any] | None:
        """An operation as a GraphQL node, by the number in its id."""
        return self.drawn(number) if number in self.by_number else None

    def now(self, number: int) -> Operation:
        """An operation as it is by now; the rows of one that just ended are written."""
        found = self.by_number[number]
        if found.ended:
            return found
        if found.asked_to_cancel:
            found.status = "CANCELED"
        elif self.clock() < found.ends_at:
            found.status = "RUNNING"
        else:
            self._end(found)
        return found

    def drawn(self, number: int, as_created: bool = False) -> dict[str, Any]:
        """An operation's fields; `as_created` leaves it as it is, however much time has passed."""
        found = self.by_number[number] if as_created else self.now(number)
        file = found.path if found.objects else None
        address = f"{self.address}/simulator/{self.domain}/bulk/{number}.jsonl" if file else None
        return {
            "__typename": "BulkOperation",
            "id": gid("BulkOperation", number),
            "type": "QUERY",
            "status": found.status,
            "errorCode": found.error_code,
            "createdAt": api_time(found.created_at),
            "completedAt": api_time(found.ends_at) if found.complete else None,
            "objectCount": str(found.objects),
            "rootObjectCount": str(found.roots),
            "fileSize": str(file.stat().st_size) if file else None,
            "url": address if found.complete else None,
            "partialDataUrl": None if found.complete else address,
            "query": found.text,
        }

    def file(self, number: int) -> tuple[Path | None, int]:
        """Where the rows of an operation are, and their size; nowhere once its address no longer works."""
        found = self.by_number.get(number)
        if (
            found is None
            or found.path is None
            or found.fate is BulkOutcome.GONE
            or self.clock() > found.ends_at + _KEPT
        ):
            return None, 0
        return found.path, found.path.stat().st_size

    def close(self) -> None:
        """Remove the files."""
        if self._folder:
            self._folder.cleanup()

    def _end(self, found: Operation) -> None:
        match found.fate:
            case BulkOutcome.FAILED | BulkOutcome.ACCESS_DENIED | BulkOutcome.PARTIAL:
                found.status = "FAILED"
            case BulkOutcome.EXPIRED | BulkOutcome.CANCELED:
                found.status = found.fate.upper()
            case _:
                found.status = "COMPLETED"
        if found.complete or found.fate is BulkOutcome.PARTIAL:
            self._write(found)

    def _write(self, found: Operation) -> None:
        self._folder = self._folder or tempfile.TemporaryDirectory(prefix="xeno-bulk-")
        found.path = Path(self._folder.name) / f"{found.number}.jsonl"
        with found.path.open("wb") as out:
            for row in self.rows(found.text):
                out.write(_line(row))
                found.objects += 1
                found.roots += "__parentId" not in row
        if found.fate in (BulkOutcome.PARTIAL, BulkOutcome.CUT):
            self._cut(found, found.path)

    @staticmethod
    def _cut(found: Operation, path: Path) -> None:
        """Half of the bytes are missing; a file that is only cut on its way ends with a line, so nothing shows it."""
        whole = path.read_bytes()
        half = whole[: len(whole) // 2]
        path.write_bytes(half if found.fate is BulkOutcome.PARTIAL else half[: half.rfind(b"\n") + 1])


BULK_FIELDS: Fields = {
    "status": Searchable("text", lambda operation: operation.status),
    "operation_type": Searchable("text", lambda _: "query"),
    "created_at": Searchable("time", lambda operation: operation.created_at),
    "completed_at": Searchable("time", lambda operation: operation.ends_at),
}


def _payload(operation: dict[str, Any] | None, *errors: dict[str, Any]) -> dict[str, Any]:
    return {"bulkOperation": operation, "userErrors": list(errors)}


def _line(row: Row) -> bytes:
    """As Shopify writes it: compact, and with slashes escaped."""
    return json.dumps(row, separators=(",", ":")).replace("/", "\\/").encode() + b"\n"
