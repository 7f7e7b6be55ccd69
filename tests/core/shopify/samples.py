"""Every webhook body in payloads/: Shopify's reference bodies, and bodies delivered in 2024."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from core.shopify import mapping
from tests.core.shopify.fakes import PAYLOADS

TRIGGERED = datetime(2026, 11, 21, 12, 0, 0, 64630, tzinfo=UTC)
NEW_YEAR = datetime(2022, 1, 1, tzinfo=UTC)
"""2021-12-31T19:00:00-05:00, the time in most samples."""


def webhook_samples() -> Iterator[tuple[str, str, bytes]]:
    """List (set, topic, body) of every sample."""
    for path in sorted((PAYLOADS / "webhooks").glob("*.json")):
        yield "reference", path.stem.replace("__", "/"), path.read_bytes()
    for path in sorted((PAYLOADS / "webhooks" / "delivered-2024-10").glob("*.json")):
        delivery = json.loads(path.read_text())
        yield "delivered", delivery["topic"], json.dumps(delivery["body"]).encode()


SAMPLES: dict[tuple[str, str], bytes] = {(origin, topic): raw for origin, topic, raw in webhook_samples()}


def mapped(topic: str, origin: str = "reference", change: Callable[[dict[str, Any]], Any] | None = None) -> Any:
    """Map a sample to its only record, after an optional change."""
    raw = SAMPLES[origin, topic]
    if change:
        body = json.loads(raw)
        change(body)
        raw = json.dumps(body).encode()
    (record,) = mapping.from_webhook(topic, raw, TRIGGERED)
    return record
