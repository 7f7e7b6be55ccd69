"""Simulator: the demo's Shopify sells and misbehaves at a click, and our figures stand beside its own. Demo only."""

from __future__ import annotations

import streamlit as st

from core.accounts import Action, may
from core.config import settings
from core.demo import simulator_client
from core.errors import XenoError
from dashboard import filters, reads
from dashboard.drawing import formats
from dashboard.drawing.words import plain, sentence
from dashboard.parts import notices, simulator_parts
from dashboard.parts.page import begin

viewer, now = begin("Simulator")
if settings().simulator_url is None or not may(viewer.role, Action.MANAGE):
    st.info("There is a simulator in the demo only, and for owners.", icon=":material/info:")
    st.stop()
chosen = filters.draw_sidebar(viewer, now, compares=False)
if chosen is None:
    notices.draw_no_store(viewer)
    st.stop()

store = chosen.store
st.markdown(
    f"The Shopify behind **{plain(store.name)}** is a simulation on this machine. Let it sell, and let it misbehave "
    "as Shopify and networks do; the figures must come out right all the same."
)
try:
    standing = simulator_client.fault_status(viewer.actor, store.store_id)
except XenoError as error:
    st.error(sentence(error), icon=":material/error:")
    st.stop()

simulator_parts.happenings(viewer, store.store_id, standing)
left, right = st.columns([3, 2])
with left:
    simulator_parts.switches(viewer, store.store_id, standing)
with right:
    simulator_parts.struck(viewer, store.store_id)
    with st.container(border=True):
        st.subheader("Are our figures right?", anchor=False)
        st.caption(f"{formats.period(chosen.period)}; choose other days in the sidebar.")
        if st.button("Compare", key="compare-now", icon=":material/balance:"):
            ours = reads.report(*chosen.cache_key, chosen.period).whole
            try:
                rows = simulator_client.compare(viewer.actor, store.store_id, chosen.period, ours)
            except XenoError as error:
                st.error(sentence(error), icon=":material/error:")
                st.stop()
            simulator_parts.comparison(rows, chosen)
