"""Where a row of Explore opens: the orders that it is made of, in the same figures. Pure.

The address asks the same question with the row as filters, split by order. So its totals are the row's figures, and
its rows add up to them where the figure can be added up. A day, week or month becomes the period of the address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from urllib.parse import urlencode

from core.domain.periods import Grain, Period, bucket
from core.errors import InvalidInput
from core.metrics.explore import Dimension, Filter, Question
from dashboard.addresses import FILTERS
from dashboard.drawing.explore_words import DIMENSIONS, MEASURES, key_of, option
from dashboard.filters import CUSTOM

FILTER_PARAMETERS = (("only", "are"), ("only2", "are2"), ("only3", "are3"), ("only4", "are4"))
"""The parameters of each filter: its dimension, and its values."""
FIGURES, BY, AND_BY = "figures", "by", "and_by"
_GRAINS = {Dimension.DAY: Grain.DAY, Dimension.WEEK: Grain.WEEK, Dimension.MONTH: Grain.MONTH}


def orders_address(
    question: Question,
    keys: Sequence[str | None],
    titles: Sequence[str | None],
    period: Period,
    query: Mapping[str, str],
) -> str | None:
    """The address of the orders behind a row of these `keys`; None where no address says exactly this row.

    `query` is that of the page. A text that the page would read as another value, such as a tag with the name of a
    row without one, has no address.
    """
    narrowed = _narrowed(question, keys)
    if narrowed is None:
        return None
    named = dict(zip(question.dimensions, titles, strict=True))
    pairs = [(name, value) for name, value in query.items() if name in FILTERS and value]
    start, end = _days(question, keys, period)
    if (start, end) != (period.start, period.end):
        pairs = [(name, value) for name, value in pairs if name not in ("range", "start", "end")]
        pairs += [("range", CUSTOM), ("start", start.isoformat()), ("end", end.isoformat())]
    pairs += [(FIGURES, MEASURES[measure]) for measure in question.measures]
    pairs.append((BY, DIMENSIONS[Dimension.ORDER]))
    for (only, are), chosen in zip(FILTER_PARAMETERS, narrowed, strict=False):
        pairs.append((only, DIMENSIONS[chosen.dimension]))
        for key in chosen.values:
            text = option(chosen.dimension, key, named.get(chosen.dimension) or key)
            if key_of(chosen.dimension, text) != key:
                return None
            pairs.append((are, text))
    return f"/explore?{urlencode(pairs)}"


def _narrowed(question: Question, keys: Sequence[str | None]) -> tuple[Filter, ...] | None:
    """The filters of the question with the row's values; None if they are too many for the page."""
    chosen = {each.dimension: each for each in question.filters}
    for dimension, key in zip(question.dimensions, keys, strict=True):
        if not dimension.is_series:
            chosen[dimension] = Filter(dimension, (key,))
    try:
        return Question(question.measures, (Dimension.ORDER,), tuple(chosen.values())).filters
    except InvalidInput:
        return None


def _days(question: Question, keys: Sequence[str | None], period: Period) -> tuple[date, date]:
    """The days of the row: those of its day, week or month that are in the period."""
    start, end = period.start, period.end
    for dimension, key in zip(question.dimensions, keys, strict=True):
        if dimension in _GRAINS and key is not None:
            first = date.fromisoformat(key)
            start = max(start, first)
            end = min(end, _last(first, _GRAINS[dimension]))
    return start, end


def _last(first: date, grain: Grain) -> date:
    days = {Grain.DAY: 1, Grain.WEEK: 7}.get(grain, 31)
    return bucket(first + timedelta(days=days), grain) - timedelta(days=1)
