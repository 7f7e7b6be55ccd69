"""The routes of links for invitations, resets and registrations: they move the secret from the address to a cookie.

The secret stands behind the "#", so it reaches no server log and no Referer. A script removes it from the address and
the history, and posts it here. The answer sets it as an HttpOnly cookie for the page at the root. Mail scanners open
links but run no scripts, so they use up no link.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from core.accounts import LinkKind
from core.accounts.links import LONGEST_TOKEN, is_token
from dashboard.web import cookies

_NO_STORE = {"Cache-Control": "no-store"}
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="referrer" content="no-referrer">
<title>Xeno</title>
<script src="/auth/link.js" defer></script>
<p>One moment …</p>
<noscript>Xeno needs JavaScript: switch it on, then open the link again.</noscript>
</html>
"""
_SCRIPT = """const kind = location.pathname.split('/').pop();
const token = location.hash.slice(1);
const page = '/?link=' + encodeURIComponent(kind);
history.replaceState(null, '', location.pathname);
const kept = token ? fetch(location.pathname, {method: 'POST', body: token, credentials: 'same-origin'})
                   : Promise.resolve();
kept.finally(() => location.replace(page));
"""


async def link(request: Request) -> Response:
    """Answer GET with the page, which holds no secret; keep the token of a POST as a cookie, unchecked until used."""
    if request.method != "POST":
        return HTMLResponse(_PAGE, headers=_NO_STORE)
    body = b""
    async for chunk in request.stream():
        body += chunk
        # Anybody may post here, so the body is refused before it fills the memory.
        if len(body) > LONGEST_TOKEN:
            return PlainTextResponse("This is not a link of Xeno.\n", status_code=413, headers=_NO_STORE)
    token = body.decode("ascii", "replace")
    if not is_token(token):
        return PlainTextResponse("This is not a link of Xeno.\n", status_code=400, headers=_NO_STORE)
    response = Response(status_code=204, headers=_NO_STORE)
    cookies.keep_link(response, LinkKind(request.url.path.rpartition("/")[2]), token)
    return response


def link_script(_request: Request) -> Response:
    """Send the script of the page."""
    return Response(_SCRIPT, media_type="text/javascript", headers={"Cache-Control": "public, max-age=86400"})


routes = [
    Route("/auth/link.js", link_script, methods=["GET"]),
    *(Route(f"/auth/{kind}", link, methods=["GET", "POST"]) for kind in LinkKind),
]
