"""A database for one benchmark: on the server of DATABASE_URL where that is set, else on an embedded one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from core import database
from core.config import settings
from core.database.embedded import EmbeddedPostgres
from tests.conftest import SERVER, own_database


@contextmanager
def fresh_database() -> Iterator[str]:
    """The address of an empty database at head, which is dropped at the end."""
    with ExitStack() as stack:
        server = SERVER
        if server is None:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            embedded = EmbeddedPostgres(Path(folder))
            server = embedded.start()
            stack.callback(embedded.erase)
        os.environ["DATABASE_URL"] = url = stack.enter_context(own_database(server))
        settings.cache_clear()
        database.migrate()
        yield url
