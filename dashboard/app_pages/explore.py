"""Explore: figures of the reader's choice, split, filtered, compared, and saved for the business."""

from __future__ import annotations

import streamlit as st

from core.errors import TooMuch
from dashboard.drawing.words import sentence
from dashboard.parts import notices
from dashboard.parts.explore import choices, result, saved
from dashboard.parts.page import begin_report

viewer, filters = begin_report("Explore")
notices.draw_orders_left_out(filters)
buttons = st.container(horizontal=True)
with buttons:
    saved.draw_reports(viewer)
question = choices.draw_choices(filters)
if question is None:
    st.stop()
with buttons:
    saved.draw_save(viewer, question, filters.now)
try:
    result.draw_result(question, filters)
except TooMuch as error:
    st.warning(sentence(error), icon=":material/hourglass_bottom:")
