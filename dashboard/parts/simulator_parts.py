"""The parts of the Simulator page: what can be made to happen, the switches, what has struck, and the comparison."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import streamlit as st

from core.demo import simulator_client
from core.demo.simulator_client import FaultStatus, FigureComparison
from core.errors import XenoError
from core.metrics.definitions import DEFINITIONS
from dashboard import state
from dashboard.drawing import formats
from dashboard.drawing.words import plain, sentence
from dashboard.filters import Filters
from dashboard.state import Viewer, messages


@dataclass(frozen=True, slots=True)
class Control:
    """A switch in plain words: a share, or up to so many seconds (also so many before, if `both_ways`)."""

    name: str
    label: str
    help: str
    seconds: int | None = None
    both_ways: bool = False


GROUPS = {
    "Webhooks": (
        Control("webhook_loss", "Lost", "They are never sent."),
        Control("webhook_duplicates", "Sent twice", "The same webhook comes again, under the same id."),
        Control("webhook_twins", "Sent twice, two ids", "As when there are two subscriptions for one topic."),
        Control("webhook_reordering", "Out of order", "They are held back by chance, so that later ones come first."),
        Control("webhook_delay_seconds", "Late", "How much later all of them are sent.", seconds=60),
    ),
    "Admin API": (
        Control("api_too_many", "Too many requests", "Status 429, with how long to wait."),
        Control("api_throttled", "Out of points", "The bucket of points is empty: THROTTLED."),
        Control("api_errors", "Server errors", "Status 500, 502 or 503."),
        Control("api_timeouts", "No answer", "After some seconds the connection closes."),
        Control("api_cuts", "Cut answers", "The answer breaks off in the middle."),
        Control("api_slow", "Slow answers", "They take some seconds longer."),
    ),
    "Bulk operations": (
        Control("bulk_failed", "Failed", "With an internal error, and nothing to show."),
        Control("bulk_partial", "Failed half way", "With half of the rows."),
        Control("bulk_expired", "Expired", "Shopify lets them end without a result."),
        Control("bulk_canceled", "Canceled", "Shopify itself gives them up."),
        Control("bulk_cut", "File cut", "They are completed, but half of the file is missing, and nothing says so."),
        Control("bulk_gone", "File gone", "They are completed, but the file’s address no longer works."),
    ),
    "Clock and search": (
        Control(
            "clock_skew_seconds", "The shop’s clock", "How far ahead (or behind) it is.", seconds=600, both_ways=True
        ),
        Control("search_lag_seconds", "Search is behind", "Searches know only of older changes.", seconds=300),
    ),
}
OUTAGE = "Webhooks not sent in outages"
_LABELS = {
    **{one.name: f"{group}: {one.label.lower()}" for group, controls in GROUPS.items() for one in controls},
    "webhook_outage": OUTAGE,
    "outage_unsubscribes": "Subscriptions lost in outages",
    "tokens_refused": "Admin API: token refused",
}


def happenings(viewer: Viewer, store_id: int, standing: FaultStatus) -> None:
    """The buttons."""
    outage = bool(standing.faults["webhook_outage"])
    with st.container(horizontal=True):
        if st.button("Sell now", key="sell", icon=":material/shopping_cart:", type="primary"):
            _do(lambda: _sold(simulator_client.trigger_event(viewer.actor, store_id, "sell")))
        if st.button("Refund an order", key="refund", icon=":material/undo:"):
            _do(lambda: _refunded(simulator_client.trigger_event(viewer.actor, store_id, "refund")))
        if st.button("Sell with a tip", key="tip", icon=":material/volunteer_activism:"):
            _do(lambda: _tipped(simulator_client.trigger_event(viewer.actor, store_id, "sell", tip=3)))
        if st.button("Exchange goods", key="exchange", icon=":material/swap_horiz:"):
            _do(lambda: _exchanged(simulator_client.trigger_event(viewer.actor, store_id, "exchange")))
        if st.button("Send goods back", key="return", icon=":material/assignment_return:"):
            _do(lambda: _returned(simulator_client.trigger_event(viewer.actor, store_id, "return")))
        if st.button("Import an old order", key="import", icon=":material/input:"):
            _do(lambda: _imported(simulator_client.import_order(viewer.actor, store_id, datetime.now(UTC))))
        if st.button("Sell at a clock change", key="clock-change", icon=":material/av_timer:"):
            _do(
                lambda: _clocks_changed(
                    simulator_client.sell_at_clock_change(viewer.actor, store_id, datetime.now(UTC))
                )
            )
        if st.button("Expire tokens", key="expire", icon=":material/key_off:"):
            _do(lambda: _expired(viewer, store_id))
        if st.button("Drop subscriptions", key="drop", icon=":material/link_off:"):
            _do(lambda: _dropped(simulator_client.trigger_event(viewer.actor, store_id, "drop_subscriptions")))
        if st.button("End the outage" if outage else "Start an outage", key="outage", icon=":material/power:"):
            _do(lambda: _outage(simulator_client.set_faults(viewer.actor, store_id, webhook_outage=not outage)))
        if st.button("Turn all off", key="calm", icon=":material/restart_alt:"):
            _do(lambda: _calm(simulator_client.clear_faults(viewer.actor, store_id)))
    if outage:
        st.warning(
            "**An outage is on:** no webhook is sent, nor will these be sent later. Syncs and checks have to find "
            "what happens meanwhile.",
            icon=":material/power_off:",
        )


def switches(viewer: Viewer, store_id: int, standing: FaultStatus) -> None:
    """All switches by group, set together."""
    with st.form("faults"):
        st.subheader("How it misbehaves", anchor=False)
        st.caption("How many of all webhooks, requests or operations, by chance; and by how much.")
        chosen: dict[str, Any] = {}
        tabs = st.tabs(list(GROUPS))
        for tab, controls in zip(tabs, GROUPS.values(), strict=True):
            with tab:
                chosen |= {one.name: _slider(one, standing.faults[one.name]) for one in controls}
        chosen["outage_unsubscribes"] = tabs[0].toggle(
            "An outage also ends subscriptions",
            bool(standing.faults["outage_unsubscribes"]),
            help="Of each webhook that is not sent, as Shopify does after its last try.",
        )
        chosen["tokens_refused"] = tabs[1].toggle(
            "Refuse every token",
            bool(standing.faults["tokens_refused"]),
            help="As after a merchant took the app’s access away: the store then asks to be connected again.",
        )
        if st.form_submit_button("Set", icon=":material/tune:"):
            _do(lambda: _set(simulator_client.set_faults(viewer.actor, store_id, **chosen)))


@st.fragment(run_every=2.0)
def struck(viewer: Viewer, store_id: int) -> None:
    """How often each fault has struck so far, drawn anew every two seconds."""
    if not state.is_current(viewer, datetime.now(UTC)):
        st.rerun()
    with st.container(border=True):
        st.subheader("What has struck so far", anchor=False)
        try:
            counts = simulator_client.fault_status(viewer.actor, store_id).injected
        except XenoError as error:
            st.caption(sentence(error))
            return
        if not counts:
            st.caption("Nothing yet.")
            return
        st.dataframe(_counts(counts), hide_index=True, alt="How often each fault has struck")


def comparison(rows: Sequence[FigureComparison], filters: Filters) -> None:
    """Whether every figure is the simulator's."""
    unequal = [row for row in rows if not row.equal]
    if unequal:
        st.warning(
            f"**{formats.count(len(unequal))} of {formats.count(len(rows))} figures differ.** What happened in the "
            "last seconds may still be on its way: compare again. Changes that no webhook reported come with the "
            "next sync, a deletion with the nightly check.",
            icon=":material/difference:",
        )
    else:
        st.success(f"All {formats.count(len(rows))} figures equal the simulator’s.", icon=":material/check_circle:")
    # Not a dataframe, which on a phone would hide the last column: this wraps.
    st.table(_compared(rows, filters), border="horizontal")


def _slider(control: Control, value: float) -> float:
    """A slider as far as the control goes, or as what is set does."""
    if control.seconds is None:
        return float(st.slider(control.label, 0.0, 1.0, float(value), 0.05, format="percent", help=control.help))
    most = max(control.seconds, round(abs(value)))
    least = -most if control.both_ways else 0
    return st.slider(control.label, least, most, round(value), format="%d s", help=control.help)


def _counts(counts: Mapping[str, int]) -> pd.DataFrame:
    rows = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return pd.DataFrame({"Fault": [_LABELS.get(name, name) for name, _ in rows], "Times": [each for _, each in rows]})


def _compared(rows: Sequence[FigureComparison], filters: Filters) -> pd.DataFrame:
    def shown(name: str, value: Any) -> str:
        return formats.metric(name, value, filters.currency)

    return pd.DataFrame(
        {
            "Here": [plain(shown(row.name, row.ours)) for row in rows],
            "Simulator": [plain(shown(row.name, row.true)) for row in rows],
        },
        index=[f"{'=' if row.equal else '≠'} {DEFINITIONS[row.name].label}" for row in rows],
    )


def _sold(result: Mapping[str, Any]) -> str:
    return f"Order {plain(str(result['name']))} was sold; Overview shows it within seconds."


def _refunded(result: Mapping[str, Any]) -> str:
    return f"Order {plain(str(result['name']))} was refunded."


def _tipped(result: Mapping[str, Any]) -> str:
    return f"Order {plain(str(result['name']))} was sold with a tip, which no sales figure counts."


def _exchanged(result: Mapping[str, Any]) -> str:
    return f"Goods of order {plain(str(result['name']))} were exchanged: a return and a sale of today."


def _returned(result: Mapping[str, Any]) -> str:
    return f"Goods of order {plain(str(result['name']))} came back; they count as returned before their refund."


def _imported(day: date) -> str:
    return f"An order of {formats.day(day)} was imported; choose that day to see it."


def _clocks_changed(day: date) -> str:
    return f"Two orders were sold around the last clock change, on {formats.day(day)}; choose that day to see them."


def _expired(viewer: Viewer, store_id: int) -> str:
    simulator_client.expire_tokens(viewer.actor, store_id)
    return "Expiring tokens have ended; Xeno requests new ones when needed. A store’s own Admin token stays valid."


def _dropped(result: Mapping[str, Any]) -> str:
    return f"{formats.count(len(result['dropped']))} subscriptions were dropped; the daily check restores them."


def _outage(standing: FaultStatus) -> str:
    return "The outage has begun." if standing.faults["webhook_outage"] else "The outage is over."


def _calm(_: FaultStatus) -> str:
    return "Everything is turned off."


def _set(_: FaultStatus) -> str:
    return "The switches are set."


def _do(act: Callable[[], str]) -> None:
    """Do it, say what came of it, and draw the page anew."""
    try:
        messages.leave_success(act())
    except XenoError as error:
        messages.leave_error(error)
    st.rerun()
