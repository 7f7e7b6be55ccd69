"""Amounts by country as a map above their list, for the component `dashboard/components/map`. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dashboard.drawing import bar_list
from dashboard.drawing.bar_list import Bar

LARGE = Decimal("0.03")
"""The share from which a country widens the map: one parcel to Australia shall not shrink a European store's map."""
_PALEST = 0.15


@dataclass(frozen=True, slots=True)
class Area:
    """A country by its ISO code of two letters, with its amount as a number and as text."""

    code: str
    name: str
    amount: Decimal
    text: str


def payload(label: str, areas: Sequence[Area], bars: Sequence[Bar]) -> dict[str, Any]:
    """The data of the component: the more a country sold, the darker it is; `label` names map and list."""
    most = max((area.amount for area in areas), default=Decimal(0))
    total = sum((max(area.amount, Decimal(0)) for area in areas), Decimal(0))
    return {
        "label": f"Map of {label.lower()}. The list below has all its figures.",
        "areas": [_area(area, most, total) for area in areas],
        "list": bar_list.payload(label, bars),
    }


def _area(area: Area, most: Decimal, total: Decimal) -> dict[str, Any]:
    # By the square root: where one country sells nearly all, the others could not be distinguished.
    share = float(area.amount / most) ** 0.5 if area.amount > 0 else 0
    return {
        "code": area.code,
        "name": area.name,
        "text": area.text,
        "tone": "lost" if area.amount < 0 else "sold",
        "share": round(_PALEST + (1 - _PALEST) * share, 3) if area.amount > 0 else 0,
        "is_large": total > 0 and area.amount / total >= LARGE,
    }
