"""Amounts by name as bars, for the component `dashboard/components/bars`. Pure.

Each bar has its amount beside it, so no reader needs its length or colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Bar:
    """A name with its amount; `href` is the page that it opens, `note` a small line below it.

    `tone` colours the text: "good", "bad" or neither. A negative amount has a bar of another colour.
    """

    name: str
    amount: Decimal
    text: str
    href: str | None = None
    note: str = ""
    tone: str = ""


def payload(label: str, bars: Sequence[Bar]) -> dict[str, Any]:
    """The data of the component: the longest bar has the whole width. `label` names the list for screen readers."""
    longest = max((abs(bar.amount) for bar in bars), default=Decimal(0))
    return {"label": label, "bars": [_bar(bar, longest) for bar in bars]}


def _bar(bar: Bar, longest: Decimal) -> dict[str, Any]:
    return {
        "name": bar.name,
        "text": bar.text,
        "note": bar.note,
        "href": bar.href,
        "tone": bar.tone,
        "is_negative": bar.amount < 0,
        "size": round(float(abs(bar.amount) / longest), 4) if longest else 0,
    }
