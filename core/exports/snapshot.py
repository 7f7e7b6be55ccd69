"""The rows of a tenant at one instant: several statements read the same rows, however long a file takes.

PostgreSQL keeps the snapshot in one REPEATABLE READ transaction, which cannot write.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any

from psycopg import Connection
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import psycopg as dialects

from core.database import export_session


class Snapshot:
    """Reads statements with the same parameters, of the same instant."""

    def __init__(self, driver: Connection[Any], parameters: Mapping[str, object]) -> None:
        self._driver, self._parameters = driver, parameters

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Return the rows of a small result."""
        # COPY takes no parameters on the wire, so the driver puts them into the text, quoted; here as there.
        with self._driver.cursor() as cursor, cursor.copy(_copy(statement), self._parameters) as copy:
            return list(copy.rows())

    def values(self, statement: str) -> Iterator[tuple[str | None, ...]]:
        """Stream the rows of a statement, each value as PostgreSQL writes it; None for NULL."""
        with self._driver.cursor() as cursor, cursor.copy(_copy(statement), self._parameters) as copy:
            yield from copy.rows()

    def lines(self, statement: str, options: str = "") -> Iterator[memoryview | bytes]:
        """Stream the rows of a statement as PostgreSQL writes them, each with its line end."""
        with self._driver.cursor() as cursor, cursor.copy(_copy(statement, options), self._parameters) as copy:
            yield from copy  # type: ignore[misc]


def _copy(statement: str, options: str = "") -> str:
    compiled = str(text(statement).compile(dialect=dialects.dialect()))
    return f"COPY ({compiled}) TO STDOUT {options}"


class Pieces(Iterator[bytes]):
    """A file in pieces, as they are read. It holds a connection from the first piece to the last, or to `close`."""

    def __init__(
        self,
        tenant_id: int,
        parameters: Mapping[str, object],
        write: Callable[[Snapshot], Iterator[bytes]],
    ) -> None:
        self._driver: Connection[Any] | None = None
        self._pieces = self._read(tenant_id, parameters, write)

    def __next__(self) -> bytes:
        """Return the next piece.

        Raises:
            DatabaseUnavailable: see `core.database.export_session`.
        """
        return next(self._pieces)

    def close(self) -> None:
        """Release the connection, even within the file; not while another thread waits for a piece."""
        self._pieces.close()

    def cancel(self) -> None:
        """Cancel the statement in PostgreSQL: a thread that waits for a piece gets an error soon."""
        driver = self._driver
        if driver is not None:
            driver.cancel_safe(timeout=5)

    def _read(
        self,
        tenant_id: int,
        parameters: Mapping[str, object],
        write: Callable[[Snapshot], Iterator[bytes]],
    ) -> Generator[bytes]:
        with export_session(tenant_id) as session:
            driver = self._driver = session.connection().connection.driver_connection
            if driver is None:
                raise RuntimeError("An export needs a connection that its pool has not given up")
            try:
                yield from write(Snapshot(driver, parameters))
            finally:
                # The next file may use the connection now, and a late `cancel` must not end that one.
                self._driver = None
