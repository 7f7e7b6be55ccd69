"""Bulk operations: a mutation starts one, the app polls until it ends, and its rows are a file that anybody can
fetch.

Each operation has a `BulkOutcome`; the operator of the simulator sets the outcomes of the next ones.
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
from core.simulator.admin_api.search import Fields, SearchField
from core.simulator.shop.formats import api_time, gid
from core.simulator.shop.ids import Ids

MAX_AT_ONCE = 5
_FILE_LIFETIME = timedelta(days=7)


class BulkOutcome(StrEnum):
    """How an operation ends, in Shopify's words where it has some. The values are used over HTTP and in fault
    names."""

    COMPLETED = "completed"
    FAILED = "failed"
    """It fails with INTERNAL_SERVER_ERROR and has no file."""
    PARTIAL = "partial"
    """It fails with TIMEOUT. Half of its rows are partial data, cut in the middle of a line."""
    ACCESS_DENIED = "access_denied"
    EXPIRED = "expired"
    CANCELED = "canceled"
    """Shopify itself cancels it."""
    TRUNCATED = "cut"
    """It completes, but the file ends early."""
    URL_EXPIRED = "gone"
    """It completes, but the file's address no longer works."""


@dataclass(slots=True)
class Operation:
    """One operation. Its rows are written to `path` at the first look after its end."""

    number: int
    text: str
    created_at: datetime
    ends_at: datetime
    outcome: BulkOutcome
    status: str = "CREATED"
    path: Path | None = None
    objects: int = 0
    roots: int = 0
    asked_to_cancel: bool = False

    @property
    def ended(self) -> bool:
        """Whether the operation is over."""
        return self.status in ("COMPLETED", "FAILED", "EXPIRED", "CANCELED")

    @property
    def complete(self) -> bool:
        """Whether all of its rows are there."""
        return self.status == "COMPLETED"

    @property
    def error_code(self) -> str | None:
        """Shopify's code of the failure; None unless it failed."""
        if self.status != "FAILED":
            return None
        codes = {BulkOutcome.ACCESS_DENIED: "ACCESS_DENIED", BulkOutcome.PARTIAL: "TIMEOUT"}
        return codes.get(self.outcome, "INTERNAL_SERVER_ERROR")


@dataclass(slots=True)
class BulkOperations:
    """The operations of one shop, lost when the simulator stops.

    `rows` executes an operation's text; `chance` draws the outcome of operations that the operator has not decided.
    """

    domain: str
    clock: Callable[[], datetime]
    rows: Callable[[str], Iterator[Row]]
    allowed: Callable[[str], bool] = lambda _: True
    """Whether the app may read everything in an operation's text."""
    chance: Callable[[], BulkOutcome] = lambda: BulkOutcome.COMPLETED
    address: str = "http://127.0.0.1"
    """The simulator's address, as its last caller used it."""
    on_start: Callable[[Operation], None] = lambda _: None
    """Called with each operation that starts."""
    by_number: dict[int, Operation] = field(default_factory=dict)
    _seconds: float = 0
    _outcomes: deque[BulkOutcome] = field(default_factory=deque)
    _ids: Ids = field(init=False)
    _folder: tempfile.TemporaryDirectory[str] | None = None

    def __post_init__(self) -> None:
        self._ids = Ids(self.domain)

    def set_next(self, outcomes: Iterable[BulkOutcome] = (), seconds: float | None = None) -> None:
        """Set the outcomes of the next operations, and the duration of all from now on."""
        self._outcomes.extend(outcomes)
        self._seconds = self._seconds if seconds is None else seconds

    def run(self, text: str) -> dict[str, Any]:
        """Start an operation and return the payload of bulkOperationRunQuery."""
        refusal = bulk_query.refusal(text)
        if refusal:
            return _payload(None, {"field": ["query"], "message": refusal, "code": "INVALID"})
        running = [number for number in self.by_number if not self.refresh(number).ended]
        if len(running) >= MAX_AT_ONCE:
            ids = ", ".join(gid("BulkOperation", number) for number in running)
            message = f"A bulk query operation for this app and shop is already in progress: {ids}."
            return _payload(None, {"field": None, "message": message, "code": "OPERATION_IN_PROGRESS"})
        now = self.clock()
        outcome = self._outcomes.popleft() if self._outcomes else self.chance()
        if not self.allowed(text):
            outcome = BulkOutcome.ACCESS_DENIED
        operation = Operation(self._ids.next("bulk"), text, now, now + timedelta(seconds=self._seconds), outcome)
        self.by_number[operation.number] = operation
        self.on_start(operation)
        return _payload(self.refreshed_node(operation.number, as_created=True))

    def cancel(self, number: int) -> dict[str, Any]:
        """Cancel an operation and return the payload of bulkOperationCancel. It is CANCELING until the next look."""
        if number not in self.by_number:
            return _payload(None, {"field": ["id"], "message": "Bulk operation does not exist"})
        operation = self.refresh(number)
        if operation.ended:
            message = f"A bulk operation cannot be canceled when it is {operation.status.lower()}"
            return _payload(self.refreshed_node(number), {"field": None, "message": message})
        operation.status, operation.asked_to_cancel = "CANCELING", True
        return _payload(self.refreshed_node(number, as_created=True))

    def node(self, number: int) -> dict[str, Any] | None:
        """Draw an operation by the number in its id."""
        return self.refreshed_node(number) if number in self.by_number else None

    def refresh(self, number: int) -> Operation:
        """Bring an operation up to date and return it. The rows of one that just ended are written."""
        operation = self.by_number[number]
        if operation.ended:
            return operation
        if operation.asked_to_cancel:
            operation.status = "CANCELED"
        elif self.clock() < operation.ends_at:
            operation.status = "RUNNING"
        else:
            self._finish(operation)
        return operation

    def refreshed_node(self, number: int, as_created: bool = False) -> dict[str, Any]:
        """Draw an operation as of now. `as_created` leaves it unchanged, however much time has passed."""
        operation = self.by_number[number] if as_created else self.refresh(number)
        file = operation.path if operation.objects else None
        address = f"{self.address}/simulator/{self.domain}/bulk/{number}.jsonl" if file else None
        return {
            "__typename": "BulkOperation",
            "id": gid("BulkOperation", number),
            "type": "QUERY",
            "status": operation.status,
            "errorCode": operation.error_code,
            "createdAt": api_time(operation.created_at),
            "completedAt": api_time(operation.ends_at) if operation.complete else None,
            "objectCount": str(operation.objects),
            "rootObjectCount": str(operation.roots),
            "fileSize": str(file.stat().st_size) if file else None,
            "url": address if operation.complete else None,
            "partialDataUrl": None if operation.complete else address,
            "query": operation.text,
        }

    def file(self, number: int) -> tuple[Path | None, int]:
        """Find the file of an operation and its size; None and 0 once its address has expired."""
        operation = self.by_number.get(number)
        if (
            operation is None
            or operation.path is None
            or operation.outcome is BulkOutcome.URL_EXPIRED
            or self.clock() > operation.ends_at + _FILE_LIFETIME
        ):
            return None, 0
        return operation.path, operation.path.stat().st_size

    def close(self) -> None:
        """Remove the files."""
        if self._folder:
            self._folder.cleanup()

    def _finish(self, operation: Operation) -> None:
        match operation.outcome:
            case BulkOutcome.FAILED | BulkOutcome.ACCESS_DENIED | BulkOutcome.PARTIAL:
                operation.status = "FAILED"
            case BulkOutcome.EXPIRED | BulkOutcome.CANCELED:
                operation.status = operation.outcome.upper()
            case _:
                operation.status = "COMPLETED"
        if operation.complete or operation.outcome is BulkOutcome.PARTIAL:
            self._write(operation)

    def _write(self, operation: Operation) -> None:
        self._folder = self._folder or tempfile.TemporaryDirectory(prefix="xeno-bulk-")
        operation.path = Path(self._folder.name) / f"{operation.number}.jsonl"
        with operation.path.open("wb") as out:
            for row in self.rows(operation.text):
                out.write(_line(row))
                operation.objects += 1
                operation.roots += "__parentId" not in row
        if operation.outcome in (BulkOutcome.PARTIAL, BulkOutcome.TRUNCATED):
            self._truncate(operation, operation.path)

    @staticmethod
    def _truncate(operation: Operation, path: Path) -> None:
        """Remove half of the bytes. A TRUNCATED file ends with a whole line, so that nothing in it shows the loss."""
        content = path.read_bytes()
        half = content[: len(content) // 2]
        path.write_bytes(half if operation.outcome is BulkOutcome.PARTIAL else half[: half.rfind(b"\n") + 1])


BULK_FIELDS: Fields = {
    "status": SearchField("text", lambda operation: operation.status),
    "operation_type": SearchField("text", lambda _: "query"),
    "created_at": SearchField("time", lambda operation: operation.created_at),
    "completed_at": SearchField("time", lambda operation: operation.ends_at),
}


def _payload(operation: dict[str, Any] | None, *errors: dict[str, Any]) -> dict[str, Any]:
    return {"bulkOperation": operation, "userErrors": list(errors)}


def _line(row: Row) -> bytes:
    """Encode a row as Shopify does: compact, and with slashes escaped."""
    return json.dumps(row, separators=(",", ":")).replace("/", "\\/").encode() + b"\n"
