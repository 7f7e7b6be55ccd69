"""Runs the receiver: `python -m webhook_receiver [--host …] [--port …]`. Refuses to start if it could not work."""

from __future__ import annotations

import argparse
import os
import sys

from core import database, logs
from core.config import settings
from core.errors import XenoError
from webhook_receiver import MAX_BODY, create_app
from webhook_receiver.server import THREADS, serve


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m webhook_receiver", description=__doc__)
    parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1")
    parser.add_argument("--port", type=int, help="instead of WEBHOOK_PORT")
    parser.add_argument("--threads", type=int, default=THREADS)
    arguments = parser.parse_args()
    try:
        logs.configure(settings().log_format)
        database.engine()
        port = arguments.port or settings().webhook_port
        app = create_app()
        batches = app.extensions["webhooks"]
        serve(app, arguments.host, port, max_body=MAX_BODY, threads=arguments.threads, batches=batches)
    except XenoError as error:
        sys.stderr.write(f"The webhook receiver does not start: {str(error).rstrip('.')}.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
