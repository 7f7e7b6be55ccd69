"""Serves the receiver over HTTP with waitress, so that a slow sender blocks no handler thread.

One thread reads and writes every connection; a handler thread gets a request after it has arrived whole. Three rules
are stricter than waitress's own. A deadline holds for the whole request, not for each byte. Bad framing is always
answered with 4xx. After a stop, the requests under way are answered.
"""

from __future__ import annotations

import logging
import resource
import signal
import sys
import time
from typing import Any

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError, TransferEncodingNotImplemented
from waitress.server import TcpWSGIServer, create_server

from core.errors import ConfigError
from webhook_receiver.batches import BatchApp, BatchDispatcher, BatchTask

THREADS = 16
DEADLINE = 30
"""Seconds for one request to arrive whole, and for an idle connection to stay open."""
GRACE = 10
"""Seconds after a stop to answer the requests under way; orchestrators kill after about as many."""
CONNECTIONS = 4096
HEADER_BYTES = 32 * 1024
SWITCH = 0.0005
"""Seconds a thread may run before it yields: a thread with an answer waits for the thread that reads."""


class _Parser(HTTPRequestParser):
    """Answers any framing that it cannot read with 4xx."""

    def parse_header(self, header_plus: bytes) -> None:
        try:
            super().parse_header(header_plus)
        except TransferEncodingNotImplemented:
            raise ParsingError("The only transfer encoding supported is chunked") from None
        except ValueError:
            # More digits than Python converts to a number.
            raise ParsingError("Content-Length is invalid") from None


class _Channel(HTTPChannel):
    """A connection whose requests have a deadline, which single bytes do not extend."""

    parser_class = _Parser
    task_class = BatchTask
    last_activity: float

    def handle_read(self) -> None:
        began = self.last_activity if self.request is not None else None
        super().handle_read()
        if began is not None and self.request is not None:
            self.last_activity = began


def serve(
    app: Any,
    host: str,
    port: int,
    *,
    max_body: int,
    threads: int = THREADS,
    deadline: int = DEADLINE,
    batches: BatchApp | None = None,
) -> None:
    """Serve the WSGI `app` until SIGTERM or SIGINT; then answer the requests under way, and return.

    `batches` is the part of the app that answers requests together, if it has one.

    Raises:
        ConfigError: `host` resolves to several addresses.
    """
    _raise_file_limit()
    sys.setswitchinterval(SWITCH)
    # Waitress warns for every request that waits for a thread, which under load floods the log.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = create_server(
        app,
        _dispatcher=BatchDispatcher(batches, threads) if batches else None,
        host=host,
        port=port,
        threads=threads,
        connection_limit=CONNECTIONS,
        channel_timeout=deadline,
        cleanup_interval=max(1, deadline // 6),
        max_request_body_size=max_body + 1,
        max_request_header_size=HEADER_BYTES,
        # Larger bodies are buffered on disk, so thousands of senders do not fill the memory.
        inbuf_overflow=64 * 1024,
        recv_bytes=64 * 1024,
        # select() supports no more than 1024 files.
        asyncore_use_poll=True,
        clear_untrusted_proxy_headers=False,
        log_socket_errors=False,
        ident=None,
    )
    if not isinstance(server, TcpWSGIServer):
        raise ConfigError(f"HOST must be one address, such as 127.0.0.1; {host} stands for several.")
    server.channel_class = _Channel
    _Serving(server).run()


class _Serving:
    """A server's loop, which ends at a signal."""

    def __init__(self, server: TcpWSGIServer) -> None:
        self._server = server
        self._is_stopping = False

    def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        while not self._is_stopping:
            self._turn()
        self._finish()

    def _stop(self, *_: object) -> None:
        self._is_stopping = True
        self._server.pull_trigger()

    def _turn(self) -> None:
        wasyncore.loop(timeout=1, use_poll=True, map=self._server._map, count=1)
        # Yield the interpreter. A turn looks at every connection; with hundreds of them and a turn for each answer,
        # the handler threads would hardly run.
        time.sleep(0)

    def _finish(self) -> None:
        """Accept no more connections, answer the requests under way, and close."""
        self._server.del_channel()
        self._server.socket.close()
        ends = time.monotonic() + GRACE
        while self._is_busy() and time.monotonic() < ends:
            self._turn()
        self._server.task_dispatcher.shutdown(timeout=1)
        wasyncore.close_all(self._server._map, ignore_all=True)

    def _is_busy(self) -> bool:
        return any(channel.requests or channel.total_outbufs_len for channel in self._server.active_channels.values())


def _raise_file_limit() -> None:
    """Allow more open files: each connection is one, and a large body another."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4 * CONNECTIONS if hard == resource.RLIM_INFINITY else min(hard, 4 * CONNECTIONS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
