"""Links that prove an email address to the person who has them: their form, and their secret.

The secret stands behind the "#", which browsers send to no server, so it is in no access log and no Referer. The page
at the link removes it from the address and sends it by POST.
"""

from __future__ import annotations

import re
from enum import StrEnum

from core.config import settings

LONGEST_TOKEN = 100
_TOKEN = re.compile(rf"[A-Za-z0-9_.-]{{1,{LONGEST_TOKEN}}}")


class LinkKind(StrEnum):
    """The purpose of a link."""

    INVITATION = "invitation"
    RESET = "reset"
    REGISTRATION = "registration"


def link_address(kind: LinkKind, token: str) -> str:
    """Return the link's address on the dashboard's public address."""
    return f"{settings().public_url.rstrip('/')}/auth/{kind}#{token}"


def is_token(text: str) -> bool:
    """Whether the text has the form of a link's secret."""
    return _TOKEN.fullmatch(text) is not None
