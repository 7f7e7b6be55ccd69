"""Settings: your account, its appearance and security; the business, its members and its privacy requests."""

from __future__ import annotations

import streamlit as st

from core.accounts import Action, may
from dashboard.parts.accounts import (
    appearance,
    browsers,
    businesses,
    invitations,
    members,
    privacy_requests,
    profile,
)
from dashboard.parts.page import begin

FORM_WIDTH = 640

viewer, now = begin("Settings")
is_owner = may(viewer.role, Action.MANAGE)
# No more and no longer names than a phone shows side by side.
names = ["Account", "Security", "Business", "Members", *(["Privacy"] if is_owner else [])]
# The open section is in the address, so that it can be linked, and survives a reload.
sections = dict(zip(names, st.tabs(names, key="section", on_change="rerun", bind="query-params"), strict=True))

with sections["Account"], st.container(width=FORM_WIDTH):
    profile.draw_profile(viewer)
    with st.container(border=True):
        st.markdown("**Appearance**")
        appearance.draw_theme(viewer, "settings", is_titled=True)
        st.caption("Kept for you in every browser. “System” follows the device.")
with sections["Security"], st.container(width=FORM_WIDTH):
    profile.draw_password(viewer, now)
    browsers.draw_browsers(viewer, now)
with sections["Business"], st.container(width=FORM_WIDTH):
    if is_owner:
        businesses.draw_name(viewer)
    businesses.draw_new_business(viewer, now)
with sections["Members"]:
    members.draw_members(viewer, now)
    if is_owner:
        invitations.draw_invitations(viewer, now)
if is_owner:
    with sections["Privacy"]:
        privacy_requests.draw_requests(viewer, now)
