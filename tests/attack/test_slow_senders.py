"""Senders that never finish their requests take no handler thread: signed deliveries are answered beside them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from socket import socket

import pytest

from core.config import WEBHOOK_PATH
from tests.attack.raw_http import connected
from tests.attack.target import Target

SENDERS = 200
HEAD = f"POST {WEBHOOK_PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n".encode()


@contextmanager
def slow_senders(target: Target, begun: bytes) -> Iterator[list[socket]]:
    """So many connections that each have sent the beginning of a request, and go on a byte at a time."""
    with ExitStack() as stack:
        wires = [stack.enter_context(connected(target.webhooks)) for _ in range(SENDERS)]
        for wire in wires:
            wire.sendall(begun)
            target.tally.note("slow senders", 200)
        yield wires


@pytest.mark.parametrize("begun", [HEAD, HEAD + b"\r\n" + b"x" * 1000], ids=["headers", "bodies"])
def test_beside_two_hundred_slow_senders_a_delivery_is_answered_at_once(target: Target, begun: bytes) -> None:
    seconds = []
    with slow_senders(target, begun) as wires:
        for number in range(20):
            for wire in wires[number::20]:
                wire.sendall(b"x")
            began = time.perf_counter()
            answer = target.post("deliveries beside slow senders", target.acme.shop, "carts/update", b'{"id": "a"}')
            seconds.append(time.perf_counter() - began)
            assert answer.status_code == 200

    # The bound is loose for a busy machine; `make bench-webhooks` measures.
    assert statistics.median(seconds) < 1
