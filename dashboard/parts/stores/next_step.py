"""The one next step of a store: connect it again, grant a scope, import history, or nothing to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

import streamlit as st

from core.accounts import Action, may
from core.config import settings
from core.stores import StoreState, StoreView, history
from core.stores.history import Cut
from core.sync.runs import RunState, RunView
from dashboard.drawing import formats
from dashboard.drawing.words import plain
from dashboard.parts.stores import access, connect_form, imports, install_form
from dashboard.state import Viewer


class Cure(Enum):
    """What the button of a step does."""

    NONE = "nothing"
    CONNECT = "connect the store again"
    IMPORT = "import older orders"
    SYNC = "sync now"


@dataclass(frozen=True, slots=True)
class Step:
    """A step: its title and reason in Markdown, and the effect of its button. Unless it `is_needed`, there is nothing
    to do."""

    title: str
    reason: str
    cure: Cure = Cure.NONE
    is_needed: bool = True


def choose_step(store: StoreView, cut: Cut | None, last_run: RunView | None, now: datetime) -> Step:
    """Choose the step that gives the merchant the most back."""
    if store.state == StoreState.DISCONNECTED:
        return Step("Connect it again", "Its orders stay here, but no new ones arrive.", Cure.CONNECT)
    if store.state == StoreState.RECONNECT:
        reason = plain((store.state_reason or "Shopify no longer accepts the app").rstrip(".") + ".")
        waiting = "Everything that was synced is still here; new orders wait in Shopify."
        return Step("Connect it again", f"{reason} {waiting}", Cure.CONNECT)
    if last_run and last_run.state == RunState.FAILED:
        return Step("Sync again", "The last sync failed. Orders since then may be missing.", Cure.SYNC)
    if store.missing_scopes:
        costs = " ".join(access.scope_text(scope) for scope in store.missing_scopes)
        names = formats.listed([plain(scope) for scope in store.missing_scopes])
        return Step(f"Grant {names}", f"{costs} {access.grant_text(store, store.missing_scopes)}", Cure.CONNECT)
    return _choose_improvement(store, cut, now)


def history_text(store: StoreView, cut: Cut) -> str:
    """Which orders are missing, how that shows, and the two ways to get them."""
    opened = formats.day(cut.shop_opened_at.astimezone(store.time_zone))
    oldest = (
        f"The oldest order here is of {formats.day(cut.oldest.astimezone(store.time_zone))}; " if cut.oldest else ""
    )
    days = f"{oldest}{'the' if oldest else 'The'} shop was opened on {opened}."
    if cut.scope_is_missing:
        missing = f"Orders older than 60 days are missing. {days}"
    else:
        missing = f"{days} If it sold before, Shopify shows this app the last 60 days only."
    again = "install the app again" if store.has_installed_app else "connect the store again"
    return (
        f"{missing} There are two ways to get them:\n"
        "- Import Shopify's orders CSV (in Shopify: Orders → Export).\n"
        f"- Or request **{plain(history.SCOPE)}** for the app (dev.shopify.com, API access requests), then {again}."
    )


def draw_step(viewer: Viewer, store: StoreView, step: Step, now: datetime) -> None:
    """Draw the step with its button."""
    if not step.is_needed:
        st.markdown(f":green[:material/check_circle:] **{step.title}** {step.reason}")
        return
    st.markdown(f":orange[:material/arrow_circle_right:] **Next step: {step.title[0].lower()}{step.title[1:]}.**")
    st.markdown(step.reason)
    if step.cure == Cure.CONNECT:
        _draw_connect(viewer, store, now)
    elif step.cure == Cure.IMPORT and may(viewer.role, Action.SYNC):
        st.button(
            "Import older orders…",
            key=f"step-import-{store.store_id}",
            icon=":material/upload_file:",
            on_click=imports.open_section,
            args=(store,),
        )


def _choose_improvement(store: StoreView, cut: Cut | None, now: datetime) -> Step:
    """Choose the step of a store that can be read."""
    if store.webhook_note:
        return Step("Let webhooks arrive", plain(store.webhook_note))
    if store.webhooks_missed_at:
        synced = formats.clock(store.webhooks_missed_at, store.time_zone, now)
        return Step(
            "Check the webhooks",
            f"The sync at {synced} found an order without a webhook. Until webhooks work again, orders arrive with "
            "each sync. If this stays, check that Shopify can reach the webhook address.",
        )
    denied = access.denied_text(store)
    if denied:
        return Step("Request access to the hidden fields", denied, Cure.CONNECT)
    if cut:
        return Step("Get the older orders", history_text(store, cut), Cure.IMPORT)
    if store.complete_until is None:
        return Step("Nothing to do.", "The first sync goes on by itself.", is_needed=False)
    return Step("All good.", "Nothing to do.", is_needed=False)


def _draw_connect(viewer: Viewer, store: StoreView, now: datetime) -> None:
    """Draw the button that connects the store again; for members who may not, name who can."""
    if not may(viewer.role, Action.CONNECT):
        st.caption("Ask an owner of the business to connect it again.")
    elif store.has_installed_app and settings().offers_install:
        install_form.draw_install_again(viewer, store, now)
    else:
        st.button(
            "Connect again…",
            key=f"step-connect-{store.store_id}",
            icon=":material/add_link:",
            type="primary",
            on_click=connect_form.open_section,
            args=(store,),
        )
