"""Hands requests that wait together to the app together, so that one statement stores the webhooks of a store.

A thread that becomes idle takes all waiting requests of one group: one wake-up and one statement serve all of them. A
group has at most `AT_ONCE` batches at a time. While these run, its next requests gather. So a slow store holds a few
threads and delays no other store.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Protocol

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import ThreadedTaskDispatcher, WSGITask

AT_ONCE = 4
"""Batches of a group at a time. With one, its requests and PostgreSQL would only ever wait for each other."""
MOST = 64
"""Requests in a batch."""
MOST_BYTES = 4 << 20
"""Bytes of bodies in a batch, unless a single body is larger."""


class BatchApp(Protocol):
    """The part of an app that answers requests together."""

    def group(self, path: str, headers: dict[str, str]) -> str | None:
        """The group of a POST; None if it is answered alone. Header names are in capitals, with underscores."""

    def answer_all(self, environs: Sequence[dict[str, Any]]) -> None:
        """Decide the answers of a group's requests, and leave each in its environ for the app."""


class BatchTask(WSGITask):
    """Calls the app with the environ in which `answer_all` left the answer."""

    def __init__(self, channel: HTTPChannel, request: HTTPRequestParser) -> None:
        super().__init__(channel, request)
        self.environ = getattr(request, "environ", None)


class BatchDispatcher(ThreadedTaskDispatcher):
    """Threads that take requests one by one, or by the batch where the app names a group."""

    def __init__(self, app: BatchApp, threads: int) -> None:
        super().__init__()
        self._app = app
        self._under_way = Counter[str]()
        self.set_thread_count(threads)

    def add_task(self, task: HTTPChannel) -> None:
        """Queue the channel's first request."""
        request = task.requests[0]
        is_post = request.error is None and request.command == "POST"
        request.group = self._app.group(request.path, request.headers) if is_post else None
        with self.lock:
            self.queue.append(task)
            # No wake-up for a group at its limit: the thread that ends one of its batches looks at the queue.
            if self._is_free(request.group):
                self.queue_cv.notify()

    def handler_thread(self, thread_no: int) -> None:
        """Serve batches until the dispatcher is stopped."""
        while batch := self._wait_for_batch(thread_no):
            try:
                self._answer(batch)
            except BaseException:
                self.logger.exception("a batch of requests failed")
            for channel in batch:
                try:
                    channel.service()
                except BaseException:
                    self.logger.exception("a request failed")

    def _wait_for_batch(self, thread_no: int) -> list[HTTPChannel]:
        """Wait for the next batch; an empty one ends the thread."""
        with self.lock:
            while self.stop_count == 0:
                if batch := self._take():
                    return batch
                self.queue_cv.wait()
            self.stop_count -= 1
            self.threads.discard(thread_no)
            self.thread_exit_cv.notify()
            return []

    def _take(self) -> list[HTTPChannel]:
        """Take the first request that may run, and the waiting requests of its group."""
        first = next((channel for channel in self.queue if self._is_free(channel.requests[0].group)), None)
        if first is None:
            return []
        group = first.requests[0].group
        if group is None:
            self.queue.remove(first)
            return [first]
        batch, size = list[HTTPChannel](), 0
        others = list[HTTPChannel]()
        for channel in self.queue:
            request = channel.requests[0]
            if request.group == group and len(batch) < MOST and (not batch or size < MOST_BYTES):
                batch.append(channel)
                size += int(request.headers.get("CONTENT_LENGTH") or 0)
            else:
                others.append(channel)
        self.queue.clear()
        self.queue.extend(others)
        self._under_way[group] += 1
        return batch

    def _answer(self, batch: Sequence[HTTPChannel]) -> None:
        """Have the app decide the answers of a group's batch; then the group may have another one."""
        requests = [channel.requests[0] for channel in batch]
        group = requests[0].group
        if group is None:
            return
        try:
            for channel, request in zip(batch, requests, strict=True):
                request.environ = WSGITask(channel, request).get_environment()
            self._app.answer_all([request.environ for request in requests])
        finally:
            with self.lock:
                self._under_way[group] -= 1
                if not self._under_way[group]:
                    del self._under_way[group]
                if self.queue:
                    self.queue_cv.notify()

    def _is_free(self, group: str | None) -> bool:
        return group is None or self._under_way[group] < AT_ONCE
