"""The cookies of the dashboard, none readable by scripts: the session's token, the nonce before it, known devices.

The nonce is what a sign-in is bound to: a link that signs somebody else's browser in finds no matching nonce there.
A device's cookie stays after signing out: it lets the browser sign in while strangers guess at the same address.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import HTTPConnection
from starlette.responses import Response

from core.accounts import LinkKind, devices
from core.config import settings


def session_cookie() -> str:
    """The name of the session's cookie.

    Over https it has the prefix that makes browsers refuse it from a subdomain or without Secure.
    """
    return "__Host-xeno" if settings().secure_cookies else "xeno"


def nonce_cookie() -> str:
    """The name of the nonce's cookie."""
    return "__Host-xeno-nonce" if settings().secure_cookies else "xeno-nonce"


def device_cookie(label: str) -> str:
    """The name of the cookie of one user's known browser; `label` is what `devices.cookie_label` says."""
    return f"__Host-xeno-device-{label}" if settings().secure_cookies else f"xeno-device-{label}"


def device_token(cookies: Mapping[str, str], email: str) -> str:
    """The device token that the browser has for the user of this email address; empty without one."""
    return cookies.get(device_cookie(devices.cookie_label(email)), "")


def keep_device(response: Response, label: str, token: str) -> None:
    """Let the browser be known to this user at the next sign-in."""
    _set(response, device_cookie(label), token, max_age=int(devices.TRUST_LIFE.total_seconds()), same_site="lax")


def session_token(cookies: Mapping[str, str]) -> str | None:
    """The session's token among the cookies of a request; None when there is none."""
    return cookies.get(session_cookie()) or None


def link_cookie(kind: LinkKind) -> str:
    """The name of the cookie that holds the token of a link, after the page took it out of the address."""
    return f"__Host-xeno-link-{kind}" if settings().secure_cookies else f"xeno-link-{kind}"


def keep_link(response: Response, kind: LinkKind, token: str) -> None:
    """Let the browser keep the token of a link for an hour, which is enough to fill in its page."""
    _set(response, link_cookie(kind), token, max_age=3600, same_site="lax")


def link_token(cookies: Mapping[str, str], kind: LinkKind) -> str:
    """The token of the link of this kind that the browser opened last; empty when it keeps none."""
    return cookies.get(link_cookie(kind), "")


def keep_session(response: Response, token: str) -> None:
    """Let the browser keep the token for as long as the session may last."""
    _set(response, session_cookie(), token, max_age=settings().session_days * 86_400, same_site="lax")


def drop_session(response: Response) -> None:
    """Let the browser forget the token."""
    _set(response, session_cookie(), "", max_age=0, same_site="lax")


def keep_nonce(response: Response, nonce: str) -> None:
    """Let the browser keep the nonce until it is closed."""
    _set(response, nonce_cookie(), nonce, max_age=None, same_site="strict")


def has_nonce(connection: HTTPConnection) -> bool:
    """Whether the browser has a nonce already: it keeps the one it has, which other tabs may be using."""
    return bool(connection.cookies.get(nonce_cookie()))


def _set(response: Response, name: str, value: str, max_age: int | None, same_site: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        path="/",
        secure=settings().secure_cookies,
        httponly=True,
        samesite=same_site,  # type: ignore[arg-type]  # one of Starlette's literals
    )
