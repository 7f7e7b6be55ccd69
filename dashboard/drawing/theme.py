"""The configured colours of the pages, light and dark: those of `.streamlit/config.toml`.

The server does not know which of the two the reader uses, so charts name colours by meaning
(`dashboard.drawing.plot`).
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

CONFIG = Path(__file__).parents[2] / ".streamlit" / "config.toml"


@cache
def configured(mode: str) -> dict[str, Any]:
    """The configured theme settings for "light" or "dark"."""
    theme: dict[str, Any] = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["theme"][mode]
    return theme
