"""The cookies of the dashboard, none readable by scripts: session token, sign-in nonce, link tokens, known devices.

The chosen appearance is the exception, because a script applies it.

A sign-in is bound to the nonce, so a link cannot sign in another browser. The cookie of a device stays after signing
out: it lets this browser sign in while somebody guesses passwords for the same email address.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import HTTPConnection
from starlette.responses import Response

from core.accounts import LinkKind, Theme, devices
from core.config import settings


def session_cookie() -> str:
    """The name of the session's cookie.

    Over https it has a prefix: with it, browsers refuse the cookie from a subdomain or without Secure.
    """
    return "__Host-xeno" if settings().secure_cookies else "xeno"


def nonce_cookie() -> str:
    """The name of the nonce's cookie."""
    return "__Host-xeno-nonce" if settings().secure_cookies else "xeno-nonce"


def device_cookie(label: str) -> str:
    """The name of the cookie of a user's known browser; `label` is of `devices.cookie_label`."""
    return f"__Host-xeno-device-{label}" if settings().secure_cookies else f"xeno-device-{label}"


def device_token(cookies: Mapping[str, str], email: str) -> str:
    """The device token that the browser has for the user of this email address; empty without one."""
    return cookies.get(device_cookie(devices.cookie_label(email)), "")


def keep_device(response: Response, label: str, token: str) -> None:
    """Make the browser keep the device token of this user."""
    _set_cookie(
        response, device_cookie(label), token, max_age=int(devices.TRUST_LIFE.total_seconds()), same_site="lax"
    )


def session_token(cookies: Mapping[str, str]) -> str | None:
    """The session token of a request; None without one."""
    return cookies.get(session_cookie()) or None


def link_cookie(kind: LinkKind) -> str:
    """The name of the cookie with the token of a link."""
    return f"__Host-xeno-link-{kind}" if settings().secure_cookies else f"xeno-link-{kind}"


def keep_link(response: Response, kind: LinkKind, token: str) -> None:
    """Make the browser keep the token of a link for an hour: enough to fill in its page."""
    _set_cookie(response, link_cookie(kind), token, max_age=3600, same_site="lax")


def link_token(cookies: Mapping[str, str], kind: LinkKind) -> str:
    """The token of the last opened link of this kind; empty without one."""
    return cookies.get(link_cookie(kind), "")


def keep_session(response: Response, token: str) -> None:
    """Make the browser keep the session token for the life of a session."""
    _set_cookie(response, session_cookie(), token, max_age=settings().session_days * 86_400, same_site="lax")


def drop_session(response: Response) -> None:
    """Make the browser delete the session token."""
    _set_cookie(response, session_cookie(), "", max_age=0, same_site="lax")


def theme_cookie() -> str:
    """The name of the cookie with the chosen appearance."""
    return "__Host-xeno-theme" if settings().secure_cookies else "xeno-theme"


def theme(cookies: Mapping[str, str]) -> Theme:
    """The appearance that the browser keeps; the system's without one."""
    kept = cookies.get(theme_cookie(), "")
    return Theme(kept) if kept in set(Theme) else Theme.SYSTEM


def keep_theme(response: Response, theme: Theme) -> None:
    """Make the browser keep the appearance, also signed out. The script before Streamlit's reads this cookie."""
    _set_cookie(response, theme_cookie(), theme, max_age=365 * 86_400, same_site="lax", is_hidden=False)


def keep_nonce(response: Response, nonce: str) -> None:
    """Make the browser keep the nonce until it is closed."""
    _set_cookie(response, nonce_cookie(), nonce, max_age=None, same_site="strict")


def has_nonce(connection: HTTPConnection) -> bool:
    """Whether the browser has a nonce. It must keep that one, because other tabs may be using it."""
    return bool(connection.cookies.get(nonce_cookie()))


def _set_cookie(
    response: Response, name: str, value: str, max_age: int | None, same_site: str, is_hidden: bool = True
) -> None:
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        path="/",
        secure=settings().secure_cookies,
        httponly=is_hidden,
        samesite=same_site,  # type: ignore[arg-type]  # one of Starlette's literals
    )
