"""Events on the Simulator page: buttons that make the simulated shop sell, refund, and lose its connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import streamlit as st

from core.demo import simulator_client
from core.demo.simulator_client import FaultStatus
from dashboard.drawing import formats
from dashboard.drawing.words import plain
from dashboard.parts.actions import run_action
from dashboard.state import Viewer


def draw_events(viewer: Viewer, store_id: int, status: FaultStatus) -> None:
    """Draw a button for each event, and a warning during an outage."""
    is_outage = bool(status.faults["webhook_outage"])
    with st.container(horizontal=True, gap="small"):
        _draw_orders(viewer, store_id)
    with st.container(horizontal=True, gap="small"):
        _draw_connection(viewer, store_id, is_outage)
    if is_outage:
        st.warning(
            "**An outage is on:** no webhook is sent now, nor later. Syncs and checks have to find the changes.",
            icon=":material/power_off:",
        )


def _draw_orders(viewer: Viewer, store_id: int) -> None:
    def trigger(event: str, **values: int) -> Mapping[str, Any]:
        return simulator_client.trigger_event(viewer.actor, store_id, event, **values)

    def now() -> datetime:
        return datetime.now(UTC)

    if st.button("Sell now", key="sell", icon=":material/shopping_cart:", type="primary"):
        _run(lambda: f"{_order(trigger('sell'))} was sold. The Overview shows it within seconds.")
    if st.button("Refund an order", key="refund", icon=":material/undo:"):
        _run(lambda: f"{_order(trigger('refund'))} was refunded.")
    if st.button("Sell with a tip", key="tip", icon=":material/volunteer_activism:"):
        _run(lambda: f"{_order(trigger('sell', tip=3))} was sold with a tip, which no sales figure counts.")
    if st.button("Exchange goods", key="exchange", icon=":material/swap_horiz:"):
        _run(lambda: f"{_order(trigger('exchange'))}: goods were exchanged, a return and a sale of today.")
    if st.button("Send goods back", key="return", icon=":material/assignment_return:"):
        _run(lambda: f"{_order(trigger('return'))}: goods came back. They count as returned before their refund.")
    if st.button("Import an old order", key="import", icon=":material/input:"):
        _run(lambda: _imported_text(simulator_client.import_order(viewer.actor, store_id, now())))
    if st.button("Sell at a clock change", key="clock-change", icon=":material/av_timer:"):
        _run(lambda: _clock_change_text(simulator_client.sell_at_clock_change(viewer.actor, store_id, now())))


def _draw_connection(viewer: Viewer, store_id: int, is_outage: bool) -> None:
    if st.button("Expire tokens", key="expire", icon=":material/key_off:"):
        run_action(
            lambda: simulator_client.expire_tokens(viewer.actor, store_id),
            "Expiring tokens have ended. Xeno requests new ones when needed. A store’s own Admin token stays valid.",
        )
    if st.button("Drop subscriptions", key="drop", icon=":material/link_off:"):
        _run(lambda: _dropped_text(simulator_client.trigger_event(viewer.actor, store_id, "drop_subscriptions")))
    if st.button("End the outage" if is_outage else "Start an outage", key="outage", icon=":material/power:"):
        run_action(
            lambda: simulator_client.set_faults(viewer.actor, store_id, webhook_outage=not is_outage),
            "The outage is over." if is_outage else "The outage has begun.",
        )
    if st.button("Turn all off", key="calm", icon=":material/restart_alt:"):
        run_action(lambda: simulator_client.clear_faults(viewer.actor, store_id), "Everything is turned off.")


def _run(event: Callable[[], str]) -> None:
    """Run the event, leave its text or its error as a message, and run the page again."""
    run_action(event, str)


def _order(result: Mapping[str, Any]) -> str:
    return f"Order {plain(str(result['name']))}"


def _imported_text(day: date) -> str:
    return f"An order of {formats.day(day)} was imported. Choose that day to see it."


def _clock_change_text(day: date) -> str:
    return f"Two orders were sold around the last clock change, on {formats.day(day)}. Choose that day to see them."


def _dropped_text(result: Mapping[str, Any]) -> str:
    return (
        f"Shopify dropped {formats.counted(len(result['dropped']), 'subscription')}. The daily check restores them."
    )
