"""`python -m core.database migrate` brings the schema to head; `check` says whether a process may start."""

from __future__ import annotations

import sys

from core.database import engine, migrate
from core.errors import ConfigError, DatabaseUnavailable


def _main(arguments: list[str]) -> int:
    try:
        match arguments:
            case ["migrate"]:
                migrate()
            case ["check"]:
                engine()
            case _:
                print("usage: python -m core.database migrate | check", file=sys.stderr)
                return 2
    except (ConfigError, DatabaseUnavailable) as error:
        print(f"{str(error).rstrip('.')}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
