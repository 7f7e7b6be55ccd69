"""Faults on the Simulator page: the switches, and the counts of injected faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import streamlit as st

from core.demo import simulator_client
from core.demo.simulator_client import FaultStatus
from core.errors import XenoError
from core.stores import StoreView
from dashboard.drawing.records import Record
from dashboard.drawing.words import sentence
from dashboard.parts import live
from dashboard.parts.actions import run_action
from dashboard.parts.columns import Column, Kind
from dashboard.parts.tables import draw_records
from dashboard.state import Viewer


@dataclass(frozen=True, slots=True)
class Control:
    """A switch of a fault: a share, or a number of seconds up to `seconds`, negative too if `both_ways`."""

    name: str
    label: str
    help: str
    seconds: int | None = None
    both_ways: bool = False


GROUPS = {
    "Webhooks": (
        Control("webhook_loss", "Lost", "They are never sent."),
        Control("webhook_duplicates", "Sent twice", "The same webhook comes again, under the same id."),
        Control("webhook_twins", "Sent twice, two ids", "As with two subscriptions to one topic."),
        Control("webhook_reordering", "Out of order", "Some are delayed, so that later ones arrive first."),
        Control("webhook_delay_seconds", "Late", "The delay of all webhooks.", seconds=60),
    ),
    "Admin API": (
        Control("api_too_many", "Too many requests", "Status 429, with the time to wait."),
        Control("api_throttled", "Out of points", "The bucket of points is empty: THROTTLED."),
        Control("api_errors", "Server errors", "Status 500, 502 or 503."),
        Control("api_timeouts", "No answer", "After some seconds the connection closes."),
        Control("api_cuts", "Cut answers", "The answer breaks off in the middle."),
        Control("api_slow", "Slow answers", "They take some seconds longer."),
    ),
    "Bulk operations": (
        Control("bulk_failed", "Failed", "With an internal error and no rows."),
        Control("bulk_partial", "Failed half way", "With half of the rows."),
        Control("bulk_expired", "Expired", "Shopify ends them without a result."),
        Control("bulk_canceled", "Canceled", "Shopify itself cancels them."),
        Control("bulk_cut", "File cut", "They are completed, but half of the file is missing without a notice."),
        Control("bulk_gone", "File gone", "They are completed, but the file’s address no longer works."),
    ),
    "Clock and search": (
        Control(
            "clock_skew_seconds",
            "The shop’s clock",
            "The seconds that it is ahead (or behind).",
            seconds=600,
            both_ways=True,
        ),
        Control("search_lag_seconds", "Search is behind", "Searches find older changes only.", seconds=300),
    ),
}
_AFTER_CLICK = timedelta(seconds=3)
OUTAGE = "Webhooks not sent in outages"
_LABELS = {
    **{
        control.name: f"{group}: {control.label.lower()}"
        for group, controls in GROUPS.items()
        for control in controls
    },
    "webhook_outage": OUTAGE,
    "outage_unsubscribes": "Subscriptions lost in outages",
    "tokens_refused": "Admin API: token refused",
}


def draw_switches(viewer: Viewer, store_id: int, status: FaultStatus) -> None:
    """Draw all switches by group; they are set together."""
    # With a form for each store, values that were moved and not set stay with their store.
    with st.form(f"faults-{store_id}"):
        st.subheader("Faults", anchor=False)
        st.caption("Shares are of all webhooks, requests or operations, by chance.")
        chosen: dict[str, Any] = {}
        tabs = st.tabs(list(GROUPS))
        for tab, controls in zip(tabs, GROUPS.values(), strict=True):
            with tab:
                chosen |= {control.name: _draw_slider(control, status.faults[control.name]) for control in controls}
        chosen["outage_unsubscribes"] = tabs[0].toggle(
            "An outage also ends subscriptions",
            bool(status.faults["outage_unsubscribes"]),
            help="Shopify ends the subscription of a webhook after its last failed retry.",
        )
        chosen["tokens_refused"] = tabs[1].toggle(
            "Refuse every token",
            bool(status.faults["tokens_refused"]),
            help="As if the merchant had revoked the app’s access: the store then has to be connected again.",
        )
        if st.form_submit_button("Set", icon=":material/tune:"):
            run_action(lambda: simulator_client.set_faults(viewer.actor, store_id, **chosen), "The switches are set.")


@st.fragment
def draw_counts(viewer: Viewer, store: StoreView, now: datetime) -> None:
    """Draw the number of injected faults by kind.

    They are counted again with each change that comes in, and once soon after a click: a lost webhook brings none.
    """
    live.follow_work(viewer, "faults", again=now + _AFTER_CLICK)
    try:
        counts = simulator_client.fault_status(viewer.actor, store.store_id).injected
    except XenoError as error:
        st.caption(sentence(error))
        return
    columns = {"fault": Column("Fault"), "times": Column("Times", Kind.COUNT)}
    draw_records("Faults so far", _counts(counts), columns, store, empty="None yet.")


def _draw_slider(control: Control, value: float) -> float:
    """Draw a slider up to the control's limit, or up to a larger value that is set already."""
    if control.seconds is None:
        return float(st.slider(control.label, 0.0, 1.0, float(value), 0.05, format="percent", help=control.help))
    most = max(control.seconds, round(abs(value)))
    least = -most if control.both_ways else 0
    return st.slider(control.label, least, most, round(value), format="%d s", help=control.help)


def _counts(counts: Mapping[str, int]) -> list[Record]:
    """The faults by name, the most frequent first."""
    rows = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{"fault": _LABELS.get(name, name), "times": count} for name, count in rows]
