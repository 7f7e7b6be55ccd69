"""The map of sales by country: darker where more was sold, and drawn as large as its larger countries need."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

from dashboard.drawing import world_map
from dashboard.drawing.world_map import Area

AREAS = (
    Area("DE", "Germany", Decimal(900), "€900"),
    Area("AT", "Austria", Decimal(90), "€90"),
    Area("AU", "Australia", Decimal(10), "€10"),
    Area("FR", "France", Decimal(-50), "−€50"),
)
OUTLINES = Path(world_map.__file__).parents[1] / "components" / "map" / "outlines.js"


def test_more_sales_are_darker_and_a_country_that_only_returned_has_a_colour_of_its_own() -> None:
    areas = {area["code"]: area for area in world_map.payload("Sales by country", AREAS, ())["areas"]}
    assert areas["DE"]["share"] == 1
    assert areas["DE"]["share"] > areas["AT"]["share"] > areas["AU"]["share"] > 0.15
    assert (areas["FR"]["tone"], areas["FR"]["share"]) == ("lost", 0)


def test_a_single_parcel_overseas_does_not_shrink_the_map() -> None:
    areas = world_map.payload("Sales by country", AREAS, ())["areas"]
    assert [area["code"] for area in areas if area["is_large"]] == ["DE", "AT"]


def test_a_map_without_sales_has_no_large_country() -> None:
    areas = world_map.payload("Sales by country", AREAS[3:], ())["areas"]
    assert not areas[0]["is_large"]


def test_large_countries_have_an_outline_and_small_ones_a_dot() -> None:
    outlines = dict(re.findall(r'^  ([A-Z]{2}): \["([^"]+)"', OUTLINES.read_text(encoding="utf-8"), re.MULTILINE))
    assert len(outlines) > 220
    assert {"DE", "FR", "NO", "US", "TW"} <= {code for code, path in outlines.items() if "l" in path}
    assert "a5,5" in outlines["SG"]
    assert "a5,5" in outlines["MT"]
    assert "AQ" not in outlines
