"""A webhook receiver that keeps its deliveries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any


@dataclass(frozen=True)
class Received:
    """One webhook as it arrived."""

    headers: Mapping[str, str]
    raw: bytes

    @property
    def topic(self) -> str:
        return self.headers["X-Shopify-Topic"]

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


@dataclass
class Receiver:
    """Answers webhooks with the statuses of `answers` in turn, then with 200."""

    answers: list[int] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    url: str = ""
    lock: Lock = field(default_factory=Lock)

    def topics(self) -> list[str]:
        return [delivery.topic for delivery in self.received]

    def of(self, topic: str) -> Received:
        return next(delivery for delivery in self.received if delivery.topic == topic)

    def take(self, headers: Mapping[str, str], raw: bytes) -> int:
        with self.lock:
            self.received.append(Received(headers, raw))
            return self.answers.pop(0) if self.answers else 200
