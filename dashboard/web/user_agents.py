"""Names a browser and its system from the User-Agent header. Pure."""

from __future__ import annotations

import re

# The first match counts: most browsers also name those further down.
_BROWSERS = (
    ("Edge", r"\bEdgA?(iOS)?/"),
    ("Opera", r"\b(OPR|Opera)/"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Firefox", r"\b(Firefox|FxiOS)/"),
    ("Chrome", r"\b(HeadlessChrome|Chrome|CriOS|Chromium)/"),
    ("Safari", r"\bVersion/[\d.]+.* Safari/"),
)
_SYSTEMS = (
    ("iPhone", r"\biPhone\b"),
    ("iPad", r"\biPad\b"),
    ("Android", r"\bAndroid\b"),
    ("Windows", r"\bWindows\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("Mac", r"\bMac OS X\b|\bMacintosh\b"),
    ("Linux", r"\bLinux\b"),
)


def browser_name(user_agent: str) -> str:
    """Such as "Firefox on Windows"; "Unknown browser" if the header names neither."""
    browser, system = _first(_BROWSERS, user_agent), _first(_SYSTEMS, user_agent)
    if browser and system:
        return f"{browser} on {system}"
    return browser or (f"Browser on {system}" if system else "Unknown browser")


def _first(names: tuple[tuple[str, str], ...], user_agent: str) -> str | None:
    return next((name for name, pattern in names if re.search(pattern, user_agent)), None)
