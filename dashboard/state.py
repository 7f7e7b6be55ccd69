"""Who is looking, and what this tab remembers. The only file that names keys of `st.session_state`.

The browser's cookie names a session row; everything else is loaded from there anew in each run, so who signed out,
was removed or changed the password elsewhere is out at the next click.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import NoReturn
from urllib.parse import urlencode, urlsplit

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core import accounts, stores
from core.accounts import Actor, BrowserView, LinkKind, Role, SessionView, TenantView, UserView
from core.errors import NotSignedIn
from core.stores import StoreView
from dashboard.web import cookies, visitors

_TENANT = "tenant_id"
_TOKEN = "session_token"  # noqa: S105  # a key, not a secret
_TOLD = "told at "
_ROUND = "round of "
_LINK = "token of the link of kind "
_NEW_LINK = "new link for "
_UNASKED = "this run is not the viewer's doing"
_FINISHED = "what the link of this tab led to"

_ICONS = {
    "success": ":material/check_circle:",
    "info": ":material/info:",
    "warning": ":material/warning:",
    "error": ":material/error:",
}


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at which tenant, as of this run."""

    user_id: int
    name: str
    email: str
    tenant_id: int
    tenant_name: str
    role: Role
    tenants: tuple[TenantView, ...]
    stores: tuple[StoreView, ...]

    @property
    def actor(self) -> Actor:
        """In whose name the viewer's clicks act."""
        return Actor(self.user_id, self.tenant_id)


def require_viewer(now: datetime, notes_activity: bool = False) -> Viewer:
    """The viewer of this run; without a valid session, the sign-in page is shown and the run ends.

    The entry script `notes_activity` once a run, which keeps the session from idling.
    """
    token = _token()
    session = accounts.session_of(token, now) if token else None
    if token is None or session is None:
        _show_door(token, now)
    is_active = notes_activity and not st.session_state.pop(_UNASKED, False)
    if is_active and now - session.last_seen_at >= accounts.SEEN_EVERY:
        accounts.touch_session(token, now)
    if st.session_state.setdefault(_TENANT, session.tenant_id) != session.tenant_id:
        # Another tab switched the business: what was typed here was meant for the first one.
        _go("/")
    return _viewer(session)


def still_here(viewer: Viewer, now: datetime) -> bool:
    """Whether the viewer is still signed in, and still in this tenant with this role.

    One indexed query: a fragment that polls asks it first, and reruns the page when the answer is no.
    """
    token = _token()
    session = accounts.session_of(token, now) if token else None
    return session is not None and (session.tenant_id, session.role) == (viewer.tenant_id, viewer.role)


def rerun_unasked() -> NoReturn:
    """Run the page again because of news. An open page that nobody looks at does not keep its session from idling."""
    st.session_state[_UNASKED] = True
    st.rerun()


def is_known() -> bool:
    """Whether this tab was opened with a session, be it one that has ended."""
    return _TOKEN in st.session_state


def sign_in(user_id: int, now: datetime, target: str | None = None) -> NoReturn:
    """Send the browser to where it gets its cookie, then to `target`: the page it asked for, if none is given.

    Raises:
        NotSignedIn: the browser accepts no cookies.
    """
    if not nonce():
        raise NotSignedIn("Your browser did not accept a cookie, which signing in needs; allow cookies and reload.")
    redeem(accounts.issue_ticket(user_id, nonce(), now), target)


def nonce() -> str:
    """What binds a sign-in to this browser; empty where it accepts no cookies."""
    return st.context.cookies.to_dict().get(cookies.nonce_cookie(), "")


def redeem(ticket: str, target: str | None = None) -> NoReturn:
    """Send the browser with a ticket to where it gets its cookie, then to `target`, or back to where it is."""
    _go("/auth/finish?" + urlencode({"ticket": ticket, "next": target or _here()}))


def opened_link() -> tuple[LinkKind, str] | None:
    """The link that this tab was opened with: its kind, and its token, which is empty when the browser kept none."""
    named = st.query_params.get("link", "")
    if named not in set(LinkKind):
        return None
    kind = LinkKind(named)
    _token()  # leaves a page that another user of this browser opened
    if _LINK + kind not in st.session_state:
        st.session_state[_LINK + kind] = cookies.link_token(st.context.cookies.to_dict(), kind)
    return kind, st.session_state[_LINK + kind]


def finish_link(now: datetime, user_id: int | None = None, tenant_id: int | None = None) -> NoReturn:
    """Leave the page of a link that has done its work: sign the user in, or look at the tenant.

    It is remembered for the tab, because the link is used up now: a second click goes the same way.

    Raises:
        NotSignedIn: the browser accepts no cookies.
    """
    st.session_state[_FINISHED] = (user_id, tenant_id)
    if tenant_id is not None:
        switch_tenant(tenant_id, now)
    if user_id is not None:
        sign_in(user_id, now, "/")
    _go("/")


def repeat_finish(now: datetime) -> None:
    """Go on, if the link of this tab has done its work already."""
    if _FINISHED in st.session_state:
        finish_link(now, *st.session_state[_FINISHED])


def leave_link() -> NoReturn:
    """Leave the page of a link for the product, or for the sign-in page."""
    _go("/")


def signed_in_user(now: datetime) -> UserView | None:
    """Who is signed in with this browser, also without a business."""
    token = _token()
    return accounts.user_of_session(token, now) if token else None


def show_new_link(place: str, address: str) -> None:
    """Let `new_link` return a link that its maker has to pass on. It is stored nowhere else."""
    st.session_state[_NEW_LINK + place] = address


def new_link(place: str) -> str | None:
    """The link that was made last at this place of the page."""
    link: str | None = st.session_state.get(_NEW_LINK + place)
    return link


def forget_new_link(place: str) -> None:
    """Show the link no more. For a callback."""
    st.session_state.pop(_NEW_LINK + place, None)


def switch_tenant(tenant_id: int, now: datetime) -> NoReturn:
    """Look at another tenant, from a fresh page: nothing of the first one stays in the tab.

    Raises:
        NotAllowed: the viewer is no member there.
    """
    token = _token()
    if token:
        accounts.switch_tenant(token, tenant_id, now)
    _go("/")


def browsers(viewer: Viewer, now: datetime) -> tuple[BrowserView, ...]:
    """Where the viewer is signed in, this browser first."""
    return accounts.browsers_of(viewer.user_id, _token() or "", now)


def client_address() -> str:
    """The network address of the browser; see `visitors.address_of`."""
    return visitors.stamped_address(st.context.headers)


def sign_out(now: datetime) -> None:
    """End the session at once; the run that follows finds it ended and leaves the page. For a callback."""
    token = _token()
    if token:
        accounts.revoke(token, now)


def leave_for_shopify(begun: str) -> NoReturn:
    """Leave for Shopify, to install the app; `begun` is what `install.begin` gave."""
    _go("/connect/go?" + urlencode({"state": begun}))


def tell(kind: str, text: str, place: str = "page") -> None:
    """Leave a message that `told` shows in the next run: it survives the rerun that shows the effect."""
    st.session_state[_TOLD + place] = (kind, text)


def told(place: str = "page") -> None:
    """Show the message that was left for this place, once. `kind` is success, info, warning or error."""
    message = st.session_state.pop(_TOLD + place, None)
    if message:
        kind, text = message
        getattr(st, kind)(text, icon=_ICONS[kind])


def fresh(form: str) -> str:
    """A key for widgets of this form that are to be empty again after `renew`: those that hold secrets."""
    return f"{form}-{st.session_state.get(_ROUND + form, 0)}"


def renew(form: str) -> None:
    """Empty the widgets whose keys came from `fresh`, from the next run on."""
    st.session_state[_ROUND + form] = st.session_state.get(_ROUND + form, 0) + 1


def _token() -> str | None:
    """The token this tab was opened with.

    It is kept for the tab's life: when the socket reconnects after somebody else signed in with the same browser,
    what was typed here must not turn into theirs.
    """
    if _TOKEN not in st.session_state:
        _leave_page_of_another()
        token = cookies.session_token(st.context.cookies.to_dict())
        if token is None:
            return None
        st.session_state[_TOKEN] = token
    kept: str = st.session_state[_TOKEN]
    return kept


def _leave_page_of_another() -> None:
    """Load the page afresh where it was opened by another user of this browser: its widgets hold what they typed."""
    context = get_script_run_ctx()
    if visitors.owners.is_refused_resume(st.context.headers):
        _go(_here())
    if context is not None:
        visitors.owners.note(context.session_id, st.context.headers)


def _show_door(token: str | None, now: datetime) -> NoReturn:
    from dashboard.parts import sign_in as door  # it calls sign_in() here

    if token is None:
        door.show(now)
    elif accounts.user_of(token, now) is not None:
        door.show_no_business(token, now)
    else:
        # The session has ended. A fresh page follows, so that nothing of it stays in the tab for whoever is next.
        _go("/auth/sign-out?" + urlencode({"next": _here()}))
    st.stop()


def _viewer(session: SessionView) -> Viewer:
    return Viewer(
        user_id=session.user_id,
        name=session.name,
        email=session.email,
        tenant_id=session.tenant_id,
        tenant_name=session.tenant_name,
        role=session.role,
        tenants=session.tenants,
        stores=stores.list_stores(session.tenant_id),
    )


def _here() -> str:
    """The address the browser shows, without the server: what the viewer wanted to see."""
    parts = urlsplit(st.context.url or "/")
    query = urlencode([(name, value) for name in st.query_params for value in st.query_params.get_all(name)])
    return f"{parts.path}?{query}" if query else parts.path


def _go(address: str) -> NoReturn:
    """Leave the page for an address of ours that is not a page: only a script of the browser can."""
    st.html(f'<script src="/auth/go.js" data-to="{escape(address)}"></script>', unsafe_allow_javascript=True)
    st.stop()
