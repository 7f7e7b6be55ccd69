"""Whether the page is live: it receives the changes of its store as they happen."""

from __future__ import annotations

from dashboard.components import Component

_LIVE = Component("live")


def draw_live_state() -> None:
    """Draw whether the browser is connected."""
    _LIVE.mount(key="live", data={"label": "Live"})
