"""What the streams of open pages may send at this moment: their sessions and stamps, read for many streams at once.

A change wakes every stream of its store, and all streams look after their sessions at the same time. So one statement
reads the sessions of all of them, and one more the stores of a tenant, however many pages are open.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from weakref import WeakKeyDictionary

from starlette.concurrency import run_in_threadpool

from core import accounts, stores
from core.accounts import SessionView
from core.database import StoreKey
from core.domain.ids import parse_id
from core.errors import NotSignedIn, StoreNotFound, XenoError
from core.stores import StoreView
from dashboard import addresses
from dashboard.web import stamps

_GATHER_SECONDS = 0.005


@dataclass(frozen=True, slots=True)
class Question:
    """A stream's session token, and its topic: a store's id, all stores, or None for the session alone."""

    token: str
    topic: str | None


@dataclass(frozen=True, slots=True)
class Access:
    """The valid session of a stream, the stores that it is about, and its stamps."""

    session: SessionView
    stores: tuple[StoreView, ...]
    stamps: stamps.Stamps


Answer = Access | XenoError
"""The error is `NotSignedIn` without a valid session, `StoreNotFound` for a store that the tenant does not have."""


class Reader:
    """Answers the questions of one moment together."""

    def __init__(self) -> None:
        self._waiting: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Question, asyncio.Future[Answer]]]
        self._waiting = WeakKeyDictionary()
        self._tasks: set[asyncio.Task[None]] = set()

    async def read(self, question: Question) -> Answer:
        """Answer the question as of now."""
        loop = asyncio.get_running_loop()
        waiting = self._waiting.setdefault(loop, {})
        if not waiting:
            task = loop.create_task(self._answer_waiting(loop))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        answer = waiting.setdefault(question, loop.create_future())
        # Shielded: a stream that leaves must not cancel the answer of another one with the same question.
        return await asyncio.shield(answer)

    async def _answer_waiting(self, loop: asyncio.AbstractEventLoop) -> None:
        await asyncio.sleep(_GATHER_SECONDS)
        questions = self._waiting.pop(loop, {})
        try:
            answers = await run_in_threadpool(answer_all, questions, datetime.now(UTC))
        except Exception as error:
            for future in questions.values():
                future.set_exception(error)
            return
        for question, future in questions.items():
            future.set_result(answers[question])


def answer_all(questions: Collection[Question], now: datetime) -> dict[Question, Answer]:
    """Answer each question."""
    try:
        sessions = accounts.sessions_of({question.token for question in questions}, now)
    except XenoError as error:
        return dict.fromkeys(questions, error)
    shared: dict[tuple[int, str | None], Access | XenoError] = {}
    answers: dict[Question, Answer] = {}
    for question in questions:
        session = sessions.get(question.token)
        if session is None:
            answers[question] = NotSignedIn("Sign in first.")
            continue
        place = (session.tenant_id, question.topic)
        if place not in shared:
            shared[place] = _read(session, question.topic, now)
        answers[question] = _of_session(shared[place], session)
    return answers


def _read(session: SessionView, topic: str | None, now: datetime) -> Answer:
    try:
        if topic is None:
            return Access(session, (), stamps.stamp_viewer(session.theme))
        if topic == addresses.ALL_STORES:
            of_tenant = stores.list_stores(session.tenant_id)
            return Access(session, of_tenant, stamps.stamp_tenant(session.tenant_id, of_tenant, session.theme, now))
        # As text, because Starlette's own conversion to int raises for thousands of digits.
        store_id = parse_id(topic)
        if store_id is None:
            return StoreNotFound()
        store = stores.find(StoreKey(session.tenant_id, store_id))
        return Access(session, (store,), stamps.stamp_store(store, session.theme, now))
    except XenoError as error:
        return error


def _of_session(shared: Answer, session: SessionView) -> Answer:
    """The answer to another session of the same tenant: only the theme is the user's own."""
    if isinstance(shared, XenoError):
        return shared
    return replace(shared, session=session, stamps={**shared.stamps, "theme": session.theme})
