"""The cache of all reads: the only file with `st.cache_data`.

All users of the process share the cache, and row-level security does not protect it. So the store with its tenant is
the first argument of every cached function. No argument begins with an underscore: Streamlit leaves those out of the
key. The store's `revision` grows with every write, so an older answer is never shown after it. All amounts of an
answer are in `currency`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import ParamSpec, TypeVar

import streamlit as st
from sqlalchemy.orm import Session

from core.database import StoreKey, reading_session
from core.metrics import Scope

P = ParamSpec("P")
R = TypeVar("R")


def cached(function: Callable[P, R]) -> Callable[P, R]:
    """Cache the last thousand answers of a function, each until the next revision and for ten minutes at most."""
    return st.cache_data(ttl=timedelta(minutes=10), max_entries=1000, show_spinner=False)(function)


@contextmanager
def scope_of(store: StoreKey, currency: str | None = None) -> Iterator[tuple[Session, Scope]]:
    """Open a session of the store's tenant, with the scope of its questions; None is the store's own currency."""
    with reading_session(store.tenant_id) as session:
        yield session, Scope(store, currency)
