"""Links that prove something by being in hand: their address, and the secret in it.

The secret stands behind the "#", which browsers send to no server: it is in no access log and in no Referer. The page
that such a link opens takes it out of the address and hands it over by POST.
"""

from __future__ import annotations

import re
from enum import StrEnum

from core.config import settings

LONGEST_TOKEN = 100
_TOKEN = re.compile(rf"[A-Za-z0-9_.-]{{1,{LONGEST_TOKEN}}}")


class LinkKind(StrEnum):
    """What a link is for."""

    INVITATION = "invitation"
    RESET = "reset"
    REGISTRATION = "registration"


def link_address(kind: LinkKind, token: str) -> str:
    """The address to open, on the dashboard's public address."""
    return f"{settings().public_url.rstrip('/')}/auth/{kind}#{token}"


def is_token(text: str) -> bool:
    """Whether it has the form of a link's secret."""
    return _TOKEN.fullmatch(text) is not None
