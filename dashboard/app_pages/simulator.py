"""Simulator: makes the demo's Shopify sell and misbehave, and compares the figures with its own. Demo only."""

from __future__ import annotations

import streamlit as st

from core.accounts import Action, may
from core.config import settings
from core.demo import simulator_client
from core.errors import XenoError
from dashboard import filters, reads
from dashboard.drawing import formats
from dashboard.drawing.words import plain, sentence
from dashboard.parts import first_steps
from dashboard.parts.page import begin
from dashboard.parts.simulator import events, faults
from dashboard.parts.simulator.comparison import draw_comparison

viewer, now = begin("Simulator")
if settings().simulator_url is None or not may(viewer.role, Action.MANAGE):
    st.info("Only owners see the simulator, and only in the demo.", icon=":material/info:")
    st.stop()
chosen = filters.draw_bar(viewer, now, compares=False)
if chosen is None:
    first_steps.draw_first_steps(viewer, now)
    st.stop()

store = chosen.store
st.markdown(
    f"**{plain(store.name)}** is a simulated store on this machine. Make it sell or misbehave; "
    "the figures must stay right."
)
try:
    status = simulator_client.fault_status(viewer.actor, store.store_id)
except XenoError as error:
    st.error(sentence(error), icon=":material/error:")
    st.stop()

events.draw_events(viewer, store.store_id, status)
left, right = st.columns([3, 2])
with left:
    faults.draw_switches(viewer, store.store_id, status)
with right:
    with st.container(border=True):
        st.subheader("Are our figures right?", anchor=False)
        st.caption(f"{formats.period(chosen.period)}; choose other days above.")
        if st.button("Compare", key="compare-now", icon=":material/balance:"):
            totals = reads.report(*chosen.cache_key, chosen.period, chosen.period.grain).whole
            try:
                figures = simulator_client.compare(viewer.actor, store.store_id, chosen.period, totals)
            except XenoError as error:
                st.error(sentence(error), icon=":material/error:")
            else:
                draw_comparison(figures, chosen)
    faults.draw_counts(viewer, store, now)
