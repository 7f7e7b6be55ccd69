"""The viewer: who looks at which business, loaded from the database in every run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from core import accounts, stores
from core.accounts import Actor, BrowserView, Role, TenantView, Theme
from core.stores import StoreView
from dashboard.state import session

_AUTOMATIC_RERUN = "this run is not the viewer's doing"
_RUNS_FOR_NEWS = "runs for news"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at which business, as of this run."""

    user_id: int
    name: str
    email: str
    tenant_id: int
    tenant_name: str
    role: Role
    tenants: tuple[TenantView, ...]
    stores: tuple[StoreView, ...]
    last_seen_at: datetime
    theme: Theme

    @property
    def actor(self) -> Actor:
        """The user and business that the viewer's clicks act for."""
        return Actor(self.user_id, self.tenant_id)


def find_viewer(now: datetime) -> Viewer | None:
    """Load the viewer of this tab; None without a valid session."""
    view = session.current(now)
    if view is None:
        return None
    session.keep_tenant(view.tenant_id)
    return Viewer(
        user_id=view.user_id,
        name=view.name,
        email=view.email,
        tenant_id=view.tenant_id,
        tenant_name=view.tenant_name,
        role=view.role,
        tenants=view.tenants,
        stores=stores.list_stores(view.tenant_id),
        last_seen_at=view.last_seen_at,
        theme=view.theme,
    )


def require_viewer(now: datetime) -> Viewer:
    """Load the viewer of a page; run again if the session has ended since the entry script let the viewer in."""
    viewer = find_viewer(now)
    if viewer is None:
        session.leave_if_ended(now)
        st.rerun()
    return viewer


def record_activity(viewer: Viewer, now: datetime) -> None:
    """Keep the session from idling, unless the page runs by itself. The entry script calls this once a run."""
    runs_for_news = st.session_state.pop(_AUTOMATIC_RERUN, False)
    st.session_state[_RUNS_FOR_NEWS] = runs_for_news
    token = session.token()
    if token and not runs_for_news and now - viewer.last_seen_at >= accounts.SEEN_EVERY:
        accounts.touch_session(token, now)


def record_visit(viewer: Viewer, store_id: int, now: datetime) -> None:
    """Record that the viewer looks at a store, unless pushed news started this run."""
    if not runs_for_news():
        accounts.record_visit(viewer.actor, store_id, now)


def is_current(viewer: Viewer, now: datetime) -> bool:
    """Whether the viewer is still signed in, and still in this business with this role.

    One indexed query: a fragment asks it first, and reruns the page when the answer is no.
    """
    view = session.current(now)
    return view is not None and (view.tenant_id, view.role) == (viewer.tenant_id, viewer.role)


def mark_automatic_run() -> None:
    """Mark this run as automatic. It does not extend the session, so that an open page that nobody uses expires."""
    st.session_state[_AUTOMATIC_RERUN] = True


def runs_for_news() -> bool:
    """Whether pushed news started this run, and no click."""
    return bool(st.session_state.get(_RUNS_FOR_NEWS, False))


def browsers(viewer: Viewer, now: datetime) -> tuple[BrowserView, ...]:
    """The browsers where the viewer is signed in, this one first."""
    return accounts.browsers_of(viewer.user_id, session.token() or "", now)
