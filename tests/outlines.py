"""Makes dashboard/components/map/outlines.js from the folder of the npm package world-atlas 2.0.2 (Natural Earth).

`npm pack world-atlas@2.0.2`, unpack it, and `python -m tests.outlines <folder>`. Nothing else needs it: its file
is part of the code.
"""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Any

from babel.core import get_global

TARGET = Path(__file__).parents[1] / "dashboard" / "components" / "map" / "outlines.js"
HEAD = """\
/* The outlines of countries, made by tests/outlines.py from Natural Earth (public domain), as packed in world-atlas
   2.0.2 (ISC): by ISO code, the path and the box (left, top, right, bottom) of the largest part. A country that is
   too small for an outline is a dot. */

"""
ANTARCTICA = "010"
WIDTH = 3000
"""Units across the world. An outline has no smaller steps, so it stays light."""
_A = (1.340264, -0.081106, 0.000893, 0.003796)
_M = sqrt(3) / 2
Point = tuple[int, int]


def main(folder: Path) -> None:
    """Write the file."""
    large, small = (json.loads((folder / f"countries-{scale}.json").read_text()) for scale in ("110m", "50m"))
    outlines = {code: outline(shape) for code, shape in shapes(large).items()}
    dots = {code: dot(shape) for code, shape in shapes(small).items() if code not in outlines}
    lines = [f"  {code}: {json.dumps(drawn)}," for code, drawn in sorted((outlines | dots).items())]
    TARGET.write_text(HEAD + "\n".join(["export const OUTLINES = {", *lines, "};\n"]), encoding="utf-8")


def project(longitude: float, latitude: float) -> Point:
    """The place on the map by the Equal Earth projection, which keeps areas comparable (Šavrič et al., 2018)."""
    t = asin(_M * sin(radians(latitude)))
    x = radians(longitude) * cos(t) / (_M * (_A[0] + 3 * _A[1] * t**2 + t**6 * (7 * _A[2] + 9 * _A[3] * t**2)))
    y = t * (_A[0] + _A[1] * t**2 + t**6 * (_A[2] + _A[3] * t**2))
    scale = WIDTH / 5.414
    return round(WIDTH / 2 + x * scale), round(0.245 * WIDTH - y * scale)


def shapes(atlas: dict[str, Any]) -> dict[str, list[list[Point]]]:
    """The outer rings of each country by its code of two letters."""
    arcs = [_decoded(arc, atlas["transform"]) for arc in atlas["arcs"]]
    aliases = get_global("territory_aliases")
    found: dict[str, list[list[Point]]] = {}
    for country in atlas["objects"]["countries"]["geometries"]:
        code = aliases.get(country.get("id", ""), [""])[0]
        if code and country["id"] != ANTARCTICA:
            polygons = country["arcs"] if country["type"] == "MultiPolygon" else [country["arcs"]]
            found[code] = [_ring(polygon[0], arcs) for polygon in polygons]
    return found


def outline(rings: list[list[Point]]) -> list[Any]:
    """The path of a country's rings, and the box of the largest."""
    drawn = [ring for ring in rings if len(ring) > 2] or rings[:1]
    largest = max(drawn, key=lambda ring: abs(_area(ring)))
    return ["".join(map(_path, drawn)), *_box(largest)]


def dot(rings: list[list[Point]]) -> list[Any]:
    """A dot in the middle of the largest ring."""
    left, top, right, bottom = _box(max(rings, key=len))
    x, y = (left + right) // 2, (top + bottom) // 2
    return [f"M{x - 5},{y}a5,5 0 1,0 10,0a5,5 0 1,0 -10,0Z", x - 5, y - 5, x + 5, y + 5]


def _decoded(arc: list[list[int]], transform: dict[str, list[float]]) -> list[Point]:
    x = y = 0
    points = []
    for step in arc:
        x, y = x + step[0], y + step[1]
        degrees = (
            value * by + start
            for value, by, start in zip((x, y), transform["scale"], transform["translate"], strict=True)
        )
        points.append(project(*degrees))
    return points


def _ring(indexes: list[int], arcs: list[list[Point]]) -> list[Point]:
    """The arcs one after another; a negative index is an arc backwards. Points at the same place are one."""
    points = [point for index in indexes for point in (arcs[index] if index >= 0 else arcs[~index][::-1])]
    kept = [point for point, before in zip(points, [None, *points[:-1]], strict=True) if point != before]
    return kept[:-1] if len(kept) > 1 and kept[0] == kept[-1] else kept


def _path(ring: list[Point]) -> str:
    """M120,80l3,-1,4,2Z: the first point, and the steps to the next ones."""
    steps = [f"{x - a},{y - b}" for (a, b), (x, y) in pairwise(ring)]
    return f"M{ring[0][0]},{ring[0][1]}l{' '.join(steps)}Z".replace(" -", "-").replace(",-", "-")


def _area(ring: list[Point]) -> float:
    return sum(a * y - x * b for (a, b), (x, y) in zip(ring, [*ring[1:], ring[0]], strict=True)) / 2


def _box(ring: list[Point]) -> tuple[int, int, int, int]:
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    return min(xs), min(ys), max(xs), max(ys)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
