"""The orders of an import's files, read one by one: which the store takes, and which it leaves out."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence

from core import imports
from core.domain import Order
from core.errors import InvalidFile, Stopping
from core.imports import ImportView, Skipped
from core.imports.files import ImportFile
from core.shopify.orders_csv import Mapped, orders_in, to_order

STOPS = "The import pauses here and continues at the next start."


class FileOrders:
    """The orders of all files of an import. They may be read several times, and never stand in memory together.

    `bytes_read` is how far the files were read. `first_skipped` are the first `imports.NAMED` orders that the store
    does not take.
    """

    def __init__(self, files: Sequence[ImportFile], view: ImportView, stop: threading.Event) -> None:
        self._files, self._view, self._stop = files, view, stop
        self._skipped: Counter[str] = Counter()
        self.bytes_read = 0
        self.first_skipped: list[Skipped] = []

    @property
    def skipped(self) -> int:
        """The number of orders that the store does not take, because of their currency."""
        return self._skipped.total()

    @property
    def first_file(self) -> str:
        """The name of the first file."""
        return self._files[0].name

    def read(self, read_before: int) -> Iterator[Mapped]:
        """Read the orders of all files, from the first. Bytes are counted from `read_before` on.

        Raises:
            InvalidFile: a file is not what Shopify sends.
            Stopping: the process is to stop.
        """
        self.bytes_read = read_before
        for raw in orders_in((file.name, self._read_bytes(file)) for file in self._files):
            if self._stop.is_set():
                raise Stopping(STOPS)
            mapped = to_order(raw)
            if self._view.takes(mapped.order.currency):
                yield mapped
            else:
                self._skip(mapped.order)

    def none_taken(self) -> InvalidFile:
        """The error for files without an order that this store takes."""
        file, own = self.first_file, self._view.currency
        if not self._skipped:
            return InvalidFile(f"{file} holds no orders; choose some in Shopify and export them.")
        others = " or ".join(sorted(self._skipped))
        return InvalidFile(
            f"{file}: all orders are in {others}, and this store’s are in {own}; import it into the store that it is "
            "of, or allow orders in other currencies if this store once had that one."
        )

    def _read_bytes(self, file: ImportFile) -> Iterator[bytes]:
        for piece in file.pieces():
            self.bytes_read += len(piece)
            yield piece

    def _skip(self, order: Order) -> None:
        self._skipped[order.currency] += 1
        if len(self.first_skipped) < imports.NAMED:
            self.first_skipped.append(Skipped(order.name, order.currency))
