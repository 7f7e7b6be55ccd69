"""Read the link by which a customer recovers a checkout: its token, and its part behind the host."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

_PATH = re.compile(r"/(?:[0-9]{1,19}/)?checkouts/(?:[a-z]{1,4}/)?([0-9A-Za-z_-]{6,100})/recover", re.ASCII)
_QUERY = re.compile(r"[0-9A-Za-z_.~%=&-]{0,1000}", re.ASCII)


class Recovery(NamedTuple):
    """The `token` of the checkout and the `path` of its link with the query; None where the link has another form."""

    token: str | None
    path: str | None


def recovery_of(link: str | None) -> Recovery:
    """Read a recovery link. Its host is dropped: pages link to the shop's own address at Shopify, and to no other."""
    try:
        parts = urlsplit(link or "")
    except ValueError:
        return Recovery(None, None)
    path = _PATH.fullmatch(parts.path)
    if parts.scheme != "https" or path is None or not _QUERY.fullmatch(parts.query):
        return Recovery(None, None)
    return Recovery(path[1], f"{parts.path}?{parts.query}" if parts.query else parts.path)
