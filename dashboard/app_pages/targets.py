"""Targets: what each store is to reach this month, and whether it is on pace."""

from __future__ import annotations

import streamlit as st

from dashboard.parts import first_steps, targets
from dashboard.parts.page import begin

viewer, now = begin("Targets", follows_stores=True)
st.caption("A month’s target for net sales or orders, and its pace by your weekdays and by last year.")
if not viewer.stores:
    first_steps.draw_first_steps(viewer, now)
for store in viewer.stores:
    targets.draw_store(viewer, store, now)
