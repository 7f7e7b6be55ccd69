"""The look: readable in light and in dark, and for those who see colours otherwise."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
import streamlit

from dashboard.drawing import theme

MODES = ("light", "dark")
TEXT, GRAPHICS = 4.5, 3.0
"""WCAG 2.2 AA: contrast of text, and of lines and controls, to what they stand on."""


def luminance(color: str) -> float:
    parts = [int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("mode", MODES)
def test_text_can_be_read_on_every_surface(mode: str) -> None:
    colors = theme.configured(mode)
    for surface in ("backgroundColor", "secondaryBackgroundColor"):
        for words in ("textColor", "linkColor", "greenTextColor", "redTextColor"):
            assert contrast(colors[words], colors[surface]) >= TEXT, (words, surface)


def faded(color: str, surface: str) -> str:
    """Text at 60 %, as Streamlit writes captions and placeholders."""
    pairs = [(int(color[n : n + 2], 16), int(surface[n : n + 2], 16)) for n in (1, 3, 5)]
    return "#" + "".join(f"{round(0.6 * text + 0.4 * ground):02x}" for text, ground in pairs)


@pytest.mark.parametrize("mode", MODES)
def test_captions_and_placeholders_can_be_read_in_the_page_its_entries_and_the_sidebar(mode: str) -> None:
    colors = theme.configured(mode)
    surfaces = [
        place[key] for place in (colors, colors["sidebar"]) for key in place if key.endswith("ackgroundColor")
    ]
    for surface in surfaces:
        assert contrast(faded(colors["textColor"], surface), surface) >= TEXT, surface


@pytest.mark.parametrize("mode", MODES)
def test_white_can_be_read_on_the_main_button_and_the_button_be_seen(mode: str) -> None:
    colors = theme.configured(mode)
    assert contrast(colors["primaryColor"], "#ffffff") >= TEXT
    assert contrast(colors["primaryColor"], colors["backgroundColor"]) >= GRAPHICS


@pytest.mark.parametrize("mode", MODES)
def test_every_chart_colour_can_be_seen(mode: str) -> None:
    colors = theme.configured(mode)
    for color in colors["chartCategoricalColors"]:
        assert contrast(color, colors["backgroundColor"]) >= GRAPHICS, color


@pytest.mark.parametrize("mode", MODES)
def test_texts_in_charts_can_be_read(mode: str) -> None:
    colors = theme.configured(mode)
    assert contrast(colors["chartCategoricalColors"][6], colors["backgroundColor"]) >= TEXT
    axis = theme.layout(100)["xaxis"]["tickfont"]
    assert axis == {"color": theme.TEXT} == {"color": "#000007"}, "the seventh colour"


@pytest.mark.parametrize("mode", MODES)
def test_the_three_meanings_of_colour_differ_for_those_who_do_not_see_red_or_green(mode: str) -> None:
    """By blue and lightness alone: what is left to dichromats of the red-green kind."""
    meanings = theme.configured(mode)["chartCategoricalColors"][:3]
    for one, other in combinations(meanings, 2):
        blue = abs(int(one[5:7], 16) - int(other[5:7], 16)) / 255
        assert blue > 0.1 or contrast(one, other) > 1.3, (one, other)


def test_colours_are_named_by_placeholders_that_the_browser_still_replaces() -> None:
    """The contract with Streamlit: its frontend knows these placeholders; a release that drops them fails here."""
    static = Path(streamlit.__file__).parent / "static" / "static" / "js"
    scripts = "".join(path.read_text(encoding="utf-8") for path in static.glob("*.js") if "lotly" in path.name)
    assert scripts, "Streamlit's plotly chart is built into another file"
    for placeholder in (*theme.SERIES, theme.TEXT):
        assert placeholder in scripts


def test_charts_have_no_background_of_their_own() -> None:
    layout = theme.template().layout
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0, 0, 0, 0)"
