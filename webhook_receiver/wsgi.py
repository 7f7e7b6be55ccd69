"""What gunicorn serves: `gunicorn webhook_receiver.wsgi:app`. Refuses to start where it could not work."""

from __future__ import annotations

import sys

from core import db, logs
from core.config import settings
from core.errors import XenoError
from webhook_receiver import create_app

_APP_LOAD_ERROR = 4
"""Of gunicorn: tells its master not to start this worker again and again."""

try:
    logs.configure(settings().log_format)
    db.engine()
except XenoError as error:
    sys.stderr.write(f"The webhook receiver does not start: {str(error).rstrip('.')}.\n")
    sys.exit(_APP_LOAD_ERROR)

app = create_app()
