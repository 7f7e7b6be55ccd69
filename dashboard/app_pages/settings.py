"""Settings: your account, the business, its members and its privacy requests."""

from __future__ import annotations

import streamlit as st

from core.accounts import Action, may
from dashboard.parts.accounts import browsers, businesses, invitations, members, privacy_requests, profile
from dashboard.parts.page import begin

viewer, now = begin("Settings")
is_owner = may(viewer.role, Action.MANAGE)

st.subheader("Your account", anchor=False)
left, right = st.columns(2)
with left:
    profile.draw_profile(viewer)
with right:
    profile.draw_password(viewer, now)
browsers.draw_browsers(viewer, now)
st.caption("To choose light or dark, open the menu (⋮) at the top right. At first it follows your system.")

st.subheader("Business", anchor=False)
if is_owner:
    businesses.draw_name(viewer)
members.draw_members(viewer, now)
if is_owner:
    invitations.draw_invitations(viewer, now)
businesses.draw_new_business(viewer, now)
if is_owner:
    st.subheader("Privacy requests", anchor=False)
    privacy_requests.draw_requests(viewer)
