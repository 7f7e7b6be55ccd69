"""Countries by name. Pure."""

from __future__ import annotations

from dashboard.drawing.formats import LOCALE


def country_name(country: str | None) -> str | None:
    """DE → Germany. A country without a known code, as an imported file may have it, is its own name."""
    name: str | None = LOCALE.territories.get(country or "", country)
    return name
