"""What a reader chooses on Explore. The address keeps every choice, and a saved report fills them in."""

from __future__ import annotations

from typing import Final

import streamlit as st

from core.errors import InvalidInput, TooMuch
from core.metrics.explore import Dimension, Filter, Measure, Question
from core.metrics.explore.question import MOST_MEASURES, MOST_VALUES
from dashboard import reads
from dashboard.drawing.explore_words import DIMENSIONS, MEASURES, filter_options, key_of, option
from dashboard.drawing.words import sentence
from dashboard.filters import Filters
from dashboard.parts.explore.drill import AND_BY, BY, FIGURES, FILTER_PARAMETERS
from dashboard.state import forms

_BIND: Final = "query-params"
_NONE, _ALL = "Nothing else", "Everything"
_OPTIONS = 200
_FILTERABLE = [dimension for dimension in Dimension if not dimension.is_series and dimension is not Dimension.ORDER]


def draw_choices(filters: Filters) -> Question | None:
    """Draw the choices and return the question; None, with the reason on the page, where they make none."""
    measures = {label: measure for measure, label in MEASURES.items()}
    dimensions = {label: dimension for dimension, label in DIMENSIONS.items()}
    first, second, third = st.columns([2, 1, 1])
    chosen = first.multiselect(
        "Figures",
        list(measures),
        default=[MEASURES[Measure.NET_SALES], MEASURES[Measure.ORDERS]],
        max_selections=MOST_MEASURES,
        key=FIGURES,
        bind=_BIND,
    )
    by = second.selectbox("By", list(dimensions), index=list(DIMENSIONS).index(Dimension.PRODUCT), key=BY, bind=_BIND)
    and_by = third.selectbox("And by", [_NONE, *dimensions], key=AND_BY, bind=_BIND)
    narrowed = _draw_filters(filters)
    split = tuple(dimensions[label] for label in dict.fromkeys((by, and_by)) if label in dimensions)
    try:
        return Question(tuple(measures[label] for label in chosen if label in measures), split, narrowed)
    except InvalidInput as error:
        st.warning(sentence(error), icon=":material/checklist:")
        return None


def fill_choices(question: Question) -> None:
    """Fill in the choices of a saved report. A callback: a drawn widget keeps its entry."""
    by, and_by = (*(DIMENSIONS[each] for each in question.dimensions), _NONE)[:2]
    forms.fill(FIGURES, [MEASURES[measure] for measure in question.measures])
    forms.fill(BY, by)
    forms.fill(AND_BY, and_by)
    stored = dict(zip(FILTER_PARAMETERS, question.filters, strict=False))
    for names in FILTER_PARAMETERS:
        chosen = stored.get(names)
        forms.fill(names[0], DIMENSIONS[chosen.dimension] if chosen else _ALL)
        forms.fill(names[1], filter_options(chosen) if chosen else [])


def _draw_filters(filters: Filters) -> tuple[Filter, ...]:
    found: list[Filter] = []
    for number, (only, values) in enumerate(FILTER_PARAMETERS):
        if number > len(found):
            break
        labels = {DIMENSIONS[each]: each for each in _FILTERABLE if each not in [one.dimension for one in found]}
        left, right = st.columns([1, 3])
        label = left.selectbox("Only" if not number else "And only", [_ALL, *labels], key=only, bind=_BIND)
        dimension = labels.get(label)
        if dimension is None:
            break
        chosen = right.multiselect(
            f"Which {label.lower()}",
            _options(filters, dimension),
            key=values,
            bind=_BIND,
            accept_new_options=True,
            max_selections=MOST_VALUES,
            placeholder="Choose or type values",
        )
        keys = tuple(dict.fromkeys(key_of(dimension, each) for each in chosen))
        if keys:
            try:
                found.append(Filter(dimension, keys))
            except InvalidInput as error:
                st.warning(sentence(error), icon=":material/filter_alt:")
    return tuple(found)


def _options(filters: Filters, dimension: Dimension) -> list[str]:
    """The values of the period; none if there are too many to list in time, so that the reader types them."""
    try:
        values = reads.explore_values(*filters.cache_key, filters.period, dimension, _OPTIONS)
    except TooMuch:
        return []
    return [option(dimension, key, title) for key, title in values]
