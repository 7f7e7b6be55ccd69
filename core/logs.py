"""Structured logs on stderr: one event a line, with the tenant, store, job and delivery it belongs to.

Callers log ids, never a token, a secret or a person's address; `_redact` removes any that slip through.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.contextvars import bound_contextvars
from structlog.typing import EventDict, Processor, WrappedLogger

__all__ = ["bound", "configure", "get"]

_SECRET_NAMES = re.compile(r"token|secret|password|authorization|cookie|credential|hmac|email", re.I)
_SECRET_VALUES = re.compile(
    r"shp(at|rt|ss|ca|pa)_\w+"  # Shopify's tokens and secrets
    r"|(?<=://)[^\s/@:]*:[^\s/@]+(?=@)"  # user and password of an address
    r"|[\w.+-]+@[\w-]+(\.[\w-]+)+"  # a person's address
    r"|(?<=Failing row contains ).*"  # PostgreSQL quotes the row that it refuses
)
_OURS = frozenset({"event", "level", "timestamp", "logger", "exception"})
"""Names that structlog sets itself, so only their values are searched for secrets."""

bound = bound_contextvars
"""`with bound(tenant_id=…, store_id=…):` adds these to every line logged inside the block."""


def configure(log_format: str) -> None:
    """Send the records of structlog and the standard library to stderr, as "console" or "json" lines."""
    processors: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redact,
    ]
    renderer: Processor = structlog.processors.JSONRenderer() if log_format == "json" else _console()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=processors, processor=renderer))
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    structlog.configure(
        processors=[*processors, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def get(name: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of a module: `log = logs.get(__name__)`."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def _console() -> Processor:
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())


def _redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    for name, value in event.items():
        event[name] = _redact_value("" if name in _OURS else name, value)
    return event


def _redact_value(name: str, value: Any) -> Any:
    if _SECRET_NAMES.search(name):
        return "[redacted]"
    if isinstance(value, str):
        return _SECRET_VALUES.sub("[redacted]", value)
    if isinstance(value, Mapping):
        return {key: _redact_value(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redact_value("", item) for item in value]
    return value
