"""The chart of a question of Explore by two dimensions: the values with most of the first figure, as series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from core.errors import InvalidInput
from core.metrics.explore import Dimension, Filter, Question, ResultKey, own_sort
from core.metrics.sorting import Sort
from dashboard import reads
from dashboard.drawing import explore_chart, explore_words, formats, split_figure
from dashboard.drawing.split_figure import MOST_GROUPS, MOST_SERIES, Axes, Key
from dashboard.drawing.words import plain
from dashboard.filters import Filters
from dashboard.parts.card_head import draw_head

_MOST_POINTS = 2_400
"""Points of all series: a browser draws no more of them at once."""
_HOURS = 24
_CONFIG = {"displayModeBar": False}


def draw_split_chart(question: Question, filters: Filters, csv: str) -> None:
    """Draw the chart; nothing where single orders are asked for, or no row is found.

    Raises:
        TooMuch: it takes too long.
    """
    if Dimension.ORDER in question.dimensions:
        return
    measure, (along, split) = question.measures[0], split_figure.dimensions_of(question.dimensions)
    along_keys, _ = _keys(question, along, MOST_GROUPS, filters)
    split_keys, count = _keys(
        question, split, min(MOST_SERIES, max(1, _MOST_POINTS // (len(along_keys) or 1))), filters
    )
    narrowed = _narrowed(question, {split: split_keys} | ({} if along.is_series else {along: along_keys}))
    if narrowed is None:
        return
    answer = reads.explore(*filters.cache_key, filters.period, narrowed, own_sort(narrowed), _MOST_POINTS)
    if not answer.rows:
        return
    name = explore_words.title(replace(question, measures=(measure,)))
    axes = Axes(along, split, along_keys, split_keys)
    with st.container(border=True):
        draw_head(name, csv)
        st.plotly_chart(
            split_figure.figure(axes, question.dimensions, answer.rows, measure, filters.currency),
            config=_CONFIG,
            alt=f"{name}, {formats.period(filters.period)}",
            key="split chart",
        )
        cut = _cut(along, along_keys, filters)
        hidden = f"The {len(split_keys)} largest of {formats.count(count)}. " if count > len(split_keys) else ""
        clicks = "Click a name to hide its series, double-click to see it alone. The table has all."
        st.caption(plain(f"{cut}{hidden}{clicks}"))


def _keys(question: Question, dimension: Dimension, most: int, filters: Filters) -> tuple[list[Key], int]:
    """The keys that are drawn, and how many there are: all days, weeks or months, else those with most of it."""
    if dimension.is_series:
        places: list[Key] = list(explore_chart.places(dimension, filters.period))
        return places, len(places)
    measure = question.measures[0]
    only = Question((measure,), (dimension,), question.filters)
    most_first = Sort(ResultKey(measure), is_descending=True)
    answer = reads.explore(*filters.cache_key, filters.period, only, most_first, most, 0)
    keys = [row.keys[0] for row in answer.rows]
    return sorted(keys, key=lambda key: int(key or 0)) if dimension.is_time else keys, answer.count


def _cut(along: Dimension, keys: Sequence[Key], filters: Filters) -> str:
    """Name the days, weeks or months that are not complete, whose lines fall for this alone."""
    if not along.is_series:
        return ""
    dates = [key for key in keys if key is not None]
    is_open = explore_chart.open_places(along, filters.period, dates, filters.now)
    names = [explore_words.value_name(along, key) for key, is_cut in zip(dates, is_open, strict=True) if is_cut]
    return f"Not complete: {formats.listed(names)}. " if names else ""


def _narrowed(question: Question, keys: Mapping[Dimension, Sequence[Key]]) -> Question | None:
    """The question for the first figure and these keys alone; None if a filter cannot name them."""
    others = tuple(each for each in question.filters if each.dimension not in keys)
    try:
        filters = tuple(Filter(dimension, tuple(values)) for dimension, values in keys.items())
        return Question(question.measures[:1], question.dimensions, (*others, *filters))
    except InvalidInput:
        return None
