"""`python -m core.database.embedded start | stop | status | psql | erase`: the embedded PostgreSQL by hand."""

from __future__ import annotations

import os
import sys

from core.config import settings
from core.database.embedded import EmbeddedPostgres
from core.database.embedded.home import shipped_programs
from core.errors import XenoError


def _main(arguments: list[str]) -> str | None:
    """Run one command; return an error for a wrong one, else None."""
    server = EmbeddedPostgres(settings().data_dir, settings().embedded_db_user)
    match arguments:
        case ["start"]:
            print(server.start())
        case ["stop"]:
            server.stop()
        case ["status"]:
            print(server.url)
        case ["psql", *more]:
            psql = str(shipped_programs() / "psql")
            os.execv(psql, [psql, server.url, *more])  # noqa: S606  # our own program, no shell
        case ["erase"]:
            server.erase()
        case _:
            return "usage: python -m core.database.embedded start | stop | status | psql | erase"
    return None


if __name__ == "__main__":
    try:
        sys.exit(_main(sys.argv[1:]))
    except XenoError as error:
        sys.exit(f"{error}")
