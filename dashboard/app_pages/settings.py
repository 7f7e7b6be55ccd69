"""Settings: your account, the business, who belongs to it."""

from __future__ import annotations

import streamlit as st

from core.accounts import Action, may
from dashboard.parts import invitation_forms, privacy_requests, session_list, settings_forms
from dashboard.parts.page import begin

viewer, now = begin("Settings")

st.subheader("Your account", anchor=False)
left, right = st.columns(2)
with left:
    settings_forms.profile(viewer)
with right:
    settings_forms.password(viewer, now)
session_list.draw(viewer, now)
st.caption("Light or dark: choose it in the menu (⋮) at the top right. At first it follows your system.")

st.subheader("Business", anchor=False)
if may(viewer.role, Action.MANAGE):
    settings_forms.business(viewer)
settings_forms.members(viewer, now)
if may(viewer.role, Action.MANAGE):
    invitation_forms.draw(viewer, now)
settings_forms.another_business(viewer, now)
if may(viewer.role, Action.MANAGE):
    st.subheader("Privacy requests", anchor=False)
    privacy_requests.draw(viewer)
