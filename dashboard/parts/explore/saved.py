"""The saved reports of a business on Explore: open, save, rename, delete."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from core import reports
from core.accounts import Action, may
from core.metrics.explore import Question
from core.reports import Report
from dashboard.drawing import explore_words, formats
from dashboard.drawing.words import plain
from dashboard.parts.actions import run_action
from dashboard.parts.explore.choices import fill_choices
from dashboard.state import Viewer, forms, messages

_PLACE = "saved reports"
_FORM = "name of the report"


def draw_reports(viewer: Viewer) -> None:
    """Draw the list of saved reports, each with its button."""
    saved = reports.list_reports(viewer.actor)
    with st.popover(f"Saved reports ({len(saved)})", icon=":material/bookmarks:"):
        if not saved:
            st.markdown("None yet. Choose figures below, then save them under a name for everybody in the business.")
        for report in saved:
            _draw_report(viewer, report)
    messages.show(_PLACE)


def draw_save(viewer: Viewer, question: Question, now: datetime) -> None:
    """Draw the form that saves the present choices under a name."""
    if not may(viewer.role, Action.SAVE):
        return
    with st.popover("Save this report", icon=":material/bookmark_add:"):
        st.markdown(plain(explore_words.title(question)))
        name = st.text_input("Name", max_chars=80, key=forms.widget_key(_FORM), placeholder="Best sellers by country")
        st.caption("Everybody in your business sees it. The period stays the reader’s choice.")
        if st.button("Save", type="primary", key="save report"):
            run_action(
                lambda: reports.save_report(viewer.actor, name, question, now), f"{plain(name)} is saved.", _PLACE
            )


def _draw_report(viewer: Viewer, report: Report) -> None:
    key = f"report {report.report_id}"
    with st.container(border=True, gap="small"):
        st.markdown(f"**{plain(report.name)}**")
        by = f" · {plain(report.by)}" if report.by else ""
        if report.question:
            st.caption(f"{plain(explore_words.title(report.question))} · {formats.day(report.saved_at)}{by}")
        else:
            st.caption("An older version saved it, and this one cannot read it. Delete it, and save it again.")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            if report.question:
                st.button("Open", key=f"open {key}", on_click=fill_choices, args=(report.question,), type="primary")
            if may(viewer.role, Action.SAVE):
                _draw_changes(viewer, report, key)


def _draw_changes(viewer: Viewer, report: Report, key: str) -> None:
    """Draw renaming and deleting; deleting asks once more, because one click could be a slip."""
    name = st.text_input("New name", value=report.name, max_chars=80, key=f"name {key} {report.name}")
    if st.button("Rename", key=f"rename {key}", disabled=name == report.name):
        run_action(
            lambda: reports.rename_report(viewer.actor, report.report_id, name), f"Renamed to {plain(name)}.", _PLACE
        )
    sure = st.checkbox("Delete for everybody", key=f"sure {key}")
    if sure and st.button("Delete", key=f"delete {key}"):
        run_action(
            lambda: reports.delete_report(viewer.actor, report.report_id), f"{plain(report.name)} is deleted.", _PLACE
        )
